import Models
import Redis

/// A queue as people see it: where it lies and how to read it.
struct InspectedQueue: Sendable {
    enum KeyType: String, Sendable {
        case list, hash, sortedSet
    }

    let name: String
    let type: KeyType
    private let key: @Sendable (PartitionKeys) -> String

    private init(_ name: String, _ type: KeyType, _ key: @escaping @Sendable (PartitionKeys) -> String) {
        self.name = name
        self.type = type
        self.key = key
    }

    static let all: [InspectedQueue] =
        [InspectedQueue("inbox", .list) { $0.inbox }, InspectedQueue("inbox:dead", .list) { $0.inboxDead }]
        + RequestKind.allCases.flatMap { kind in
            [
                InspectedQueue(kind.rawValue, .list) { $0.requests(kind) },
                InspectedQueue("\(kind.rawValue):claimed", .hash) { $0.claimed(kind) },
                InspectedQueue("\(kind.rawValue):retry", .sortedSet) { $0.retry(kind) },
                InspectedQueue("\(kind.rawValue):suspects", .list) { $0.suspects(kind) },
                InspectedQueue("\(kind.rawValue):dead", .list) { $0.dead(kind) },
            ]
        }
        + [
            InspectedQueue("steps", .list) { $0.steps }, InspectedQueue("timers", .sortedSet) { $0.timers },
            InspectedQueue("refusals", .list) { $0.refusals },
        ]

    /// A queue by name, `actions:retry`, or of one partition, `actions:retry:7`.
    static func named(_ name: String) -> (queue: InspectedQueue, partition: Int?)? {
        if let queue = all.first(where: { $0.name == name }) { return (queue, nil) }
        guard let colon = name.lastIndex(of: ":"), let partition = Int(name[name.index(after: colon)...]),
            partition >= 0, let queue = all.first(where: { $0.name == name[..<colon] })
        else { return nil }
        return (queue, partition)
    }

    func length(_ keys: PartitionKeys) -> RedisCommand {
        switch type {
        case .list: RedisCommand("LLEN", key(keys))
        case .hash: RedisCommand("HLEN", key(keys))
        case .sortedSet: RedisCommand("ZCARD", key(keys))
        }
    }

    /// What tells the age of the oldest element; for a hash nothing does.
    func head(_ keys: PartitionKeys) -> RedisCommand {
        switch type {
        case .list: RedisCommand("LINDEX", key(keys), name == "refusals" ? -1 : 0)
        case .hash: RedisCommand("HLEN", key(keys))
        case .sortedSet: RedisCommand("ZRANGE", key(keys), 0, 0, "WITHSCORES")
        }
    }

    /// How long the oldest waits (ms): since its acceptance, or since its turn came.
    func age(_ head: RedisReply, now: Int64) -> Int64? {
        switch type {
        case .list:
            guard let bytes = head.bytes, let value = try? JSONValue.parse(bytes) else { return nil }
            let at = value["at"]?.integerValue ?? value["records"]?[0]?["events"]?[0]?["at"]?.integerValue
            return at.map { max(0, now - $0) }
        case .hash: return nil
        case .sortedSet:
            guard let pair = head.elements, pair.count == 2, let due = Double(pair[1].text ?? "") else { return nil }
            return max(0, now - Int64(due))
        }
    }

    /// A hash has no order and gives at least what was asked, from its start on: ``elements(_:from:count:)`` cuts it.
    func range(_ keys: PartitionKeys, from: Int, count: Int) -> RedisCommand {
        switch type {
        case .list: RedisCommand("LRANGE", key(keys), from, from + count - 1)
        case .hash: RedisCommand("HSCAN", key(keys), 0, "COUNT", from + count)
        case .sortedSet: RedisCommand("ZRANGE", key(keys), from, from + count - 1, "WITHSCORES")
        }
    }

    /// The elements of a range, at most so many.
    func elements(_ reply: RedisReply, from: Int, count: Int) -> [JSONValue] {
        let all = elements(reply)
        return Array((type == .hash ? all.dropFirst(from) : all[...]).prefix(count))
    }

    private func elements(_ reply: RedisReply) -> [JSONValue] {
        let list = reply.elements ?? []
        switch type {
        case .list: return list.map { Self.json($0.bytes ?? []) }
        case .hash:
            let pairs = list.count == 2 ? list[1].elements ?? [] : []
            return stride(from: 1, to: pairs.count, by: 2).map { Self.json(pairs[$0].bytes ?? []) }
        case .sortedSet:
            return stride(from: 0, to: list.count - 1, by: 2).map { place in
                let due = JSONValue.integer(Int64(Double(list[place + 1].text ?? "") ?? 0))
                let element = Self.json(list[place].bytes ?? [])
                guard case .object(var object) = element, object["unreadable"] == nil else {
                    return ["due": due, "member": .string(list[place].text ?? "")]
                }
                object["due"] = due
                return .object(object)
            }
        }
    }

    private static func json(_ bytes: [UInt8]) -> JSONValue {
        (try? JSONValue.parse(bytes)) ?? ["unreadable": .string(String(decoding: bytes, as: UTF8.self))]
    }
}
