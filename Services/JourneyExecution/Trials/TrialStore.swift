import Engine
import Models
import Queues
import Redis

/// A test of a draft: its journey runs apart from all others, on test profiles alone.
///
/// `{"id":"test-welcome-1767225600000","kind":"test","journey":"welcome","document":{…},"at":ms,"waitMs"?,
/// "forced":{node: path label},"sends":false}`
struct Trial: Sendable {
    /// The version that a trial's plan has.
    static let version: Int64 = 0

    let mark: RunMark
    let journey: String
    let document: JSONObject
    /// When it began (ms).
    let at: Int64
    /// What waits are shortened to.
    let waitMilliseconds: Int64?
    let forced: [String: String]
    /// Whether its actions are sent.
    let sends: Bool

    init(
        _ mark: RunMark, journey: String, document: JSONObject, at: Int64, waitMilliseconds: Int64?,
        forced: [String: String], sends: Bool
    ) {
        self.mark = mark
        self.journey = journey
        self.document = document
        self.at = at
        self.waitMilliseconds = waitMilliseconds
        self.forced = forced
        self.sends = sends
    }

    init?(_ value: JSONValue) {
        guard let id = value["id"]?.stringValue, let kind = value["kind"]?.stringValue.flatMap(RunMark.Kind.init),
            let journey = value["journey"]?.stringValue, let document = value["document"]?.objectValue,
            let at = value["at"]?.integerValue
        else { return nil }
        mark = RunMark(id: id, kind: kind)
        self.journey = journey
        self.document = document
        self.at = at
        waitMilliseconds = value["waitMs"]?.integerValue
        var forced: [String: String] = [:]
        for (node, label) in value["forced"]?.objectValue ?? [:] { forced[node] = label.stringValue }
        self.forced = forced
        sends = value["sends"]?.boolValue ?? false
    }

    var json: JSONValue {
        var object: JSONObject = [
            "id": .string(mark.id), "kind": .string(mark.kind.rawValue), "journey": .string(journey),
            "document": .object(document), "at": .integer(at),
            "forced": .object(JSONObject(forced.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "sends": .bool(sends),
        ]
        if let waitMilliseconds { object["waitMs"] = .integer(waitMilliseconds) }
        return .object(object)
    }

    /// What the engine does differently.
    var run: EngineRun {
        var run = EngineRun(mark: mark)
        run.waitMilliseconds = waitMilliseconds
        run.forcedPaths = forced
        run.sends = sends
        return run
    }
}

/// The trials that are under way, by id: `{sj:config}:trials`.
struct TrialStore: Sendable {
    /// At once: each is compiled by every replica.
    static let trialsMax = 50

    let redis: RedisClient
    let keys: QueueKeys

    private var key: String { keys.config("trials") }
    private var connection: RedisConnection { redis.node(forKey: key) }

    func all() async throws(RedisError) -> [Trial] {
        let replies = try await connection.send(RedisCommand("HVALS", key)).requireArray()
        return replies.compactMap { reply in
            reply.bytes.flatMap { try? JSONValue.parse($0) }.flatMap(Trial.init)
        }.sorted { $0.mark.id < $1.mark.id }
    }

    func save(_ trial: Trial) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HSET", key, trial.mark.id, trial.json.bytes))
    }

    func remove(_ id: String) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HDEL", key, id))
    }
}
