import Models
import Queues
import Testing

@Suite("Looking into queues")
struct QueueInspectorTests {
    private func item(_ list: JSONValue, _ name: String) -> JSONValue? {
        list["items"]?.arrayValue?.first { $0["name"]?.stringValue == name }
    }

    @Test("The list tells lengths, ages and, from the second time on, rates")
    func list() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let inspector = QueueInspector(redis: fixture.redis, keys: fixture.keys, partitions: 2)
            _ = try await fixture.appender().append([InboxEntry(partition: 1, element: event("a"))])
            try await fixture.push(.actions, 0, ["r"])
            let first = try await inspector.list()
            #expect(item(first, "inbox")?["length"] == 1 && item(first, "inbox")?["partitions"] == [0, 1])
            #expect(item(first, "inbox")?["oldestAgeMs"]?.integerValue != nil)
            #expect(item(first, "inbox")?["inPerSecond"]?.isNull == true)
            #expect(item(first, "actions")?["length"] == 1)
            _ = try await fixture.appender().append([InboxEntry(partition: 0, element: event("b"))])
            let second = try await inspector.list()
            #expect((item(second, "inbox")?["inPerSecond"]?.decimalValue ?? 0) > 0)
            #expect(item(second, "timers")?["inPerSecond"]?.isNull == true)
        }
    }

    @Test("Elements are shown as JSON over all partitions or of one, and what is not JSON as text")
    func peek() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let inspector = QueueInspector(redis: fixture.redis, keys: fixture.keys, partitions: 2)
            let appender = fixture.appender()
            _ = try await appender.append(["a", "b", "c"].map { InboxEntry(partition: 0, element: event($0)) })
            _ = try await fixture.send("RPUSH", fixture.keys.partition(1).inbox, "oops")
            func ids(_ queue: String, _ offset: Int, _ limit: Int) async throws -> [String?]? {
                try await inspector.peek(queue: queue, offset: offset, limit: limit)?["items"]?.arrayValue?.map {
                    $0["element"]?["id"]?.stringValue ?? $0["element"]?["unreadable"]?.stringValue
                }
            }
            #expect(try await ids("inbox", 1, 10) == ["b", "c", "oops"])
            #expect(try await ids("inbox", 1, 1) == ["b"])
            #expect(try await ids("inbox:1", 0, 10) == ["oops"])
            #expect(try await ids("inbox", 9, 10) == [])
            #expect(try await ids("nothing", 0, 10) == nil)
            #expect(try await ids("inbox:9", 0, 1) == nil)

            try await fixture.push(.actions, 0, (0..<5).map { "r-\($0)" })
            let queue = fixture.requests()
            let claims = try await queue.claim([ClaimAsk(partition: 0, countMax: 4)])[0].get().claims
            _ = try await queue.postpone([Postponement(claim: claims[0], delay: .seconds(60), isUnharmed: false)])
            #expect(try await ids("actions:claimed", 1, 10)?.count == 2)
            #expect(try await ids("actions:retry", 0, 10) == ["r-0"])
            _ = try await fixture.send("ZADD", fixture.keys.partition(0).timers, "5", "crmId:7 4f")
            let timers = try await inspector.peek(queue: "timers", offset: 0, limit: 5)
            #expect(timers?["items"]?[0]?["element"] == ["due": 5, "member": "crmId:7 4f"])
        }
    }

    @Test("An id is found wherever it lies")
    func find() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let inspector = QueueInspector(redis: fixture.redis, keys: fixture.keys, partitions: 2)
            try await fixture.push(.actions, 1, ["r-1", "r-2"])
            let queue = fixture.requests()
            let claims = try await queue.claim([ClaimAsk(partition: 1, countMax: 1)])[0].get().claims
            _ = try await queue.deadLetter([
                DeadLetter(claim: claims[0], reason: "attempts", lastError: "", outcome: outcome("r-1"))
            ])
            let found = try await inspector.find(id: "r-1")["items"]?.arrayValue ?? []
            #expect(found.compactMap { $0["queue"]?.stringValue } == ["inbox", "actions:dead"])
            #expect(found.allSatisfy { $0["partition"] == 1 })
            #expect(try await inspector.find(id: "r-9")["items"]?.arrayValue?.isEmpty == true)
        }
    }
}
