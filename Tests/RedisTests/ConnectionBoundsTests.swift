import Redis
import TestKit
import Testing

@Suite("Bounds of a connection")
struct ConnectionBoundsTests {
    @Test("A command that Redis does not answer in time fails with an unknown outcome")
    func timeOut() async throws {
        try await withRedis { connection, server in
            _ = try await connection.send(RedisCommand("PING"))
            server.suspend()
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("INCR", "a"), timeout: .milliseconds(200))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.retry == .unknownOutcome)
            server.resume()
            // Redis answers the old connection, which nobody reads any more; the new one works.
            try await eventually("the connection serves again") {
                await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("PING")) } == nil
            }
            #expect(connection.figures.timeOuts == 1)
            #expect(connection.figures.connects == 2)
        }
    }

    @Test("One caller's short time-out neither fails his neighbours nor breaks the connection")
    func neighbours() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("PING"))
            async let slow = connection.send(RedisCommand("EVAL", Self.busyLoop, 0, 40_000_000))
            async let hasty: Void = {
                let error = await failure { () throws(RedisError) in
                    _ = try await connection.send(RedisCommand("PING"), timeout: .milliseconds(100))
                }
                #expect(error == nil || error?.code == .timedOut)
            }()
            #expect(try await slow.requireInteger() == 1)
            await hasty
            #expect(try await connection.send(RedisCommand("PING")).text == "PONG")
            #expect(connection.figures.connects == 1)
        }
    }

    /// Counts to its argument, for some hundred milliseconds.
    private static let busyLoop = "local n = 0 for i = 1, tonumber(ARGV[1]) do n = n + 1 end return 1"
        .replacing("ARGV[1]", with: "4e7")

    @Test("A full queue refuses at once, and says that nothing was sent")
    func queueFull() async throws {
        let place = try TemporaryFolder()
        let nobody = try RedisAddress("unix://\(place.file("nobody.sock"))")
        let configuration = quick(nobody) {
            $0.queueCommandsMax = 10
            $0.commandTimeout = .milliseconds(300)
        }
        try await withConnection(configuration) { connection in
            let errors = await withTaskGroup(of: RedisError?.self) { group in
                for _ in 0..<25 {
                    group.addTask {
                        await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("PING")) }
                    }
                }
                return await group.reduce(into: [RedisError?]()) { $0.append($1) }
            }
            let codes = errors.map { $0?.code }
            #expect(codes.filter { $0 == .queueFull }.count == 15)
            #expect(codes.filter { $0 == .notConnected }.count == 10)
            #expect(errors.allSatisfy { $0?.retry == .safe })
            #expect(connection.figures.refusedFull == 15)
            #expect(connection.figures.waiting == 0)
            try await eventually("all are counted") { connection.figures.timeOuts == 10 }
        }
    }

    @Test("The queue's bound counts bytes too")
    func queueBytes() async throws {
        let place = try TemporaryFolder()
        let nobody = try RedisAddress("unix://\(place.file("nobody.sock"))")
        let configuration = quick(nobody) {
            $0.queueBytesMax = 100_000
            $0.commandTimeout = .milliseconds(300)
        }
        try await withConnection(configuration) { connection in
            let large = RedisCommand("SET", "k", [UInt8](repeating: 0, count: 60_000))
            async let first = failure { () throws(RedisError) in _ = try await connection.send(large) }
            async let second = failure { () throws(RedisError) in _ = try await connection.send(large) }
            let codes = await [first?.code, second?.code]
            #expect(Set(codes) == [.queueFull, .notConnected])
        }
    }

    @Test("Without Redis a command fails after its time-out, with the reason")
    func nobodyThere() async throws {
        let place = try TemporaryFolder()
        let nobody = try RedisAddress("unix://\(place.file("nobody.sock"))")
        try await withConnection(quick(nobody)) { connection in
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("PING"), timeout: .milliseconds(100))
            }
            #expect(error?.code == .notConnected)
            #expect(error?.retry == .safe)
            #expect((error?.cause as? RedisError)?.message.contains("No such file") == true)
        }
    }

    @Test("Closing waits for what is under way, and refuses what comes later")
    func closing() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("PING"))
            async let late = connection.send((0..<2_000).map { RedisCommand("INCR", "k\($0 % 7)") })
            try await eventually("the pipeline is under way") {
                connection.figures.waiting > 0 || connection.figures.commands > 1
            }
            await connection.close()
            #expect(try await late.count == 2_000)
            let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("PING")) }
            #expect(error?.code == .closed)
            #expect(error?.retry == .safe)
            await connection.close()
        }
    }

    @Test("Closing ends by its grace when Redis does not answer")
    func closingWithoutAnswer() async throws {
        try await withRedis { connection, server in
            _ = try await connection.send(RedisCommand("PING"))
            server.suspend()
            async let stuck = failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("INCR", "a"))
            }
            try await eventually("the command was taken") {
                await Task.yield()
                return connection.figures.waiting == 0
            }
            await connection.close(grace: .milliseconds(100))
            let error = await stuck
            #expect(error?.code == .closed)
            server.resume()
        }
    }

    @Test("A connection that was never started refuses, and closes at once")
    func neverStarted() async throws {
        let connection = try RedisConnection(
            RedisConfiguration(try RedisAddress("redis://localhost:1")), logger: silent)
        let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("PING")) }
        #expect(error?.code == .closed)
        await connection.close()
    }
}
