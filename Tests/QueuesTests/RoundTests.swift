import Models
import Queues
import Testing

@testable import Queues

@Suite("Reading for a round")
struct RoundTests {
    private func read(_ fixture: Fixture, _ asks: RoundAsk...) async throws -> [RoundRead] {
        try await RoundReader(redis: fixture.redis, keys: fixture.keys).read(asks).map { try $0.get() }
    }

    @Test("The heads of inboxes and timers are read, in order, and nothing is removed")
    func heads() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.appender().append(
                ["a", "b", "c"].map { InboxEntry(partition: 1, element: event($0)) })
            for (due, member) in [("30", "z"), ("20", "b"), ("20", "a")] {
                _ = try await fixture.send("ZADD", fixture.keys.partition(1).timers, due, member)
            }
            for _ in 0..<2 {
                let reads = try await read(
                    fixture, RoundAsk(partition: 0, elementsMax: 5, timersMax: 5, notBefore: 0),
                    RoundAsk(partition: 1, elementsMax: 2, timersMax: 2, notBefore: 0))
                #expect(reads[0].elements.isEmpty && reads[0].timers.isEmpty && reads[0].isWholeInbox)
                #expect(try reads[1].elements.map { try Stimulus(bytes: $0).id } == ["a", "b"])
                #expect(reads[1].timers == [DueTimer(member: "a", due: 20), DueTimer(member: "b", due: 20)])
                #expect(!reads[1].isWholeInbox)
            }
        }
    }

    @Test("Timers go up to now when the inbox was read to its end, else up to the last element's time")
    func horizon() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let inbox = fixture.keys.partition(0).inbox
            for element in [#"{"at":10,"id":"a"}"#, #"{"at":20,"id":"b"}"#, "not json"] {
                _ = try await fixture.send("RPUSH", inbox, element)
            }
            func read(_ count: Int, notBefore: Int64 = 0) async throws -> RoundRead {
                let ask = RoundAsk(partition: 0, elementsMax: count, timersMax: 1, notBefore: notBefore)
                return try await RoundReader(redis: fixture.redis, keys: fixture.keys).read([ask])[0].get()
            }
            let part = try await read(2)
            #expect(part.horizon == 20)
            #expect(part.horizon(taking: 1) == 10)
            // A commit later than that says nothing of the elements that were not read.
            #expect(try await read(2, notBefore: 9_000_000_000_000).horizon == 20)
            #expect(try await read(3).horizon == 20)
            let whole = try await read(4)
            #expect(whole.horizon == whole.now && whole.now > 1_700_000_000_000)
            // Time never runs back behind the last commit.
            #expect(try await read(4, notBefore: 9_000_000_000_000).now == 9_000_000_000_000)
        }
    }

    @Test("A key of another type fails its own partition alone")
    func wrongType() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.send("SET", fixture.keys.partition(0).inbox, "x")
            let asks = (0..<2).map { RoundAsk(partition: $0, elementsMax: 5, timersMax: 5, notBefore: 0) }
            let reads = await RoundReader(redis: fixture.redis, keys: fixture.keys).read(asks)
            #expect(throws: QueueError.self) { try reads[0].get() }
            #expect(try reads[1].get().elements.isEmpty)
        }
    }

    @Test("Travelers and profiles of many partitions come in one answer")
    func people() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(2)
            _ = try await fixture.send("HSET", own.traveler("a"), "i:1", "x", "e:j", "y")
            _ = try await fixture.send("SET", own.profile("b"), "p")
            _ = try await fixture.send("SET", own.traveler("broken"), "p")
            let people = try await RoundReader(redis: fixture.redis, keys: fixture.keys).load([
                PeopleAsk(partition: 1, travelers: ["a"], profiles: []),
                PeopleAsk(partition: 2, travelers: ["a", "nobody", "broken"], profiles: ["b", "nobody"]),
            ]).map { try $0.get() }
            #expect(people[0].travelers.isEmpty)
            #expect(people[1].travelers["a"]?.map(\.0) == ["i:1", "e:j"])
            #expect(people[1].travelers["nobody"] == nil && people[1].broken == ["broken"])
            #expect(people[1].profiles == ["b": Array("p".utf8)])
        }
    }

    @Test("Reads grow with small elements and shrink with large ones")
    func size() {
        var size = ReadSize()
        #expect(size.elementsMax == 32)
        for _ in 0..<10 { size.note(elements: 32, bytes: 32 * 100) }
        #expect(size.elementsMax == ReadSize.elementsBound)
        size.note(elements: 2, bytes: 1 << 20)
        #expect(size.elementsMax == 2)
        for _ in 0..<3 { size.shrink() }
        #expect(size.elementsMax == 1)
        #expect(ReadSize.batch(of: [[UInt8](repeating: 0, count: 2 << 20), [1]]) == 1)
        #expect(ReadSize.batch(of: [[1], [UInt8](repeating: 0, count: 2 << 20), [1]]) == 1)
        #expect(ReadSize.batch(of: [[1], [2]]) == 2)
    }
}
