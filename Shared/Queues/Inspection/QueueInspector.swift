import Models
import Redis
import Synchronization

/// Shows every queue of every partition to people: what `queues.list`, `queues.peek` and `queues.find` answer.
///
/// It reads on the connection for scans, so that nothing on an event's path waits behind it, and changes nothing.
package final class QueueInspector: Sendable {
    private let connection: RedisConnection
    private let keys: QueueKeys
    private let partitions: Int
    private let rates = Mutex(QueueRates())

    /// Elements that one peek shows at most.
    package static let peekMax = 100
    /// Elements of each list and partition that a find looks at, from the head on.
    package static let findDepth = 1_000

    package init(redis: RedisClient, keys: QueueKeys, partitions: Int) {
        connection = redis.slow
        self.keys = keys
        self.partitions = partitions
    }

    /// `{items: [{name, kind, length, oldestAgeMs, inPerSecond, outPerSecond, partitions: [length, …]}]}`. Rates come
    /// from the two latest lists: null in the first, and for queues that are not counted. The age is null where
    /// nothing says it.
    package func list() async throws(QueueError) -> JSONValue {
        let queues = InspectedQueue.all
        var commands: [RedisCommand] = [RedisCommand("TIME")]
        for partition in 0..<partitions {
            let own = keys.partition(partition)
            commands.append(RedisCommand("HGETALL", own.state))
            for queue in queues {
                commands.append(queue.length(own))
                commands.append(queue.head(own))
            }
        }
        let replies = try await send(commands)
        let clock = Self.microseconds(replies[0])
        let now = clock / 1_000
        let width = 1 + queues.count * 2
        var counters: [String: Int64] = [:]
        var items: [JSONValue] = []
        for partition in 0..<partitions {
            let fields = replies[1 + partition * width].elements ?? []
            for place in stride(from: 0, to: fields.count - 1, by: 2) {
                guard let name = fields[place].text, name.hasPrefix("in:") || name.hasPrefix("out:") else { continue }
                counters[name, default: 0] += Int64(fields[place + 1].text ?? "") ?? 0
            }
        }
        let perSecond = rates.withLock { $0.note(counters, atMicroseconds: clock) }
        for (place, queue) in queues.enumerated() {
            var lengths: [JSONValue] = []
            var total: Int64 = 0
            var oldest: Int64?
            for partition in 0..<partitions {
                let at = 2 + partition * width + place * 2
                let length = replies[at].integerValue ?? 0
                total += length
                lengths.append(.integer(length))
                if let age = queue.age(replies[at + 1], now: now) { oldest = max(oldest ?? 0, age) }
            }
            items.append([
                "name": .string(queue.name), "kind": .string(queue.type.rawValue), "length": .integer(total),
                "oldestAgeMs": oldest.map { .integer($0) } ?? .null,
                "inPerSecond": perSecond["in:\(queue.name)"].map { .decimal($0) } ?? .null,
                "outPerSecond": perSecond["out:\(queue.name)"].map { .decimal($0) } ?? .null,
                "partitions": .array(lengths),
            ])
        }
        return ["items": .array(items)]
    }

    /// A queue over all partitions, at one moment.
    package struct Figure: Sendable, Hashable {
        package let queue: String
        package let length: Int64
        /// How long the oldest waits; nil where nothing says it.
        package let oldestAgeMilliseconds: Int64?
    }

    /// Length and age of these queues, in one pipeline: what a service watches of its own. Names that there are none of
    /// are left out.
    package func figures(of names: [String]) async throws(QueueError) -> [Figure] {
        let queues = InspectedQueue.all.filter { names.contains($0.name) }
        var commands: [RedisCommand] = [RedisCommand("TIME")]
        for queue in queues {
            for partition in 0..<partitions {
                commands.append(queue.length(keys.partition(partition)))
                commands.append(queue.head(keys.partition(partition)))
            }
        }
        let replies = try await send(commands)
        let now = Self.microseconds(replies[0]) / 1_000
        return queues.enumerated().map { place, queue in
            var length: Int64 = 0
            var oldest: Int64?
            for partition in 0..<partitions {
                let at = 1 + (place * partitions + partition) * 2
                length += replies[at].integerValue ?? 0
                if let age = queue.age(replies[at + 1], now: now) { oldest = max(oldest ?? 0, age) }
            }
            return Figure(queue: queue.name, length: length, oldestAgeMilliseconds: oldest)
        }
    }

    /// `{queue, items: [{partition, element}]}`, or nil where there is no such queue. `inbox` shows all partitions one
    /// after the other, `inbox:7` one. An element that is not JSON is `{unreadable: text}`.
    package func peek(queue name: String, offset: Int, limit: Int) async throws(QueueError) -> JSONValue? {
        guard let (queue, only) = InspectedQueue.named(name), only.map({ $0 < partitions }) ?? true else { return nil }
        let chosen = only.map { [$0] } ?? Array(0..<partitions)
        let lengths = try await send(chosen.map { queue.length(keys.partition($0)) }).map { Int($0.integerValue ?? 0) }
        var skip = max(0, offset)
        var missing = min(max(1, limit), Self.peekMax)
        var asked: [(partition: Int, from: Int, count: Int)] = []
        var commands: [RedisCommand] = []
        for (partition, length) in zip(chosen, lengths) where missing > 0 {
            if skip >= length {
                skip -= length
                continue
            }
            let count = min(missing, length - skip)
            asked.append((partition, skip, count))
            commands.append(queue.range(keys.partition(partition), from: skip, count: count))
            missing -= count
            skip = 0
        }
        var items: [JSONValue] = []
        for (piece, reply) in zip(asked, commands.isEmpty ? [] : try await send(commands)) {
            for element in queue.elements(reply, from: piece.from, count: piece.count) {
                items.append(["partition": .integer(Int64(piece.partition)), "element": element])
            }
        }
        return ["queue": .string(name), "items": .array(items)]
    }

    /// Everything whose `id`, person or instance is this text, in all queues: `{items: [{queue, partition, element}]}`.
    /// Looks at the first ``findDepth`` elements of each.
    package func find(id: String) async throws(QueueError) -> JSONValue {
        var items: [JSONValue] = []
        for queue in InspectedQueue.all {
            let commands = (0..<partitions).map { queue.range(keys.partition($0), from: 0, count: Self.findDepth) }
            for (partition, reply) in try await send(commands).enumerated() {
                for element in queue.elements(reply, from: 0, count: Self.findDepth)
                where Self.element(element, concerns: id) {
                    items.append([
                        "queue": .string(queue.name), "partition": .integer(Int64(partition)), "element": element,
                    ])
                    if items.count >= Self.peekMax { return ["items": .array(items)] }
                }
            }
        }
        return ["items": .array(items)]
    }

    private func send(_ commands: [RedisCommand]) async throws(QueueError) -> [RedisReply] {
        try await redis { () async throws(RedisError) in try await connection.send(commands) }
    }

    private static func element(_ element: JSONValue, concerns id: String) -> Bool {
        for key in ["id", "person", "instance", "member"] {
            guard let found = element[key]?.stringValue else { continue }
            // A person's id is composed, whatever the spelling that is asked for.
            if found.hasBytes(of: id) || found.hasBytes(of: id.composed) { return true }
        }
        for key in ["request", "element"] {
            if let inner = element[key], !inner.isNull, Self.element(inner, concerns: id) { return true }
        }
        return (element["records"]?.arrayValue ?? []).contains { Self.element($0, concerns: id) }
    }

    private static func microseconds(_ time: RedisReply) -> Int64 {
        let parts = time.elements?.compactMap { Int64($0.text ?? "") } ?? []
        return parts.count == 2 ? parts[0] * 1_000_000 + parts[1] : 0
    }
}

/// Counters of the latest list, for the rates of the next.
struct QueueRates: Sendable {
    private var counters: [String: Int64] = [:]
    private var at: Int64 = 0

    /// What changed a second since the list before; empty for the first.
    ///
    /// - Parameter time: since 1970; two lists may fall on one millisecond.
    mutating func note(_ now: [String: Int64], atMicroseconds time: Int64) -> [String: Double] {
        defer {
            counters = now
            at = time
        }
        let seconds = Double(time - at) / 1_000_000
        guard at > 0, seconds > 0 else { return [:] }
        var rates: [String: Double] = [:]
        for (name, count) in now {
            rates[name] = (Double(max(0, count - counters[name, default: 0])) / seconds * 10).rounded() / 10
        }
        return rates
    }
}
