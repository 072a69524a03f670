import Engine
import Logging
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
    private let leases: LeaseKeeper
    private let logger: Logger
    private let news = Mutex<[News]>([])
    private let held = Mutex<Set<Int>>([])

    init(
        settings: Settings, rounds: RoundRunner, listener: WakeListener, leases: LeaseKeeper, logger: Logger
    ) {
        self.settings = settings
        self.rounds = rounds
        self.listener = listener
        self.leases = leases
        self.logger = logger
    }

    func tell(_ item: News) { news.withLock { $0.append(item) } }

    /// Partitions that this loop works on now.
    var partitions: Set<Int> { held.withLock { $0 } }

    func run() async throws {
        var owned: [Int: OwnedPartition] = [:]
        var returning = Returning()
        var busy = false
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            await takeNews(&owned, &returning)
            // A busy loop lets a batch form; what wakes others is heard all the same, or they would wait for its end.
            if busy { try? await Task.sleep(for: settings.gathering) }
            let woken = await listener.next(within: busy ? .zero : wait(owned))
            for number in woken { owned[number]?.mayHaveElements = true }
            await takeNews(&owned, &returning)
            busy = await round(&owned)
        }
        returning.partitions.formUnion(owned.keys)
        returning.nextTry = .now
        await giveBack(&returning)
    }

    /// Partitions that are to be given back, and when to try (again).
    private struct Returning {
        var partitions: Set<Int> = []
        var nextTry = ContinuousClock.now
    }

    private func takeNews(_ owned: inout [Int: OwnedPartition], _ returning: inout Returning) async {
        let items = news.withLock { items in
            defer { items = [] }
            return items
        }
        for item in items {
            switch item {
            case .taken(let lease):
                // One that the loop has anew by itself is further than what was told.
                if let own = owned[lease.partition], own.fence >= lease.fence { continue }
                owned[lease.partition] = OwnedPartition(
                    lease, keys: rounds.keys, partitions: rounds.partitions)
                returning.partitions.remove(lease.partition)
            case .lost(let number):
                // Unless the loop has taken it anew meanwhile.
                if let own = owned[number], leases.fence(of: number) != own.fence { owned[number] = nil }
            case .surplus(let number):
                owned[number] = nil
                returning.partitions.insert(number)
            }
        }
        if !items.isEmpty { held.withLock { $0 = Set(owned.keys) } }
        await giveBack(&returning)
    }

    /// Gives back until it succeeds: a lease that is kept and not worked on would keep everybody away.
    private func giveBack(_ returning: inout Returning) async {
        if returning.partitions.isEmpty || returning.nextTry > .now { return }
        do {
            try await leases.giveBack(returning.partitions.sorted())
            returning = Returning()
        } catch {
            logger.warning("partitions could not be given back yet", metadata: ["error": "\(error)"])
            returning.nextTry = .now + settings.idle
        }
    }

    /// How long nothing can be due: until the earliest timer, at most the slow poll.
    private func wait(_ owned: [Int: OwnedPartition]) -> Duration {
        let plans = rounds.plans
        let isBusy = owned.values.contains { partition in
            partition.mayHaveElements || !partition.walks.isEmpty || partition.isClockOnItsWay(plans)
        }
        if isBusy { return .zero }
        guard let earliest = owned.values.compactMap(\.nextLook).min() else { return settings.idle }
        let milliseconds = max(0, earliest - rounds.clock())
        return min(settings.idle, .milliseconds(milliseconds))
    }

    /// One round over the partitions that have something to do. True when more is likely to come at once.
    private func round(_ owned: inout [Int: OwnedPartition]) async -> Bool {
        let now = rounds.clock()
        let active = owned.values.filter { partition in
            partition.mayHaveElements || partition.isUncertain || !partition.walks.isEmpty
                || partition.isClockOnItsWay(rounds.plans) || (partition.nextLook ?? .max) <= now
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

/// All loops of the process: told to stop, they stop side by side, so that their last waits do not add up.
struct EngineLoops: Service {
    let loops: [EngineLoop]

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for loop in loops { group.addTask { try await loop.run() } }
            try await group.waitForAll()
        }
    }
}
