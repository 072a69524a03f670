import Logging
import Models
import Queues
import Redis
import ServiceLifecycle

/// Events that failed validation, kept so that they can be looked at, corrected and replayed: the newest
/// ``countMax``, in `{sj:config}:rejected` (id → element) and `…:rejected:order` (id by time).
///
/// Keeping them is a service to people and not a promise: where they come faster than they can be written, the rest is
/// only counted.
final class RejectedEvents: Service {
    static let countMax = 1_000
    /// Events waiting to be written.
    static let waitingMax = 1_000
    /// Bytes of a payload that is kept.
    static let payloadBytesMax = 64 << 10

    private let redis: RedisClient
    private let keys: QueueKeys
    private let clock: @Sendable () -> Int64
    private let makeID: @Sendable () -> String
    private let logger: Logger
    private let waiting: AsyncStream<(id: String, at: Int64, element: [UInt8])>
    private let entrance: AsyncStream<(id: String, at: Int64, element: [UInt8])>.Continuation

    init(
        redis: RedisClient, keys: QueueKeys, clock: @escaping @Sendable () -> Int64,
        makeID: @escaping @Sendable () -> String, logger: Logger
    ) {
        self.redis = redis
        self.keys = keys
        self.clock = clock
        self.makeID = makeID
        self.logger = logger
        (waiting, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waitingMax))
    }

    private var hash: String { keys.config("rejected") }
    private var order: String { keys.config("rejected:order") }
    private var connection: RedisConnection { redis.node(forKey: hash) }

    /// Notes an event; returns at once.
    func keep(_ event: JSONValue, problems: [Problem], inlet: String?) {
        let bytes = event.bytes
        if bytes.count > Self.payloadBytesMax { return }
        let id = makeID(), at = clock()
        var writer = ElementWriter(capacity: bytes.count + 512)
        writer.add("kind", "rejected")
        writer.add("id", id)
        writer.add("at", at)
        if let inlet { writer.add("inlet", inlet) }
        writer.add("problems", .array(problems.map(\.json)))
        writer.add("event", json: bytes)
        entrance.yield((id, at, writer.finish()))
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await item in self.waiting {
                do {
                    _ = try await self.connection.send([
                        RedisCommand("HSET", self.hash, item.id, item.element),
                        RedisCommand("ZADD", self.order, item.at, item.id),
                    ])
                    try await self.trim()
                } catch {
                    self.logger.warning("a rejected event could not be kept", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    private func trim() async throws(RedisError) {
        let surplus = try await connection.send(RedisCommand("ZRANGE", order, 0, -(Self.countMax + 1)))
        let ids = try surplus.requireArray().compactMap(\.text)
        if !ids.isEmpty { try await discard(ids) }
    }

    /// Where a page ended, by what does not move when others are discarded.
    struct Place {
        let at: Int64
        let id: String

        init(at: Int64, id: String) {
            self.at = at
            self.id = id
        }

        /// Nil where ``text`` does not write such.
        init?(_ text: String) {
            let parts = text.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let at = Int64(parts[0]) else { return nil }
            self.init(at: at, id: String(parts[1]))
        }

        var text: String { "\(at) \(id)" }

        /// Whether it stands after the other, newest first.
        func comes(after other: Place) -> Bool {
            at != other.at ? at < other.at : id.utf8.lexicographicallyPrecedes(other.id.utf8)
        }
    }

    /// A page, newest first, after a place; and where it ended, unless it is the last one.
    func page(after last: Place?, limit: Int) async throws(RedisError) -> (items: [JSONValue], next: Place?) {
        // Many may be of one millisecond, and there are no more than a thousand.
        let command = RedisCommand(
            "ZRANGE", order, last.map { "\($0.at)" } ?? "+inf", "-inf", "BYSCORE", "REV", "LIMIT", 0,
            Self.countMax + Self.waitingMax, "WITHSCORES")
        let pairs = try await connection.send(command).requireArray().compactMap(\.text)
        var places = stride(from: 0, to: pairs.count - 1, by: 2).compactMap { place in
            Double(pairs[place + 1]).map { Place(at: Int64($0), id: pairs[place]) }
        }[...]
        if let last { places = places.drop { !$0.comes(after: last) } }
        let page = places.prefix(limit)
        if page.isEmpty { return ([], nil) }
        let replies = try await connection.send(RedisCommand("HMGET", list: [hash] + page.map(\.id))).requireArray()
        let items = replies.compactMap { reply in reply.bytes.flatMap { try? JSONValue.parse($0) } }
        return (items, page.count < places.count ? page.last : nil)
    }

    func get(_ id: String) async throws(RedisError) -> JSONValue? {
        guard let bytes = try await connection.send(RedisCommand("HGET", hash, id)).optionalBytes() else { return nil }
        return try? JSONValue.parse(bytes)
    }

    func discard(_ ids: [String]) async throws(RedisError) {
        let replies = try await connection.send([
            RedisCommand("HDEL", list: [hash] + ids), RedisCommand("ZREM", list: [order] + ids),
        ])
        for reply in replies { _ = try reply.checked() }
    }
}
