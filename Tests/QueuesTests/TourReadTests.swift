import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("Reading whom a tour comes to")
struct TourReadTests {
    private func members(_ timers: [DueTimer]) -> [String] { timers.map(\.member) }

    @Test("After a place comes who entered later, and of the same millisecond whoever has a later name")
    func inside() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let reader = RoundReader(redis: fixture.redis, keys: fixture.keys)
            let key = fixture.keys.partition(0).inside("welcome", 1)
            for (score, member) in [(50, "z"), (100, "a"), (100, "b"), (100, "c"), (100, "d"), (101, "a2")] {
                _ = try await fixture.send("ZADD", key, "\(score)", member)
            }
            func after(_ due: Int64, _ member: String, _ limit: Int) async throws -> [String] {
                members(
                    try await reader.inside(
                        0, journey: "welcome", version: 1, after: DueTimer(member: member, due: due), limit: limit))
            }
            #expect(try await after(-1, "", 2) == ["z", "a"])
            // More than a piece lies before the place on its millisecond.
            #expect(try await after(100, "c", 2) == ["d"])
            #expect(try await after(100, "d", 2) == ["a2"])
            #expect(try await after(100, "d", 1) == ["a2"])
            #expect(try await after(101, "a2", 2) == [])
            #expect(try await after(100, "b", 10) == ["c", "d", "a2"])
        }
    }

    @Test("Who is held comes longest first, over all versions")
    func held() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let reader = RoundReader(redis: fixture.redis, keys: fixture.keys)
            let own = fixture.keys.partition(0)
            _ = try await fixture.send("ZADD", own.held("welcome", 1), "30", "c")
            _ = try await fixture.send("ZADD", own.held("welcome", 2), "10", "a")
            _ = try await fixture.send("ZADD", own.held("welcome", 2), "20", "b")
            let found = try await reader.held(0, journey: "welcome", versions: [1, 2, 3], limit: 2)
            #expect(found.map(\.timer.member) == ["a", "b"] && found.map(\.version) == [2, 2])
            #expect(try await reader.held(0, journey: "welcome", versions: [], limit: 2).isEmpty)
        }
    }

    @Test("Members come by name after one of them, with the number of the run that came to them")
    func membersByName() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let reader = RoundReader(redis: fixture.redis, keys: fixture.keys)
            let own = fixture.keys.partition(0)
            for member in ["c", "a", "b"] { _ = try await fixture.send("ZADD", own.audience("gold", 1), "0", member) }
            _ = try await fixture.send("ZADD", own.read("sale"), "4", "b")
            let set = own.audience("gold", 1)
            #expect(try await reader.members(of: set, in: 0, after: nil, limit: 2) == ["a", "b"])
            #expect(try await reader.members(of: set, in: 0, after: "b", limit: 2) == ["c"])
            #expect(try await reader.scores(of: ["a", "b"], in: own.read("sale"), of: 0) == [nil, 4])
            #expect(try await reader.scores(of: [], in: own.read("sale"), of: 0) == [])
        }
    }
}
