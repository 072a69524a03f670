import Models
import Queues
import Redis

/// The trials that are under way, and those that are ending, by id: `{sj:config}:trials`.
///
/// Where the virtual clock of a test shall be lies beside it, in the field `<id>~clock`: a call that advances the clock
/// never brings back a test that another call ends.
struct TrialStore: Sendable {
    /// Tests at once: each is compiled by every replica.
    static let testsMax = 50
    /// Dry runs at once: each of them is offered every event that its journey listens to.
    static let dryRunsMax = 5

    private static let clockSuffix = "~clock"

    let redis: RedisClient
    let keys: QueueKeys

    private var key: String { keys.config("trials") }
    private var connection: RedisConnection { redis.node(forKey: key) }

    func all() async throws(RedisError) -> [Trial] {
        let values = try await connection.send(RedisCommand("HVALS", key)).requireArray().compactMap { reply in
            reply.bytes.flatMap { try? JSONValue.parse($0) }
        }
        var targets: [String: Int64] = [:]
        for value in values {
            if let id = value["clockOf"]?.stringValue { targets[id] = value["to"]?.integerValue }
        }
        return values.compactMap { value in
            var trial = Trial(value)
            if let id = trial?.mark.id, let target = targets[id] { trial?.clock?.to = target }
            return trial
        }.sorted { ($0.at, $0.mark.id) < ($1.at, $1.mark.id) }
    }

    func save(_ trial: Trial) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HSET", key, trial.mark.id, trial.json.bytes))
    }

    /// Notes where the clock of a test shall be.
    func save(clockOf id: String, to time: Int64) async throws(RedisError) {
        let value: JSONValue = ["clockOf": .string(id), "to": .integer(time)]
        _ = try await connection.send(RedisCommand("HSET", key, id + Self.clockSuffix, value.bytes))
    }

    /// Forgets clocks of tests that were ended by one call while another advanced them.
    func removeLostClocks() async throws(RedisError) {
        let values = try await connection.send(RedisCommand("HVALS", key)).requireArray().compactMap { reply in
            reply.bytes.flatMap { try? JSONValue.parse($0) }
        }
        let ids = Set(values.compactMap { $0["id"]?.stringValue })
        let lost = values.compactMap { $0["clockOf"]?.stringValue }.filter { !ids.contains($0) }
        if lost.isEmpty { return }
        _ = try await connection.send(RedisCommand("HDEL", list: [key] + lost.map { $0 + Self.clockSuffix }))
    }

    func remove(_ id: String) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HDEL", key, id, id + Self.clockSuffix))
    }
}
