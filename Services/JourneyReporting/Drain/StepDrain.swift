import Logging
import Metrics
import Models
import Queues
import ServiceLifecycle
import Synchronization

/// Moves step events from the partitions' lists into the store: read the heads, store them in one transaction, trim
/// what is stored. What is stored twice over a crash is passed over by its fence and commit number.
final class StepDrain: Service {
    struct Settings: Sendable {
        /// Commits taken from one partition at a time.
        var elementsMax = 256
        /// How long to wait between two drains, so that a transaction holds many.
        var every: Duration = .milliseconds(250)
    }

    private let queue: StepsQueue
    private let listener: WakeListener
    private let store: any StepStore
    private let board: LiveBoard
    private let leader: DrainLeader
    private let tidying: StoreTidying
    private let partitions: Int
    private let settings: Settings
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let stored = Mutex<Int64>(0)
    private let drained = Counter(label: "sojourn_steps_drained_total")

    init(
        queue: StepsQueue, listener: WakeListener, store: any StepStore, board: LiveBoard, leader: DrainLeader,
        tidying: StoreTidying, partitions: Int, settings: Settings, clock: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.queue = queue
        self.listener = listener
        self.store = store
        self.board = board
        self.leader = leader
        self.tidying = tidying
        self.partitions = partitions
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Commits whose steps were stored since the start.
    var storedCommits: Int64 { stored.withLock { $0 } }

    func run() async throws {
        var pending = Set(0..<partitions)
        var tidying = tidying
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            guard leader.leads else {
                try? await Task.sleep(for: .milliseconds(500))
                pending = Set(0..<partitions)
                continue
            }
            // Wake-ups are heard, too, while some partitions are busy: the others do not wait for their end.
            pending.formUnion(await listener.next(within: pending.isEmpty ? .seconds(1) : .zero))
            if !pending.isEmpty {
                pending = await drain(pending)
                try? await Task.sleep(for: settings.every)
            }
            do { try await tidying.doPiece(at: clock()) } catch {
                logger.warning("the step store could not be tidied", metadata: ["error": "\(error)"])
            }
        }
        // What was committed until now is stored as far as one pass reaches; the rest stays in its lists.
        if leader.leads { _ = await drain(Set(0..<partitions)) }
        await store.close()
    }

    /// Drains these partitions once; those that may hold more come back.
    private func drain(_ wanted: Set<Int>) async -> Set<Int> {
        do {
            let order = wanted.sorted()
            let answers = await queue.read(order, elementsMax: settings.elementsMax)
            let heads = try zip(order, answers).map { (partition: $0, elements: try $1.get()) }
            let batches = heads.flatMap { steps(of: $0.partition, $0.elements) }
            if !batches.isEmpty { board.note(try await store.store(batches), at: clock()) }
            for (partition, elements) in heads where !elements.isEmpty {
                if try await !queue.trim(partition, elements) {
                    logger.warning("steps were trimmed by another", metadata: ["partition": "\(partition)"])
                }
            }
            stored.withLock { $0 += Int64(batches.count) }
            drained.increment(by: batches.count)
            return Set(heads.filter { !$0.elements.isEmpty }.map(\.partition))
        } catch {
            logger.warning("step events could not be drained", metadata: ["error": "\(error)"])
            try? await Task.sleep(for: .milliseconds(500))
            return wanted
        }
    }

    private func steps(of partition: Int, _ elements: [[UInt8]]) -> [PartitionSteps] {
        elements.compactMap { element in
            do {
                return PartitionSteps(partition: partition, batch: try StepBatch(bytes: element))
            } catch {
                // It is trimmed with the others: it can never be stored, and the rest must go on.
                logger.error("step events cannot be read", metadata: ["partition": "\(partition)"])
                return nil
            }
        }
    }
}

/// Says which replica drains and answers: the first by name of those alive.
final class DrainLeader: Service {
    private let registry: ReplicaRegistry
    private let name: String
    private let every: Duration
    private let logger: Logger
    private let current = Mutex<String?>(nil)

    init(registry: ReplicaRegistry, name: String, every: Duration = .seconds(2), logger: Logger) {
        self.registry = registry
        self.name = name
        self.every = every
        self.logger = logger
    }

    var leads: Bool { current.withLock { $0 } == name }
    var leader: String? { current.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let replicas = try await self.registry.beat(self.name)
                    self.current.withLock { $0 = replicas.sorted().first }
                } catch {
                    self.logger.warning("the registry does not answer", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.every)
            }
        }
        try? await registry.leave(name)
    }
}
