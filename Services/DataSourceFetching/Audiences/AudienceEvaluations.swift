import Audiences
import Models
import Queues
import Redis

/// The evaluations that somebody asked for, by audience: `{sj:config}:evaluations`. Those of new and changed rules, and
/// the daily ones of rules with now(), follow from the audiences themselves.
struct AudienceEvaluations: Sendable {
    struct Request: Sendable, Hashable {
        /// When it was asked for (ms): the name of the run.
        var run: Int64
        /// Whether changes are told to journeys.
        var announce: Bool
    }

    private static let dayMilliseconds: Int64 = 86_400_000

    private let redis: RedisClient
    private let key: String
    /// Milliseconds since 1970.
    private let now: @Sendable () -> Int64

    init(redis: RedisClient, keys: QueueKeys, now: @escaping @Sendable () -> Int64) {
        self.redis = redis
        key = keys.config("evaluations")
        self.now = now
    }

    /// Asks for an evaluation over everyone; the newest counts. Safe to repeat.
    func request(_ audience: String, announce: Bool) async throws(RedisError) {
        let value: JSONValue = ["run": .integer(now()), "announce": .bool(announce)]
        _ = try await redis.node(forKey: key).send(RedisCommand("HSET", key, audience, value.bytes))
    }

    /// Forgets what was asked for an audience that is deleted.
    func forget(_ audience: String) async throws(RedisError) {
        _ = try await redis.node(forKey: key).send(RedisCommand("HDEL", key, audience))
    }

    /// All that was asked for, by audience.
    func requests() async throws(RedisError) -> [String: Request] {
        let parts = try await redis.node(forKey: key).send(RedisCommand("HGETALL", key)).requireArray()
        var requests: [String: Request] = [:]
        for place in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let name = parts[place].text, let bytes = parts[place + 1].bytes,
                let value = try? JSONValue.parse(bytes), let run = value["run"]?.integerValue
            else { continue }
            requests[name] = Request(run: run, announce: value["announce"]?.boolValue ?? false)
        }
        return requests
    }

    /// What every partition has to do for an audience. A rule with now() is due anew at each midnight (UTC), and tells
    /// what the day changed.
    func ask(_ rule: AudienceRule, _ definition: Request?) -> WalkAsk {
        var run = definition?.run ?? 0
        var announce = definition?.announce ?? false
        let day = now() / Self.dayMilliseconds * Self.dayMilliseconds
        if rule.usesNow, day > run {
            run = day
            announce = true
        }
        return WalkAsk(
            audience: rule.audience, rule: rule.revision, run: run, announceRule: rule.announce, announceRun: announce)
    }
}
