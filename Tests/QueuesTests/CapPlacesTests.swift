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
