import Redis
import TestKit
import Testing

@Suite("Connection")
struct RedisConnectionTests {
    @Test("A pipeline is answered in its order, errors in their places")
    func order() async throws {
        try await withRedis { connection, _ in
            var commands = (0..<5_000).map { RedisCommand("ECHO", $0) }
            commands[17] = RedisCommand("INCR", "a", "b")
            let replies = try await connection.send(commands)
            #expect(replies.count == 5_000)
            for (index, reply) in replies.enumerated() where index != 17 { #expect(reply.text == "\(index)") }
            #expect(replies[17].errorReply?.code == "ERR")
        }
    }

    @Test("Many callers at once each get their own answer, in the order of each")
    func manyCallers() async throws {
        try await withRedis { connection, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<200 {
                    group.addTask {
                        for turn in 1...20 {
                            let reply = try await connection.send(RedisCommand("INCR", "counter:\(caller)"))
                            #expect(try reply.requireInteger() == turn)
                            #expect(try await connection.send(RedisCommand("ECHO", caller)).text == "\(caller)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await eventually("all are counted") { connection.figures.commands == 8_000 }
            #expect(connection.figures.batches < 8_000, "commands that wait are sent together")
            #expect(connection.figures.isConnected)
        }
    }

    @Test("Nothing comes between the commands of a pipeline")
    func contiguous() async throws {
        try await withRedis { connection, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        let replies = try await connection.send([
                            RedisCommand("MULTI"), RedisCommand("INCR", "a"), RedisCommand("INCR", "a"),
                            RedisCommand("EXEC"),
                        ])
                        let pair = try replies[3].requireArray().map { try $0.requireInteger() }
                        #expect(pair.count == 2 && pair[0] + 1 == pair[1])
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("Any bytes come back as they were", arguments: [0, 1, 255, 16_384, 70_000, 3 << 20])
    func binary(count: Int) async throws {
        try await withRedis { connection, _ in
            let value = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            _ = try await connection.send(RedisCommand("SET", value.suffix(40), value))
            #expect(try await connection.send(RedisCommand("GET", value.suffix(40))).requireBytes() == value)
        }
    }

    @Test("An array of big values, nested arrays, null and empty arrays are read as they are")
    func arrays() async throws {
        try await withRedis { connection, _ in
            let big = [UInt8](repeating: 7, count: 200_000)
            _ = try await connection.send((0..<20).map { _ in RedisCommand("RPUSH", "list", big) })
            let elements = try await connection.send(RedisCommand("LRANGE", "list", 0, -1)).requireArray()
            #expect(elements == Array(repeating: .bulk(big), count: 20))
            let script = "return {1, {}, {2, {3, 'x'}}, {ok = 'fine'}, {err = 'MINE no'}, false}"
            #expect(
                try await connection.send(RedisCommand("EVAL", script, 0))
                    == .array([
                        .integer(1), .array([]), .array([.integer(2), .array([.integer(3), .bulk([120])])]),
                        .status("fine"), .error(RedisErrorReply(code: "MINE", message: "no")), .null,
                    ]))
            #expect(try await connection.send(RedisCommand("BLPOP", "none", "0.01")) == .null)
        }
    }

    @Test("An error that Redis answers to a single command is thrown with its class")
    func thrown() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("SET", "text", "x"))
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("LPUSH", "text", "y"))
            }
            #expect(error?.code == .wrongType)
            #expect(error?.retry == .never)
            #expect(error?.reply?.code == "WRONGTYPE")
        }
    }

    @Test("A command over the limit is refused before it is sent")
    func tooLarge() async throws {
        try await withRedis {
            $0.commandBytesMax = 1_000
            $0.queueBytesMax = 3_000
        } _: { connection, _ in
            let large = RedisCommand("SET", "k", [UInt8](repeating: 0, count: 1_000))
            let error = await failure { () throws(RedisError) in _ = try await connection.send(large) }
            #expect(error?.code == .commandTooLarge)
            #expect(error?.retry == .never)
            let half = RedisCommand("SET", "k", [UInt8](repeating: 0, count: 800))
            let pipeline = await failure { () throws(RedisError) in
                _ = try await connection.send([half, half, half, half])
            }
            #expect(pipeline?.code == .commandTooLarge)
            #expect(connection.figures.commands == 0)
        }
    }

    @Test("An empty pipeline has no answers")
    func empty() async throws {
        try await withRedis { connection, _ in
            let replies = try await connection.send([])
            #expect(replies.isEmpty)
        }
    }

    @Test("The connection introduces itself and uses its database")
    func introduction() async throws {
        let server = try await RedisServer.start(password: "hunter2")
        defer { server.close() }
        let address = try RedisAddress(server.url + "?db=3")
        try await withConnection(quick(address) { $0.clientName = "engine" }) { connection in
            let info = try await connection.send(RedisCommand("CLIENT", "INFO")).requireText()
            #expect(info.contains(" name=engine.commands "))
            #expect(info.contains(" db=3 "))
        }
    }

    @Test("Long batches reach Redis in few reads")
    func fewReads() async throws {
        try await withRedis { connection, _ in
            let commands = (0..<1_000).map { _ in RedisCommand("SET", "k", [UInt8](repeating: 1, count: 600)) }
            for _ in 0..<30 { _ = try await connection.send(commands) }
            let info = try await connection.send(RedisCommand("INFO", "stats")).requireText()
            let line = try #require(info.split(separator: "\r\n").first { $0.hasPrefix("total_reads_processed:") })
            let reads = try #require(Int(line.split(separator: ":")[1]))
            // 640 KB each: without widening 30 batches take a thousand reads.
            #expect(reads < 500)
        }
    }
}
