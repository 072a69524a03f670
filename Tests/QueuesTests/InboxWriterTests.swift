import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("The inbox writer")
struct InboxWriterTests {
    private func withWriter(
        _ fixture: Fixture, _ edit: (inout AppendLimits) -> Void = { _ in },
        _ body: (InboxWriter) async throws -> Void
    ) async throws {
        var limits = AppendLimits()
        edit(&limits)
        let writer = InboxWriter(redis: fixture.redis, keys: fixture.keys, limits: limits, logger: fixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await writer.run() }
            do {
                try await body(writer)
            } catch {
                group.cancelAll()
                throw error
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test("Many callers at once: each hears of its own entries, none is lost, the order of each caller is kept")
    func concurrent() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await withWriter(fixture) { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for caller in 0..<40 {
                        group.addTask {
                            for number in 0..<25 {
                                let entries = (0..<4).map { partition in
                                    InboxEntry(
                                        partition: partition, element: event("\(caller)-\(number)"),
                                        duplicateHash: Int64(caller * 1_000 + number))
                                }
                                let results = try await writer.append(entries)
                                for result in results {
                                    guard case .appended = result else {
                                        Issue.record("\(result)")
                                        return
                                    }
                                }
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for partition in 0..<4 {
                let inbox = try await fixture.inbox(partition)
                #expect(inbox.count == 1_000)
                #expect(Set(inbox.map(\.id)).count == 1_000)
                #expect(inbox.map(\.at) == inbox.map(\.at).sorted())
                for caller in 0..<40 {
                    let own = inbox.map(\.id).filter { $0.hasPrefix("\(caller)-") }
                    #expect(own == (0..<25).map { "\(caller)-\($0)" })
                }
            }
        }
    }

    @Test("Entries of one call stay in order, whatever their source and number")
    func order() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await withWriter(fixture, { $0.callEntriesMax = 7 }) { writer in
                let entries = (0..<100).map { number in
                    InboxEntry(partition: 0, element: event("\(number)"), source: number % 10 == 9 ? .inside : .outside)
                }
                let results = try await writer.append(entries)
                #expect(results.count == 100)
            }
            #expect(try await fixture.inbox(0).map(\.id) == (0..<100).map { "\($0)" })
        }
    }

    @Test("More than may wait is refused as busy, and a single large call still goes through")
    func bounded() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await withWriter(fixture, { $0.waitingEntriesMax = 10 }) { writer in
                fixture.server.suspend()
                async let first = writer.append((0..<12).map { InboxEntry(partition: 0, element: event("\($0)")) })
                try await eventually(within: .seconds(30), "the first call waits") { writer.waiting == 12 }
                await #expect {
                    try await writer.append([InboxEntry(partition: 0, element: event("late"))])
                } throws: { error in (error as? QueueError)?.code == .busy }
                fixture.server.resume()
                #expect(try await first.count == 12)
            }
        }
    }

    @Test("What waits at shutdown is still written, what comes later is refused")
    func shutdown() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let writer = InboxWriter(redis: fixture.redis, keys: fixture.keys, logger: fixture.logger)
            try await withThrowingTaskGroup(of: Int.self) { group in
                fixture.server.suspend()
                group.addTask { try await writer.append([InboxEntry(partition: 0, element: event("a"))]).count }
                try await eventually(within: .seconds(30), "the call waits") { writer.waiting == 1 }
                let running = Task { try await writer.run() }
                running.cancel()
                fixture.server.resume()
                try await running.value
                #expect(try await group.next() == 1)
            }
            #expect(try await fixture.inbox(0).map(\.id) == ["a"])
            await #expect {
                try await writer.append([InboxEntry(partition: 0, element: event("b"))])
            } throws: { error in (error as? QueueError)?.code == .closed }
        }
    }

    @Test("While Redis is away the caller hears of it, and afterwards a repeat takes nothing twice")
    func redisRestarts() async throws {
        try await withRedis(appendOnly: .always) { (fixture: Fixture) async throws in
            try await withWriter(fixture) { writer in
                let entry = InboxEntry(partition: 0, element: event("a"), duplicateHash: 4)
                _ = try await writer.append([entry])
                try await fixture.server.restart()
                #expect(try await writer.append([entry]) == [.duplicate])
            }
            #expect(try await fixture.inbox(0).count == 1)
        }
    }

    @Test("From its share of memory on, what comes from outside is refused and Sojourn's own is taken")
    func memory() async throws {
        try await withRedis(maxMemory: "100mb") { (fixture: Fixture) async throws in
            for (share, isShort) in [(0.001, true), (0.8, false)] {
                let memory = MemoryWatch(redis: fixture.redis, share: share, logger: fixture.logger)
                await memory.look()
                #expect(memory.isShort == isShort)
                let writer = InboxWriter(
                    redis: fixture.redis, keys: fixture.keys, memory: memory, logger: fixture.logger)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await writer.run() }
                    let own = InboxEntry(partition: 0, element: Stimulus.configuration(revision: 1), source: .inside)
                    _ = try await writer.append([own])
                    do {
                        _ = try await writer.append([InboxEntry(partition: 0, element: event("a"))])
                        #expect(!isShort)
                    } catch {
                        #expect(isShort && (error as? QueueError)?.code == .outOfMemory)
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
        }
    }
}
