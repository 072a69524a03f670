import Logging
import Models
import Queues
import Redis
import TestKit

/// A real redis-server with a client, and short ways to look into it.
struct Fixture: Sendable {
    let server: RedisServer
    let redis: RedisClient
    let keys = QueueKeys()
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    func send(_ name: String, _ arguments: String...) async throws -> RedisReply {
        try await redis.slow.send(RedisCommand(name, list: arguments))
    }

    func list(_ key: String) async throws -> [String] {
        try await send("LRANGE", key, "0", "-1").requireArray().map { try $0.requireText() }
    }

    func field(_ key: String, _ field: String) async throws -> String? {
        try await send("HGET", key, field).optionalText()
    }

    func count(_ command: String, _ key: String) async throws -> Int64 {
        try await send(command, key).requireInteger()
    }

    /// The time of acceptance and the id of each element of an inbox, but for those that say that an event came again.
    func inbox(_ partition: Int) async throws -> [(at: Int64, id: String)] {
        try await list(keys.partition(partition).inbox).compactMap { element in
            let value = try JSONValue.parse(element)
            if value["kind"] == "repeat" { return nil }
            return (value["at"]?.integerValue ?? -1, value["id"]?.stringValue ?? "")
        }
    }

    /// Puts requests into a list as the engine's commit does.
    func push(_ kind: RequestKind, _ partition: Int, _ ids: [String]) async throws {
        for id in ids {
            let element = String(decoding: request(id).element, as: UTF8.self)
            _ = try await send("RPUSH", keys.partition(partition).requests(kind), element)
        }
    }

    func appender(_ edit: (inout AppendLimits) -> Void = { _ in }) -> InboxAppender {
        var limits = AppendLimits()
        edit(&limits)
        return InboxAppender(redis: redis, keys: keys, limits: limits)
    }

    func requests(
        _ kind: RequestKind = .actions, worker: String = "worker-1",
        _ edit: (inout RequestQueueSettings) -> Void = { _ in },
        isGone: @escaping @Sendable (String) -> Bool = { _ in false }
    ) -> RequestQueue {
        var settings = RequestQueueSettings()
        edit(&settings)
        return RequestQueue(redis: redis, keys: keys, kind: kind, worker: worker, settings: settings, isGone: isGone)
    }

    func keeper(
        _ owner: String, partitions: Int = 1, _ edit: (inout LeaseSettings) -> Void = { _ in },
        isGone: @escaping @Sendable (String) -> Bool = { _ in false }
    ) -> LeaseKeeper {
        var settings = LeaseSettings()
        edit(&settings)
        return LeaseKeeper(
            redis: redis, keys: keys, service: "journey-execution", owner: owner, partitions: partitions,
            settings: settings, logger: logger, isGone: isGone)
    }
}

/// Runs a test with its own redis-server.
func withRedis(
    maxMemory: String? = nil, appendOnly: RedisServer.AppendOnly = .no,
    _ body: (Fixture) async throws -> Void
) async throws {
    let server = try await RedisServer.start(appendOnly: appendOnly, maxMemory: maxMemory)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let redis = try RedisClient(RedisConfiguration(try server.address), logger: logger)
    try redis.start()
    do {
        try await body(Fixture(server: server, redis: redis))
    } catch {
        await redis.close()
        throw error
    }
    await redis.close()
}

func event(_ id: String, text: String = "") -> [UInt8] {
    PersonEvent(
        id: id, person: Person(namespace: "crmId", id: "7"), events: ["orderPlaced"],
        payload: ["text": .string(text)]
    ).element
}

func request(_ id: String, person: String = "7") -> ActionRequest {
    ActionRequest(
        id: id,
        origin: RequestOrigin(
            person: Person(namespace: "crmId", id: person), journey: "welcome", version: 1, instance: "4f",
            node: "thank", visit: 1),
        action: "sms", actionRevision: 1, parameters: ["text": "{\"id\":\"x\"}"], timeoutMilliseconds: 30_000,
        fields: [])
}

func outcome(_ id: String, status: String = "http_200") -> [UInt8] {
    let result = ActionResult(succeeded: status == "http_200", status: status, response: nil, attempts: [])
    return Outcome(
        id: id, person: Person(namespace: "crmId", id: "7"), instance: "4f", durationMilliseconds: 12,
        result: .action(result)
    ).element
}
