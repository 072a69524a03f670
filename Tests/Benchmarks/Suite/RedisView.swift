import Logging
import Queues
import Redis

/// The suite's Redis as an operator sees it: memory, people inside, timers.
final class RedisView: Sendable {
    struct Problem: Error, CustomStringConvertible { let description: String }

    private let client: RedisClient
    private let keys = QueueKeys()
    private let partitions: Int

    init(url: String, partitions: Int) throws {
        var logger = Logger(label: "bench")
        logger.logLevel = .warning
        client = try RedisClient(RedisConfiguration(try RedisAddress(url)), logger: logger)
        self.partitions = partitions
        try client.start()
    }

    func close() async { await client.close() }

    /// Bytes that Redis has allocated.
    func usedMemory() async throws -> Int { Int(try await figure("used_memory", of: "memory")) }

    /// Whether Redis writes its append-only file anew at this moment, which takes processor time and memory.
    func isRewriting() async throws -> Bool {
        let under = try await figure("aof_rewrite_in_progress", of: "persistence")
        let scheduled = try await figure("aof_rewrite_scheduled", of: "persistence")
        return under + scheduled > 0
    }

    private func figure(_ name: String, of section: String) async throws -> Int64 {
        let text = try await client.slow.send(RedisCommand("INFO", section)).text ?? ""
        for line in text.split(whereSeparator: \.isNewline) where line.hasPrefix(name + ":") {
            if let value = Int64(line.dropFirst(name.utf8.count + 1)) { return value }
        }
        throw Problem(description: "INFO \(section) does not say \(name)")
    }

    // MARK: People

    /// People inside the first version of a journey.
    func inside(_ journey: String) async throws -> Int { try await cardinality { $0.inside(journey, 1) } }

    func timers() async throws -> Int { try await cardinality(\.timers) }

    private func cardinality(_ key: (PartitionKeys) -> String) async throws -> Int {
        let commands = (0..<partitions).map { RedisCommand("ZCARD", key(keys.partition($0))) }
        return try await client.slow.send(commands).reduce(0) { $0 + Int($1.integerValue ?? 0) }
    }

    /// The newest configuration that was announced, and the oldest that some partition's engine still goes by.
    func revisions() async throws -> (announced: Int64, handled: Int64) {
        let commands =
            [RedisCommand("GET", keys.config("revision"))]
            + (0..<partitions).map { RedisCommand("HGET", keys.partition($0).state, "revision") }
        let numbers = try await client.slow.send(commands).map { $0.text.flatMap { Int64($0) } ?? 0 }
        return (numbers[0], numbers.dropFirst().min() ?? 0)
    }

    /// Bytes that one person inside takes in each of the keys that hold something of them, from one partition.
    func sizes(of journey: String, sample: Int = 200) async throws -> [(key: String, bytes: Double)] {
        let own = keys.partition(0)
        let members =
            try await client.slow.send(
                RedisCommand("ZRANGE", own.inside(journey, 1), 0, sample - 1)
            ).elements?.compactMap(\.text) ?? []
        guard !members.isEmpty else { return [] }
        let travelers = members.map { member in
            RedisCommand("MEMORY", "USAGE", own.traveler(String(member.prefix { $0 != " " })))
        }
        let bytes = try await client.slow.send(travelers).reduce(0) { $0 + Int($1.integerValue ?? 0) }
        var sizes = [("traveler:<person>", Double(bytes) / Double(members.count))]
        for (name, key) in [("timers", own.timers), ("inside:<version>", own.inside(journey, 1))] {
            let count = try await client.slow.send(RedisCommand("ZCARD", key)).integerValue ?? 0
            let whole = try await client.slow.send(RedisCommand("MEMORY", "USAGE", key, "SAMPLES", 0))
            sizes.append((name, Double(whole.integerValue ?? 0) / Double(max(1, count))))
        }
        return sizes
    }
}
