import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("Places under a cap")
struct CapPlacesTests {
    private func place(_ instance: String, of name: String = "flow:1:first:early", limit: Int64 = 2)
        -> FetchRequest.Place
    {
        FetchRequest.Place(key: "k", name: name, limit: limit, instance: instance)
    }

    @Test("The first so many have a place, each asked twice has it still, and nobody else gets one")
    func first() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let places = CapPlaces(redis: fixture.redis, keys: fixture.keys)
            #expect(try await places.take([place("a"), place("b"), place("c")]) == [true, true, false])
            #expect(try await places.take([place("c"), place("a"), place("b")]) == [false, true, true])
            #expect(try await places.take([place("c", of: "flow:2:first:early")]) == [true])
            #expect(try await places.take([]) == [])
        }
    }

    @Test("A cap of none gives no place, and a greater one later gives the rest")
    func limits() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let places = CapPlaces(redis: fixture.redis, keys: fixture.keys)
            #expect(try await places.take([place("a", limit: 0)]) == [false])
            #expect(try await places.take([place("a", limit: 1)]) == [true])
            #expect(try await places.take([place("b", limit: 1), place("b", limit: 2)]) == [false, true])
        }
    }

    @Test("What is forgotten is free again, and is known by its name for as long as something is taken")
    func forgotten() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let places = CapPlaces(redis: fixture.redis, keys: fixture.keys)
            let names = ["flow:1:first:0", "test-flow-17:flow:0:first:0"]
            for name in names {
                _ = try await places.take([place("a", of: name, limit: 1), place("b", of: name, limit: 1)])
            }
            _ = try await places.take([place("a", of: "none:1:first:0", limit: 0)])
            let found = try await places.names()
            #expect(found.map(\.text) == names)
            #expect(found.map(\.run) == [nil, "test-flow-17"] && found.map(\.version) == [1, 0])
            #expect(found.allSatisfy { $0.journey == "flow" })
            try await places.forget(Array(found.prefix(1)))
            try await places.forget(Array(found.prefix(1)))
            try await places.forget([])
            #expect(try await places.names().map(\.text) == [names[1]])
            #expect(try await places.take([place("b", of: names[0], limit: 1)]) == [true])
            #expect(try await places.names().count == 2)
        }
    }

    @Test("Many who ask at once get as many places as there are")
    func race() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let places = CapPlaces(redis: fixture.redis, keys: fixture.keys)
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { try await places.take([place("i\(number)", limit: 37)])[0] }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 37)
        }
    }
}
