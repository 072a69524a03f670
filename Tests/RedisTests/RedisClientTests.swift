import Redis
import TestKit
import Testing

@Suite("Client")
struct RedisClientTests {
    @Test("Commands of a partition always take the same connection, and all connections serve")
    func routing() async throws {
        let server = try await RedisServer.start()
        defer { server.close() }
        let client = try RedisClient(quick(try server.address) { $0.connections = 3 }, logger: silent)
        try client.start()
        var used: Set<ObjectIdentifier> = []
        for partition in 0..<16 {
            let node = client.node(forPartition: partition)
            #expect(node === client.node(forPartition: partition))
            #expect(node === client.node(forKey: "{sj:\(partition)}:inbox"))
            #expect(node === client.node(forSlot: RedisSlot.of("{sj:\(partition)}:state")))
            #expect(try await node.send(RedisCommand("INCR", "{sj:\(partition)}:state")).requireInteger() == 1)
            used.insert(ObjectIdentifier(node))
        }
        #expect(used.count == 3)
        #expect(try await client.slow.send(RedisCommand("DBSIZE")).requireInteger() == 16)
        try await eventually("all are counted") { client.figures.commands == 17 }
        #expect(client.figures.isConnected)
        await client.close()
        let error = await failure { () throws(RedisError) in _ = try await client.slow.send(RedisCommand("PING")) }
        #expect(error?.code == .closed)
    }
}
