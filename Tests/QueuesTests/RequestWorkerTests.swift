import Models
import Queues
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@Suite("The request worker")
struct RequestWorkerTests {
    /// What the performers of a test did.
    private final class Record: Sendable {
        struct State {
            var now = 0
            var most = 0
            var performed: [String: Int] = [:]
        }

        let state = Mutex(State())

        func begin(_ id: String) {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
                state.performed[id, default: 0] += 1
            }
        }

        func end() { state.withLock { $0.now -= 1 } }

        func count(_ id: String) -> Int { state.withLock { $0.performed[id] ?? 0 } }
    }

    private func worker(
        _ fixture: Fixture, _ queue: RequestQueue, _ edit: (inout RequestWorkerSettings) -> Void = { _ in },
        perform: @escaping @Sendable (Claim) async -> RequestVerdict
    ) -> RequestWorker {
        var settings = RequestWorkerSettings()
        settings.idle = .milliseconds(50)
        settings.sweepEvery = .milliseconds(100)
        edit(&settings)
        let listener = WakeListener(
            redis: fixture.redis, keys: fixture.keys, queue: .actions, partitions: 4, slowPoll: .milliseconds(50),
            logger: fixture.logger)
        return RequestWorker(
            queue: queue, listener: listener, partitions: 4, settings: settings, logger: fixture.logger,
            perform: perform)
    }

    /// Runs the worker until the body is done, then shuts it down gracefully.
    private func running(
        _ fixture: Fixture, _ worker: RequestWorker, _ body: () async throws -> Void
    ) async throws {
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: worker)], logger: fixture.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do {
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func outcomes(_ fixture: Fixture) async throws -> [String] {
        var ids: [String] = []
        for partition in 0..<4 { ids += try await fixture.inbox(partition).map(\.id) }
        return ids
    }

    @Test("Every request is performed once and completed once, never more at a time than there are places")
    func all() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            for partition in 0..<4 {
                try await fixture.push(.actions, partition, (0..<200).map { "\(partition)-\($0)" })
            }
            let record = Record()
            let worker = worker(fixture, fixture.requests(), { $0.inFlightMax = 10 }) { claim in
                record.begin(claim.id)
                await Task.yield()
                record.end()
                return .completed(outcome: outcome(claim.id))
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "all are completed") {
                    try await outcomes(fixture).count == 800 && worker.inFlight == 0
                }
            }
            #expect(Set(try await outcomes(fixture)).count == 800)
            let state = record.state.withLock { $0 }
            #expect(state.most <= 10 && state.performed.values.allSatisfy { $0 == 1 })
        }
    }

    @Test("What is put off is performed again, with its progress; what is given up is a dead letter")
    func verdicts() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["later", "never"])
            let record = Record()
            let worker = worker(fixture, fixture.requests()) { claim in
                record.begin(claim.id)
                if claim.id == "never" {
                    return .deadLetter(reason: "attempts", lastError: "no", outcome: outcome(claim.id))
                }
                if let called = claim.progress.calledAt {
                    return called == 77
                        ? .completed(outcome: outcome(claim.id))
                        : .postponed(
                            by: .seconds(60), unharmed: false, progress: claim.progress)
                }
                var progress = claim.progress
                progress.calledAt = 77
                return .again(after: .milliseconds(1), progress: progress)
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "both have an outcome") {
                    try await Set(outcomes(fixture)) == ["later", "never"]
                }
            }
            #expect(record.count("later") == 2 && record.count("never") == 1)
            #expect(try await fixture.count("LLEN", fixture.keys.partition(0).dead(.actions)) == 1)
        }
    }

    @Test("A partition that always has more keeps no other waiting")
    func fairness() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["0", "00"])
            let record = Record()
            let isOver = Mutex(false)
            let worker = worker(fixture, fixture.requests(), { $0.inFlightMax = 1 }) { claim in
                record.begin(claim.id)
                if claim.partition == 0, !isOver.withLock({ $0 }) {
                    try? await fixture.push(.actions, 0, [claim.id + "x"])
                }
                return .completed(outcome: outcome(claim.id))
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "it is busy") { record.count("0x") == 1 }
                try await fixture.push(.actions, 1, ["other"])
                try await eventually(within: .seconds(20), "the other is done") { record.count("other") == 1 }
                isOver.withLock { $0 = true }
            }
        }
    }

    @Test("At shutdown what is under way finishes, and the rest stays in the list")
    func shutdown() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b", "c"])
            let record = Record()
            let gate = Mutex(false)
            let worker = worker(fixture, fixture.requests(), { $0.inFlightMax = 1 }) { claim in
                record.begin(claim.id)
                while !gate.withLock({ $0 }), !Task.isCancelled { await Task.yield() }
                return .completed(outcome: outcome(claim.id))
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "one is under way") { record.count("a") == 1 }
                gate.withLock { $0 = true }
            }
            let done = try await outcomes(fixture)
            let own = fixture.keys.partition(0)
            #expect(done.first == "a")
            #expect(try await fixture.count("HLEN", own.claimed(.actions)) == 0)
            #expect(try await fixture.count("LLEN", own.requests(.actions)) == Int64(3 - done.count))
        }
    }

    @Test("What does not end in the drain is cut off and goes back unharmed")
    func cutOff() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            let record = Record()
            let worker = worker(fixture, fixture.requests(), { $0.drain = .milliseconds(20) }) { claim in
                record.begin(claim.id)
                // Ends only when its task is cancelled.
                let (never, source) = AsyncStream<Void>.makeStream()
                for await _ in never {}
                source.finish()
                return .postponed(by: .zero, unharmed: true, progress: claim.progress)
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "it is under way") { record.count("a") == 1 }
            }
            let claims = try await fixture.requests().claim([ClaimAsk(partition: 0, countMax: 5)])[0].get().claims
            #expect(claims.map(\.deliveries) == [1])
        }
    }

    @Test("Redis dies and comes back: each request has one outcome, and claims of a dead worker are done by others")
    func redisDies() async throws {
        try await withRedis(appendOnly: .always) { (fixture: Fixture) async throws in
            for partition in 0..<4 {
                try await fixture.push(.actions, partition, (0..<50).map { "\(partition)-\($0)" })
            }
            let dead = fixture.requests(worker: "dead") { $0.lease = .milliseconds(1) }
            _ = await dead.claim((0..<4).map { ClaimAsk(partition: $0, countMax: 5) })
            // Claims whose answer is lost in the crash come back when their lease is over.
            let queue = fixture.requests(worker: "alive") { $0.lease = .seconds(2) }
            let worker = worker(fixture, queue, { $0.renewEvery = .milliseconds(200) }) { claim in
                .completed(outcome: outcome(claim.id))
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "it has begun") { try await outcomes(fixture).count > 20 }
                try await fixture.server.restart()
                try await eventually(within: .seconds(30), "all are completed") {
                    try await outcomes(fixture).count >= 200
                }
            }
            let ids = try await outcomes(fixture)
            #expect(ids.count == 200 && Set(ids).count == 200)
        }
    }
}
