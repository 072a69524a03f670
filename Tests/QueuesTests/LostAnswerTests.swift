import Models
import Redis
import TestKit
import Testing

@testable import Queues

/// Each call is carried out while its answer is lost, and is then made again.
@Suite("Lost answers")
struct LostAnswerTests {
    /// The body gets the fixture of a client behind a proxy, beside the direct one. Both know all scripts already.
    private func withProxy(_ body: (_ direct: Fixture, _ far: Fixture, FaultProxy) async throws -> Void) async throws {
        try await withRedis { (direct: Fixture) async throws in
            let proxy = try FaultProxy.start(to: direct.server.place)
            let redis = try RedisClient(
                RedisConfiguration(try RedisAddress("redis://127.0.0.1:\(proxy.port)")), logger: direct.logger)
            try redis.start()
            let far = Fixture(server: direct.server, redis: redis)
            do {
                try await callEverything(direct)
                _ = try await redis.node(forPartition: 0).send(RedisCommand("PING"))
                try await body(direct, far, proxy)
            } catch {
                await redis.close()
                throw error
            }
            await redis.close()
        }
    }

    /// On partition 9, so that Redis knows the scripts.
    private func callEverything(_ fixture: Fixture) async throws {
        _ = try await fixture.appender().append([InboxEntry(partition: 9, element: event("x"))])
        try await fixture.push(.actions, 9, ["x", "y", "z"])
        let queue = fixture.requests()
        let claims = try await queue.claim([ClaimAsk(partition: 9, countMax: 3)])[0].get().claims
        _ = try await queue.startAttempt(claims)
        _ = try await queue.complete([Completion(claim: claims[0], outcome: outcome("x"))])
        _ = try await queue.postpone([Postponement(claim: claims[1], delay: .seconds(1), isUnharmed: false)])
        _ = try await queue.deadLetter([
            DeadLetter(claim: claims[2], reason: "x", lastError: "x", outcome: outcome("z"))
        ])
        _ = try await fixture.keeper("x", partitions: 10).retake(9, above: 0)
        let batch = CommitBatch(
            keys: fixture.keys.partition(9), fence: 7, previousCommit: 0, time: 1, lastStep: 0, trim: 0)
        _ = await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])
    }

    private func losing<Value>(_ proxy: FaultProxy, _ call: () async throws -> Value) async {
        proxy.behaviour = .loseOneAnswer
        do {
            let value = try await call()
            Issue.record("The answer was not lost: \(value)")
        } catch {
            #expect((error as? QueueError)?.retry == .unknownOutcome, "\(error)")
        }
    }

    @Test("An event whose answer was lost is a duplicate")
    func append() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            let entry = InboxEntry(partition: 0, element: event("a"), duplicateHash: 5)
            await losing(proxy) { try await far.appender().append([entry]) }
            #expect(try await far.appender().append([entry]) == [.duplicate])
            #expect(try await direct.inbox(0).map(\.id) == ["a"])
        }
    }

    @Test("A commit whose answer was lost is done")
    func commit() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            _ = try await direct.send("HSET", direct.keys.partition(0).state, "fence", "1")
            var batch = CommitBatch(
                keys: direct.keys.partition(0), fence: 1, previousCommit: 0, time: 1, lastStep: 0, trim: 0)
            batch.push(.actions, request("r").element)
            let committer = Committer(redis: far.redis, keys: far.keys)
            await losing(proxy) {
                let outcome = await committer.commit([batch])[0]
                if case .failed(let error) = outcome { throw error }
                return outcome
            }
            guard case .done = await committer.commit([batch])[0] else {
                Issue.record("The repeated commit was not done")
                return
            }
            #expect(try await direct.count("LLEN", direct.keys.partition(0).requests(.actions)) == 1)
        }
    }

    @Test("Claims that nobody heard of come back by the next sweep of who made them, as if they had not been made")
    func claimByItself() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            try await direct.push(.actions, 0, ["a", "b"])
            let queue = far.requests { $0.lease = .seconds(60) }
            await losing(proxy) { try await queue.claim([ClaimAsk(partition: 0, countMax: 5)])[0].get() }
            // Another one cannot know.
            #expect(try await direct.requests(worker: "other").sweep([0]) == 0)
            #expect(try await queue.sweep([0, 1]) == 2)
            #expect(try await queue.sweep([0, 1]) == 0)
            let claims = try await queue.claim([ClaimAsk(partition: 0, countMax: 5)])[0].get().claims
            #expect(Set(claims.map(\.id)) == ["a", "b"])
            #expect(claims.map(\.deliveries) == [1, 1] && claims.map(\.attempts) == [1, 1])
            #expect(claims.allSatisfy { !$0.isSuspect })
            // Those it has heard of stay.
            #expect(try await queue.sweep([0, 1]) == 0)
        }
    }

    @Test("Claims that no worker heard of come back by the sweep, once")
    func claim() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            try await direct.push(.actions, 0, ["a", "b"])
            let queue = far.requests { $0.lease = .milliseconds(50) }
            await losing(proxy) { try await queue.claim([ClaimAsk(partition: 0, countMax: 5)])[0].get() }
            #expect(try await direct.count("HLEN", direct.keys.partition(0).claimed(.actions)) == 2)
            var returned = 0
            try await eventually(within: .seconds(30), "both come back") {
                returned += try await direct.requests().sweep([0])
                return returned == 2
            }
            let claims = try await queue.claim([ClaimAsk(partition: 0, countMax: 5)])[0].get().claims
            #expect(Set(claims.map(\.id)) == ["a", "b"] && claims.map(\.deliveries) == [1, 1])
        }
    }

    @Test("What was completed, put off or given up is late the second time, and happened once")
    func settled() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            try await direct.push(.actions, 0, ["a", "b", "c"])
            let queue = far.requests()
            let claims = try await queue.claim([ClaimAsk(partition: 0, countMax: 5)])[0].get().claims
            let done = Completion(claim: claims[0], outcome: outcome("a"))
            await losing(proxy) { try await queue.complete([done]) }
            #expect(try await queue.complete([done]) == [.late])
            let later = Postponement(claim: claims[1], delay: .seconds(60), isUnharmed: false)
            await losing(proxy) { try await queue.postpone([later]) }
            #expect(try await queue.postpone([later]) == [.late])
            let letter = DeadLetter(claim: claims[2], reason: "x", lastError: "x", outcome: outcome("c"))
            await losing(proxy) { try await queue.deadLetter([letter]) }
            #expect(try await queue.deadLetter([letter]) == [.late])
            let own = direct.keys.partition(0)
            #expect(try await direct.inbox(0).map(\.id) == ["a", "c"])
            #expect(try await direct.count("HLEN", own.claimed(.actions)) == 0)
            #expect(try await direct.count("ZCARD", own.retry(.actions)) == 1)
            #expect(try await direct.count("LLEN", own.dead(.actions)) == 1)
        }
    }

    @Test("A lease whose taking was not heard of is taken again with the same fence")
    func lease() async throws {
        try await withProxy { (direct: Fixture, far: Fixture, proxy: FaultProxy) async throws in
            let keeper = far.keeper("a")
            await losing(proxy) { try await keeper.retake(0, above: 0) }
            #expect(try await keeper.retake(0, above: 0)?.fence == 1)
        }
    }
}
