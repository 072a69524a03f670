import Models
import Redis
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import Queues

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
            refused: { outcome($0.id, status: "backlogFull") }, perform: perform)
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

    @Test("Requests that workers died with are performed one at a time, and others go on beside them")
    func alone() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(2)
            for number in 0..<6 {
                let text = String(decoding: request("s-\(number)").element, as: UTF8.self)
                    .replacing(#""attempts":0,"#, with: #""attempts":0,"deaths":2,"#)
                _ = try await fixture.send("RPUSH", own.suspects(.actions), text)
            }
            let suspects = Record()
            let others = Record()
            let worker = worker(fixture, fixture.requests()) { claim in
                let record = claim.isSuspect ? suspects : others
                record.begin(claim.id)
                if claim.id == "s-0" {
                    // Others are performed while this one is in hand.
                    try? await fixture.push(.actions, 2, ["other"])
                    try? await eventually("another is performed beside it") { others.count("other") == 1 }
                }
                record.end()
                return .completed(outcome: outcome(claim.id))
            }
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "all are completed") {
                    try await outcomes(fixture).count == 7
                }
            }
            let state = suspects.state.withLock { $0 }
            #expect(state.most == 1 && state.performed.count == 6 && others.count("other") == 1)
        }
    }

    @Test("What may not wait ends at once as backlogFull, a dead letter, and other lanes wait on")
    func backlog() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["well"] + (0..<60).map { "r-\($0)" })
            let queue = fixture.requests { $0.waitingBytesMax = 40_000 }
            let worker = worker(fixture, queue) { claim in
                var progress = claim.progress
                progress.lane = claim.id == "well" ? "well" : "dead"
                return .postponed(by: .seconds(600), unharmed: true, progress: progress)
            }
            let own = fixture.keys.partition(0)
            try await running(fixture, worker) {
                try await eventually(within: .seconds(20), "each waits or has ended") {
                    let waiting = try await fixture.count("ZCARD", own.retry(.actions))
                    return try await waiting + fixture.count("LLEN", own.dead(.actions)) == 61 && worker.inFlight == 0
                }
            }
            let letters = try await fixture.list(own.dead(.actions)).map { try JSONValue.parse($0) }
            #expect(letters.count > 20 && letters.count < 60 && letters.allSatisfy { $0["reason"] == "backlogFull" })
            #expect(letters.allSatisfy { $0["request"]?["id"] != "well" })
            let outcomes = try await fixture.list(own.inbox).map { try JSONValue.parse($0) }
            #expect(outcomes.count == letters.count && outcomes.allSatisfy { $0["status"] == "backlogFull" })
        }
    }

    @Test("A claim whose answer is lost is performed soon after, by the worker that made it")
    func lostClaim() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let proxy = try FaultProxy.start(to: fixture.server.place)
            defer { proxy.close() }
            let redis = try RedisClient(
                RedisConfiguration(try RedisAddress("redis://127.0.0.1:\(proxy.port)")), logger: fixture.logger)
            try redis.start()
            let far = Fixture(server: fixture.server, redis: redis)
            let worker = worker(far, far.requests { $0.lease = .seconds(60) }, { $0.sweepEvery = .seconds(1) }) { claim in
                .completed(outcome: outcome(claim.id))
            }
            try await running(far, worker) {
                try await fixture.push(.actions, 1, ["first"])
                try await eventually("it works") { try await outcomes(fixture) == ["first"] }
                // All answers are swallowed until a claim is made that nobody hears of.
                proxy.behaviour = .dropAnswers
                try await fixture.push(.actions, 1, ["lost"])
                try await eventually(within: .seconds(20), "it is claimed") {
                    try await fixture.count("HLEN", fixture.keys.partition(1).claimed(.actions)) == 1
                }
                proxy.cut()
                proxy.behaviour = .pass
                // A sweep later, and not a lease of a minute.
                try await eventually(within: .seconds(20), "it is performed") { try await outcomes(fixture).count == 2 }
            }
            await redis.close()
        }
    }
}
