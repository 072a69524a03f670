import Models
import Queues
import Redis

/// Starts runs of journeys that read an audience: each once, whoever asks and how often.
///
/// `{sj:config}:runs` holds the newest, by id: `{"run":…,"journey":…,"version":1,"at":ms,"eventName"?}`; the field
/// `last:<journey>:<version>` the last planned time of a schedule. A run is written there first and then appended to
/// every inbox, which knows by its id what it has seen: appending it again is harmless.
struct RunStarter: Sendable {
    /// Runs that are remembered; the oldest go first.
    static let runsMax = 1_000

    let redis: RedisClient
    let keys: QueueKeys
    let inbox: InboxAppender
    let partitions: Int
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    private var key: String { keys.config("runs") }
    private var connection: RedisConnection { redis.node(forKey: key) }

    /// Brings a run into every inbox. Safe to repeat.
    func start(_ run: AudienceRun) async throws(QueueError) {
        var value: JSONObject = [
            "run": .string(run.id), "journey": .string(run.journey), "version": .integer(run.version),
            "at": .integer(clock()),
        ]
        if let event = run.eventName { value["eventName"] = .string(event) }
        do throws(RedisError) {
            _ = try await connection.send(RedisCommand("HSETNX", key, run.id, JSONValue.object(value).bytes))
        } catch { throw QueueError(.unavailable, "A run could not be written", cause: error) }
        let element = Command.run(run).element(id: "run-\(run.id)")
        _ = try await inbox.append(
            (0..<partitions).map { InboxEntry(partition: $0, element: element, duplicateHash: nil, source: .inside) })
    }

    /// The last planned time of a version's schedule; nil: none yet.
    func lastPlanned(_ journey: String, _ version: Int64) async throws(RedisError) -> Int64? {
        try await connection.send(RedisCommand("HGET", key, "last:\(journey):\(version)")).text.flatMap { Int64($0) }
    }

    func notePlanned(_ journey: String, _ version: Int64, at time: Int64) async throws(RedisError) {
        _ = try await connection.send(RedisCommand("HSET", key, "last:\(journey):\(version)", time))
    }

    /// The runs that are remembered, newest first; surplus ones are forgotten on the way.
    func runs() async throws(RedisError) -> [JSONValue] {
        let parts = try await connection.send(RedisCommand("HGETALL", key)).requireArray()
        var runs: [(id: String, value: JSONValue)] = []
        for place in stride(from: 0, to: parts.count - 1, by: 2) {
            guard let field = parts[place].text, !field.hasPrefix("last:"), let bytes = parts[place + 1].bytes,
                let value = try? JSONValue.parse(bytes)
            else { continue }
            runs.append((field, value))
        }
        runs.sort { ($0.value["at"]?.integerValue ?? 0, $0.id) > ($1.value["at"]?.integerValue ?? 0, $1.id) }
        let surplus = runs.dropFirst(Self.runsMax).map(\.id)
        if !surplus.isEmpty { _ = try await connection.send(RedisCommand("HDEL", list: [key] + surplus)) }
        return runs.prefix(Self.runsMax).map(\.value)
    }
}

/// A run that a partition is to start, in its state: written in the commit that took the business event.
struct RunStart: Sendable {
    let run: AudienceRun

    init(_ run: AudienceRun) { self.run = run }

    static func field(_ id: String) -> String { "start:\(id)" }

    var text: String {
        var object: JSONObject = ["journey": .string(run.journey), "version": .integer(run.version)]
        if let name = run.eventName { object["eventName"] = .string(name) }
        if let event = run.event { object["event"] = .object(event) }
        return JSONValue.object(object).text
    }

    /// Nil for fields that are none.
    init?(field: String, text: String) {
        guard field.hasPrefix("start:"), let value = try? JSONValue.parse(text),
            let journey = value["journey"]?.stringValue, let version = value["version"]?.integerValue
        else { return nil }
        run = AudienceRun(
            id: String(field.dropFirst(6)), journey: journey, version: version,
            eventName: value["eventName"]?.stringValue, event: value["event"]?.objectValue)
    }
}
