import Models
import Queues
import Redis
import Synchronization

/// States and histories of alerts in Redis, so that whichever replica leads goes on where another stopped; the states
/// also in memory, for answers.
final class AlertStore: Sendable {
    private let redis: RedisClient
    /// Hash: name → state.
    private let states: String
    /// Hash: the versions that do not compile, which journey-execution writes.
    private let brokenVersions: String
    /// What the key of a history begins with; a list of the newest changes.
    private let history: String
    private let known = Mutex<[String: AlertState]>([:])

    init(redis: RedisClient, keys: QueueKeys) {
        self.redis = redis
        states = keys.config("alertStates")
        brokenVersions = keys.config("broken")
        history = keys.config("alertHistory")
    }

    /// The state of an alert as it was last read or written; nil before its first round.
    func state(of alert: String) -> AlertState? { known.withLock { $0[alert] } }

    /// The versions that do not compile, as `journey@version`.
    func broken() async throws(RedisError) -> [String] {
        try await send(RedisCommand("HKEYS", brokenVersions)).elements?.compactMap(\.text) ?? []
    }

    /// All states, read anew.
    func load() async throws(RedisError) -> [String: AlertState] {
        let fields = try await send(RedisCommand("HGETALL", states)).elements ?? []
        var read: [String: AlertState] = [:]
        for place in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[place].text, let bytes = fields[place + 1].bytes else { continue }
            read[name] = AlertState(bytes)
        }
        known.withLock { $0 = read }
        return read
    }

    func save(_ state: AlertState, of alert: String) async throws(RedisError) {
        _ = try await send(RedisCommand("HSET", states, alert, state.json.bytes))
        known.withLock { $0[alert] = state }
    }

    /// Notes a change of state.
    func note(_ state: AlertState, of alert: String) async throws(RedisError) {
        let entry: JSONValue = [
            "at": .string(Timestamp.text(state.since)), "state": .string(state.word.rawValue),
            "value": .decimal(state.value),
        ]
        _ = try await send(RedisCommand("LPUSH", key(alert), entry.bytes))
        _ = try await send(RedisCommand("LTRIM", key(alert), 0, AlertLimits.historyMax - 1))
    }

    /// The changes of an alert's state, newest first.
    func changes(of alert: String) async throws(RedisError) -> [JSONValue] {
        let entries = try await send(RedisCommand("LRANGE", key(alert), 0, AlertLimits.historyMax - 1)).elements ?? []
        return entries.compactMap { $0.bytes.flatMap { try? JSONValue.parse($0) } }
    }

    /// Forgets an alert that was deleted.
    func forget(_ alert: String) async throws(RedisError) {
        _ = try await send(RedisCommand("HDEL", states, alert))
        _ = try await send(RedisCommand("DEL", key(alert)))
        known.withLock { $0[alert] = nil }
    }

    private func key(_ alert: String) -> String { "\(history):\(alert)" }

    private func send(_ command: RedisCommand) async throws(RedisError) -> RedisReply {
        try await redis.node(forKey: states).send(command)
    }
}
