import Redis
import TestKit
import Testing

@Suite("Scripts")
struct RedisScriptTests {
    private let add = RedisScript(
        name: "add", source: "#!lua\nreturn redis.call('INCRBY', KEYS[1], ARGV[1])")
    private let read = RedisScript(
        name: "read", source: "#!lua\nreturn {redis.call('GET', KEYS[1]), ARGV[1], ARGV[2]}")

    @Test(
        "Redis names a script by the same hash",
        arguments: [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1_000])
    func hash(length: Int) async throws {
        try await withRedis { connection, _ in
            let script = RedisScript(name: "x", source: "--" + String(repeating: "é", count: length))
            let loaded = try await connection.send(RedisCommand("SCRIPT", "LOAD", script.source))
            #expect(loaded.text == script.sha1)
        }
    }

    @Test("A script that Redis does not know is loaded, then runs")
    func loads() async throws {
        try await withRedis { connection, _ in
            #expect(try await connection.run(add, keys: ["a"], arguments: [5]) == .integer(5))
            #expect(try await connection.run(add, keys: ["a"], arguments: ["6"]) == .integer(11))
            _ = try await connection.send(RedisCommand("SCRIPT", "FLUSH"))
            #expect(try await connection.run(add, keys: ["a"], arguments: [-1]) == .integer(10))
            var call = read.command(keys: ["a"], arguments: ["x"])
            call.append([0, 255] as [UInt8])
            #expect(try await connection.run(call) == .array([.bulk([49, 48]), .bulk([120]), .bulk([0, 255])]))
        }
    }

    @Test("In a pipeline only what was refused is sent again, and each script is loaded once")
    func pipeline() async throws {
        try await withRedis { connection, _ in
            _ = try await connection.send(RedisCommand("SCRIPT", "LOAD", read.source))
            _ = try await connection.send(RedisCommand("CONFIG", "RESETSTAT"))
            var commands: [RedisCommand] = []
            for turn in 0..<50 {
                commands.append(add.command(keys: ["n\(turn)"], arguments: [turn]))
                commands.append(read.command(keys: ["other"], arguments: [turn, turn]))
                commands.append(RedisCommand("INCR", "plain"))
            }
            let replies = try await connection.run(commands)
            #expect(replies.count == 150)
            for turn in 0..<50 {
                #expect(replies[turn * 3] == .integer(Int64(turn)))
                #expect(try replies[turn * 3 + 1].requireArray()[1].text == "\(turn)")
                #expect(replies[turn * 3 + 2] == .integer(Int64(turn + 1)))
            }
            let statistics = try await connection.send(RedisCommand("INFO", "commandstats")).requireText()
            #expect(statistics.contains("cmdstat_script|load:calls=1,"))
            // 100 in the first pipeline, of which 50 were refused, and these again.
            #expect(statistics.contains("cmdstat_evalsha:calls=150,"))
        }
    }

    @Test("A plain command that answers NOSCRIPT is left alone")
    func plainRefusal() async throws {
        try await withRedis { connection, _ in
            let unknown = RedisCommand("EVALSHA", String(repeating: "0", count: 40), 0)
            let error = await failure { () throws(RedisError) in _ = try await connection.run(unknown) }
            #expect(error?.code == .noScript)
            #expect(error?.retry == .safe)
        }
    }

    @Test(
        "When what was refused cannot be sent again, the outcome is unknown only if something ran",
        arguments: [(false, .never), (true, .unknownOutcome)] as [(Bool, RedisError.Retry)])
    func secondPipelineFails(somethingRan: Bool, retry: RedisError.Retry) async throws {
        // Three calls and as many loads do not fit.
        try await withRedis({ $0.queueCommandsMax = 5 }) { connection, _ in
            var commands = (0..<3).map { number in
                RedisScript(name: "x", source: "#!lua\nreturn \(number)").command(keys: [])
            }
            if somethingRan { commands.append(RedisCommand("INCR", "a")) }
            let error = await failure { () throws(RedisError) in _ = try await connection.run(commands) }
            #expect(error?.code == .commandTooLarge)
            #expect(error?.retry == retry)
            let count = try await connection.send(RedisCommand("EXISTS", "a")).requireInteger()
            #expect(count == (somethingRan ? 1 : 0))
        }
    }
}
