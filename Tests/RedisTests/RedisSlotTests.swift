import Redis
import TestKit
import Testing

@Suite("Slots")
struct RedisSlotTests {
    @Test("Redis Cluster finds the same slot for every key")
    func againstRedis() async throws {
        let keys = [
            "123456789", "foo", "", "{sj:7}:inbox", "{sj:7}:state", "user:{}x", "{}", "a{b}c{d}", "a{{b}}c", "a{b",
            "}a{b}",
            "ключ{ß}", "{sj:config}:kinds",
        ]
        let server = try await RedisServer.start(extra: ["--cluster-enabled", "yes"])
        defer { server.close() }
        try await withConnection(quick(try server.address)) { connection in
            let replies = try await connection.send(keys.map { RedisCommand("CLUSTER", "KEYSLOT", $0) })
            for (key, reply) in zip(keys, replies) {
                #expect(try RedisSlot.of(key) == Int(reply.requireInteger()), "\(key)")
            }
        }
    }

    @Test("All keys of a partition are in one slot", arguments: [0, 7, 255])
    func partition(number: Int) {
        let slots = ["inbox", "state", "traveler:users:42", "lease:journey-execution"].map {
            RedisSlot.of("{sj:\(number)}:\($0)")
        }
        #expect(Set(slots) == [RedisSlot.of("sj:\(number)")])
    }
}
