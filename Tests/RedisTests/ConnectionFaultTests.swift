import Logging
import Redis
import Synchronization
import TestKit
import Testing

@Suite("Faults between a connection and Redis")
struct ConnectionFaultTests {
    @Test("After kill -9 and a restart of Redis commands are served again, and a waiting one never notices")
    func killed() async throws {
        try await withRedis(appendOnly: .always) { connection, server in
            _ = try await connection.send(RedisCommand("SET", "a", "kept"))
            server.kill9()
            try await eventually("the loss is noticed without a command") { !connection.figures.isConnected }
            async let waiting = connection.send(RedisCommand("GET", "a"))
            try await server.restart()
            #expect(try await waiting.text == "kept")
            #expect(connection.figures.connectionsLost == 1)
        }
    }

    @Test("kill -9 under load loses nothing that was acknowledged, and every failure says what is known")
    func killedUnderLoad() async throws {
        try await withRedis(appendOnly: .always) { connection, server in
            let acknowledged = try await withThrowingTaskGroup(of: [Int].self) { group in
                for caller in 0..<20 {
                    group.addTask {
                        var done: [Int] = []
                        for turn in 0..<200 {
                            let number = caller * 1_000 + turn
                            let error = await failure { () throws(RedisError) in
                                _ = try await connection.send(RedisCommand("SADD", "all", number))
                            }
                            if error == nil { done.append(number) }
                            if let error { #expect(error.retry != .never, "\(error)") }
                        }
                        return done
                    }
                }
                group.addTask {
                    try await eventually("load") { connection.figures.commands > 500 }
                    server.kill9()
                    try await server.restart()
                    return []
                }
                return try await group.reduce(into: Set<Int>()) { $0.formUnion($1) }
            }
            let members = try await connection.send(RedisCommand("SMEMBERS", "all")).requireArray()
            let stored = Set(members.compactMap { $0.text.flatMap(Int.init) })
            #expect(acknowledged.subtracting(stored).isEmpty)
            #expect(acknowledged.count > 500)
        }
    }

    @Test("A lost answer is an unknown outcome: the command has run")
    func lostAnswer() async throws {
        let server = try await RedisServer.start(transport: .tcp)
        let proxy = try FaultProxy.start(to: server.place)
        defer {
            proxy.close()
            server.close()
        }
        try await withConnection(quick(try RedisAddress(proxy.redisURL))) { connection in
            _ = try await connection.send(RedisCommand("PING"))
            proxy.behaviour = .loseOneAnswer
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("INCR", "a"))
            }
            #expect(error?.code == .connectionLost)
            #expect(error?.retry == .unknownOutcome)
            #expect(try await connection.send(RedisCommand("GET", "a")).text == "1")
        }
    }

    @Test("Cut in the middle of a long pipeline, what was surely not sent is sent again and the rest is unknown")
    func cutMidway() async throws {
        let server = try await RedisServer.start(transport: .tcp)
        let proxy = try FaultProxy.start(to: server.place)
        defer {
            proxy.close()
            server.close()
        }
        try await withConnection(quick(try RedisAddress(proxy.redisURL))) { connection in
            _ = try await connection.send(RedisCommand("PING"))
            // Nothing gets through, so the system's buffers fill and most commands are not even written.
            proxy.behaviour = .blackHole
            let value = [UInt8](repeating: 1, count: 500_000)
            let outcomes = try await withThrowingTaskGroup(of: RedisError?.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        await failure { () throws(RedisError) in
                            _ = try await connection.send(RedisCommand("SETNX", "k\(number)", value))
                        }
                    }
                }
                try await eventually("some are under way") { connection.figures.waiting < 40 }
                proxy.behaviour = .pass
                proxy.cut()
                return try await group.reduce(into: [RedisError?]()) { $0.append($1) }
            }
            #expect(outcomes.contains { $0 == nil })
            #expect(outcomes.allSatisfy { $0 == nil || $0?.retry == .unknownOutcome })
            let count = try await connection.send(RedisCommand("DBSIZE")).requireInteger()
            #expect(count == outcomes.filter { $0 == nil }.count)
        }
    }

    @Test("Slow answers arrive, late")
    func delayed() async throws {
        let server = try await RedisServer.start(transport: .tcp)
        let proxy = try FaultProxy.start(to: server.place)
        defer {
            proxy.close()
            server.close()
        }
        try await withConnection(quick(try RedisAddress(proxy.redisURL))) { connection in
            _ = try await connection.send(RedisCommand("PING"))
            proxy.behaviour = .delay(.milliseconds(60))
            let start = ContinuousClock.now
            #expect(try await connection.send(RedisCommand("PING")).text == "PONG")
            #expect(start.duration(to: .now) >= .milliseconds(60))
        }
    }

    @Test("Refused connections are tried again until one is taken")
    func refused() async throws {
        let server = try await RedisServer.start(transport: .tcp)
        let proxy = try FaultProxy.start(to: server.place)
        defer {
            proxy.close()
            server.close()
        }
        proxy.behaviour = .refuse
        try await withConnection(quick(try RedisAddress(proxy.redisURL))) { connection in
            async let answer = connection.send(RedisCommand("PING"))
            try await eventually("some attempts failed") { connection.figures.connectFailures >= 3 }
            proxy.behaviour = .pass
            #expect(try await answer.text == "PONG")
        }
    }

    @Test("A wrong password fails what waits at once, and is told nowhere")
    func wrongPassword() async throws {
        let server = try await RedisServer.start(password: "right")
        defer { server.close() }
        let lines = LogLines()
        let address = try RedisAddress(server.url.replacing("right", with: "hunter2"))
        let connection = try RedisConnection(quick(address), logger: Logger(label: "x") { _ in lines })
        try connection.start()
        let error = await failure { () throws(RedisError) in _ = try await connection.send(RedisCommand("PING")) }
        await connection.close()
        #expect(error?.code == .notAuthenticated)
        #expect(error?.retry == .never)
        #expect(error.map { !"\($0)".contains("hunter2") } == true)
        #expect(!lines.all.isEmpty)
        #expect(!lines.all.contains { $0.contains("hunter2") })
    }

    @Test("Out of memory is an error that may be repeated; reading goes on")
    func outOfMemory() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("SET", "a", "x"))
            _ = try await connection.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
            let plain = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("SET", "b", "x"))
            }
            #expect(plain?.code == .outOfMemory)
            #expect(plain?.retry == .safe)
            let whole = await failure { () throws(RedisError) in
                _ = try await connection.send(
                    RedisCommand("EVAL", "#!lua\nreturn redis.call('SET', KEYS[1], 1)", 1, "b"))
            }
            #expect(whole?.code == .outOfMemory)
            #expect(whole?.retry == .safe)
            #expect(try await connection.send(RedisCommand("GET", "a")).text == "x")
        }
    }

    @Test("A refusal inside a script, which may have written before, has an unknown outcome")
    func insideScript() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("CONFIG", "SET", "maxmemory", "1"))
            // Without a header Redis refuses only the command that needs memory.
            let script = "redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], 1)"
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("EVAL", script, 1, "a"))
            }
            #expect(error?.code == .outOfMemory)
            #expect(error?.retry == .unknownOutcome)
        }
    }

    @Test("A server that has become a replica is left for a new connection")
    func readOnly() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("REPLICAOF", "127.0.0.1", 1))
            let error = await failure { () throws(RedisError) in
                _ = try await connection.send(RedisCommand("SET", "a", 1))
            }
            #expect(error?.code == .readOnly)
            #expect(error?.retry == .safe)
            _ = try await connection.send(RedisCommand("REPLICAOF", "NO", "ONE"))
            #expect(connection.figures.connects >= 2)
            _ = try await connection.send(RedisCommand("SET", "a", 1))
        }
    }

    @Test("A server that loads its data is waited for")
    func loading() async throws {
        // Loads slowly enough to be seen loading.
        let slowly = ["--key-load-delay", "300", "--loading-process-events-interval-bytes", "1024"]
        let server = try await RedisServer.start(appendOnly: .always, extra: slowly)
        defer { server.close() }
        try await withConnection(quick(try server.address)) { connection in
            let values = (0..<3_000).map { RedisCommand("SET", "k\($0)", [UInt8](repeating: 1, count: 100)) }
            _ = try await connection.send(values)
            try server.launchAgain()
            try await eventually("the loss is noticed") { connection.figures.connectionsLost > 0 }
            #expect(try await connection.send(RedisCommand("DBSIZE")).requireInteger() == 3_000)
            #expect(connection.figures.connectFailures > 0)
        }
    }
}

/// Keeps what is logged, message and metadata.
final class LogLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
