import Engine
import Models
import Queues
import ServiceLifecycle
import Synchronization

/// Runs the engine over its share of this replica's partitions: read, compute, commit, again and again.
///
/// Several loops run side by side, as many as there are cores; a partition belongs to one of them.
final class EngineLoop: Service {
    /// What the lease keeper tells a loop.
    enum News: Sendable {
        case taken(HeldLease)
        /// Another owner has it, or may have: stop at once.
        case lost(Int)
        /// Another replica shall have it: finish the round, then give it back.
        case surplus(Int)
    }

    struct Settings: Sendable {
        /// How long a busy loop waits so that a batch can form.
        var gathering: Duration = .milliseconds(2)
        /// Elements a partition below which a busy loop waits.
        var gatheringBelow = 16
        /// Longest wait for a wake-up.
        var idle: Duration = .seconds(1)
        /// Timers read of a partition at once, where many are due.
        static let timersMax = 512
        /// Instances of a stopped version led out in one commit.
        var walkPiece = 200
    }

    private let settings: Settings
    private let rounds: RoundRunner
    private let listener: WakeListener
    private let giveBack: @Sendable ([Int]) async -> Void
    private let news = Mutex<[News]>([])
    private let held = Mutex<Set<Int>>([])

    init(
        settings: Settings, rounds: RoundRunner, listener: WakeListener,
        giveBack: @escaping @Sendable ([Int]) async -> Void
    ) {
        self.settings = settings
        self.rounds = rounds
        self.listener = listener
        self.giveBack = giveBack
    }

    func tell(_ item: News) { news.withLock { $0.append(item) } }

    /// Partitions that this loop works on now.
    var partitions: Set<Int> { held.withLock { $0 } }

    func run() async throws {
        var owned: [Int: OwnedPartition] = [:]
        var busy = false
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            await takeNews(&owned)
            if busy {
                try? await Task.sleep(for: settings.gathering)
            } else {
                let woken = await listener.next(within: wait(owned))
                for number in woken { owned[number]?.mayHaveElements = true }
                await takeNews(&owned)
            }
            busy = await round(&owned)
        }
        await giveBack(Array(owned.keys))
    }

    private func takeNews(_ owned: inout [Int: OwnedPartition]) async {
        let items = news.withLock { items in
            defer { items = [] }
            return items
        }
        var surplus: [Int] = []
        for item in items {
            switch item {
            case .taken(let lease): owned[lease.partition] = OwnedPartition(lease, keys: rounds.keys)
            case .lost(let number): owned[number] = nil
            case .surplus(let number): if owned.removeValue(forKey: number) != nil { surplus.append(number) }
            }
        }
        if !items.isEmpty { held.withLock { $0 = Set(owned.keys) } }
        if !surplus.isEmpty { await giveBack(surplus) }
    }

    /// How long nothing can be due: until the earliest timer, at most the slow poll.
    private func wait(_ owned: [Int: OwnedPartition]) -> Duration {
        if owned.values.contains(where: { $0.mayHaveElements || !$0.walks.isEmpty }) { return .zero }
        guard let earliest = owned.values.compactMap(\.nextTimer).min() else { return settings.idle }
        let milliseconds = max(0, earliest - rounds.clock())
        return min(settings.idle, .milliseconds(milliseconds))
    }

    /// One round over the partitions that have something to do. True when more is likely to come at once.
    private func round(_ owned: inout [Int: OwnedPartition]) async -> Bool {
        let now = rounds.clock()
        let active = owned.values.filter { partition in
            partition.mayHaveElements || partition.isUncertain || !partition.walks.isEmpty
                || (partition.nextTimer ?? .max) <= now
        }
        if active.isEmpty { return false }
        let outcome = await rounds.run(active, settings: settings)
        if outcome.isInterrupted { try? await Task.sleep(for: .milliseconds(100)) }
        for number in outcome.lost { owned[number] = nil }
        for partition in outcome.partitions { owned[partition.number] = partition }
        if !outcome.lost.isEmpty { held.withLock { $0 = Set(owned.keys) } }
        return outcome.elements > 0 && outcome.elements < settings.gatheringBelow * active.count
    }
}
