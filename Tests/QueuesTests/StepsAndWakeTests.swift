import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("Steps")
struct StepsTests {
    private func element(_ commit: Int64) -> [UInt8] {
        StepBatch(fence: 1, commit: commit, firstNumber: commit, records: []).element
    }

    @Test("Heads are read without removing, and trimmed only while first and last are those that were read")
    func trimmed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            for commit in Int64(1)...3 {
                _ = try await fixture.send(
                    "RPUSH", fixture.keys.partition(1).steps, String(decoding: element(commit), as: UTF8.self))
            }
            let queue = StepsQueue(redis: fixture.redis, keys: fixture.keys)
            let heads = try await queue.read([0, 1], elementsMax: 2).map { try $0.get() }
            #expect(heads == [[], [element(1), element(2)]])
            #expect(try await !queue.trim(1, [element(2)]))
            #expect(try await !queue.trim(1, [element(1), element(7)]))
            #expect(try await !queue.trim(1, [element(1), element(2), element(3), element(4)]))
            #expect(try await queue.trim(1, [element(1), element(2)]))
            #expect(try await !queue.trim(1, [element(1), element(2)]))
            #expect(try await !queue.trim(0, [element(1), element(2)]))
            #expect(try await !queue.trim(1, []))
            #expect(try await queue.read([1], elementsMax: 9)[0].get() == [element(3)])
        }
    }
}

@Suite("The bound of steps")
struct StepsBoundTests {
    @Test("Past its bytes the oldest step events are dropped and counted; what is trimmed makes room")
    func bound() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            let own = fixture.keys.partition(0)
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            func commit(_ number: Int64) async throws {
                var batch = CommitBatch(
                    keys: own, fence: 1, previousCommit: number - 1, time: 1, lastStep: number, trim: 0)
                batch.stepsBytesMax = 3_000
                batch.pushSteps(Array("\(number)".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: 999))
                _ = await committer.commit([batch])
            }
            for number in Int64(1)...5 { try await commit(number) }
            #expect(try await fixture.list(own.steps).map { $0.prefix(1) } == ["3", "4", "5"])
            #expect(try await fixture.field(own.state, "droppedSteps") == "2")
            let queue = StepsQueue(redis: fixture.redis, keys: fixture.keys)
            let heads = try await queue.read([0], elementsMax: 2)[0].get()
            #expect(try await queue.trim(0, heads))
            try await commit(6)
            try await commit(7)
            #expect(try await fixture.list(own.steps).map { $0.prefix(1) } == ["5", "6", "7"])
            // Emptied by hand: the count begins anew.
            _ = try await fixture.send("DEL", own.steps)
            try await commit(8)
            try await commit(9)
            #expect(try await fixture.list(own.steps).count == 2)
            #expect(try await fixture.field(own.state, "stepsBytes") == "2000")
        }
    }
}

@Suite("Wake-ups")
struct WakeTests {
    private func withListener(
        _ fixture: Fixture, slowPoll: Duration, _ body: (WakeListener) async throws -> Void
    ) async throws {
        let listener = WakeListener(
            redis: fixture.redis, keys: fixture.keys, queue: .inbox, partitions: 4, slowPoll: slowPoll,
            logger: fixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            do {
                try await body(listener)
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("At first all partitions are to be looked at, then those whose list was empty, and no others")
    func woken() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await withListener(fixture, slowPoll: .seconds(600)) { listener in
                #expect(await listener.next(within: .seconds(10)) == [0, 1, 2, 3])
                // The subscription begins with a gap.
                try await eventually(within: .seconds(30), "the subscription begins") {
                    await listener.next(within: .milliseconds(20)) == [0, 1, 2, 3]
                }
                let appender = fixture.appender()
                _ = try await appender.append([InboxEntry(partition: 2, element: event("a"))])
                #expect(await listener.next(within: .seconds(10)) == [2])
                _ = try await appender.append([InboxEntry(partition: 2, element: event("b"))])
                _ = try await appender.append([InboxEntry(partition: 3, element: event("c"))])
                #expect(await listener.next(within: .seconds(10)) == [3])
                #expect(await listener.next(within: .milliseconds(20)) == [])
            }
        }
    }

    @Test("Without a subscription the slow poll still finds everything")
    func slowPoll() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let listener = WakeListener(
                redis: fixture.redis, keys: fixture.keys, queue: .inbox, partitions: 2, slowPoll: .milliseconds(30),
                logger: fixture.logger)
            for _ in 0..<3 {
                let start = ContinuousClock.now
                var woken: Set<Int> = []
                while woken.isEmpty, ContinuousClock.now - start < .seconds(30) {
                    woken = await listener.next(within: .seconds(1))
                }
                #expect(woken == [0, 1])
            }
        }
    }

    @Test("After Redis was away all partitions are to be looked at")
    func gap() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await withListener(fixture, slowPoll: .seconds(600)) { listener in
                _ = await listener.next(within: .seconds(10))
                try await eventually(within: .seconds(30), "the subscription begins") {
                    await listener.next(within: .milliseconds(20)) == [0, 1, 2, 3]
                }
                try await fixture.server.restart()
                #expect(await listener.next(within: .seconds(10)) == [0, 1, 2, 3])
            }
        }
    }
}
