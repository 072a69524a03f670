import Models
import Queues
import Redis

/// Reads what Redis itself knows of a person or an event: what waits, what was refused, what is kept, what was
/// rejected. On the connection for scans, a bounded piece of everything.
struct LiveReader: Sendable {
    /// Elements looked at of each list and partition, from its newer or nearer end.
    static let depth = 1_000
    /// Batches of step events that are looked through while journey-reporting has not yet stored them.
    static let batchesMax = 100
    private static let rejectedPage = 100

    let redis: RedisClient
    let keys: QueueKeys
    let partitions: Int

    /// Stimuli that wait in inboxes and satisfy the condition.
    func waiting(
        in chosen: [Int], _ isMeant: (JSONValue) -> Bool
    ) async throws(RedisError) -> [(partition: Int, element: JSONValue)] {
        try await elements(chosen, from: 0, to: Self.depth - 1, { $0.inbox }, isMeant)
    }

    /// The newest refusals, newest first within a partition.
    func refusals(
        in chosen: [Int], _ isMeant: (JSONValue) -> Bool
    ) async throws(RedisError) -> [(partition: Int, element: JSONValue)] {
        try await elements(chosen, from: 0, to: Self.depth - 1, { $0.refusals }, isMeant)
    }

    /// Stimuli that were parked, as nobody can handle them.
    func parked(
        in chosen: [Int], _ isMeant: (JSONValue) -> Bool
    ) async throws(RedisError) -> [(partition: Int, element: JSONValue)] {
        try await elements(chosen, from: 0, to: Self.depth - 1, { $0.inboxDead }, isMeant)
    }

    private func elements(
        _ chosen: [Int], from: Int, to: Int, _ key: (PartitionKeys) -> String, _ isMeant: (JSONValue) -> Bool
    ) async throws(RedisError) -> [(partition: Int, element: JSONValue)] {
        var found: [(Int, JSONValue)] = []
        for partition in chosen {
            let reply = try await redis.slow.send(RedisCommand("LRANGE", key(keys.partition(partition)), from, to))
            for bytes in try reply.requireArray().compactMap(\.bytes) {
                guard let element = try? JSONValue.parse(bytes), isMeant(element) else { continue }
                found.append((partition, element))
            }
        }
        return found
    }

    /// Step events that are committed and not yet stored, as `stepEvents.query` answers them.
    func undrained(in chosen: [Int], _ isMeant: (StepRecord) -> Bool) async throws(RedisError) -> [JSONValue] {
        var found: [JSONValue] = []
        for partition in chosen {
            let reply = try await redis.slow.send(
                RedisCommand("LRANGE", keys.partition(partition).steps, 0, Self.batchesMax - 1))
            for bytes in try reply.requireArray().compactMap(\.bytes) {
                guard let batch = try? StepBatch(bytes: bytes) else { continue }
                found += Self.steps(of: batch, partition: partition, isMeant)
            }
        }
        return found
    }

    static func steps(of batch: StepBatch, partition: Int, _ isMeant: (StepRecord) -> Bool) -> [JSONValue] {
        var found: [JSONValue] = []
        var number = batch.firstNumber
        for record in batch.records {
            defer { number += Int64(record.events.count) }
            guard isMeant(record) else { continue }
            let owner = StepOwner(record, partition: partition)
            for (place, event) in record.events.enumerated() {
                var item = event.view(owner, number: number + Int64(place))
                if place == 0, let seen = record.seen { item["event"] = seen.view() }
                found.append(.object(item))
            }
        }
        return found
    }

    /// The person's latest events, newest first, of the kinds that are kept.
    func keptEvents(of person: Person) async throws(RedisError) -> [JSONValue] {
        let partition = keys.partition(person.partition(of: partitions))
        let reply = try await redis.slow.send(
            RedisCommand("LRANGE", partition.events(person.key), 0, Self.depth - 1))
        return try reply.requireArray().compactMap(\.bytes).compactMap { try? JSONValue.parse($0) }
    }

    /// Whether the person's instances hold the event until they next listen.
    func keepers(of event: String, person: Person) async throws(RedisError) -> [(instance: String, state: JSONValue)] {
        let partition = keys.partition(person.partition(of: partitions))
        let reply = try await redis.slow.send(RedisCommand("HGETALL", partition.traveler(person.key)))
        let items = try reply.requireArray()
        var found: [(String, JSONValue)] = []
        for place in stride(from: 0, to: items.count - 1, by: 2) {
            guard let field = items[place].text, field.hasPrefix("i:"), let bytes = items[place + 1].bytes,
                let state = try? JSONValue.parse(bytes),
                (state["kept"]?.arrayValue ?? []).contains(where: { $0["id"] == .string(event) })
            else { continue }
            found.append((String(field.dropFirst(2)), state))
        }
        return found
    }

    /// Events that were refused where they came in, newest first, whose payload satisfies the condition.
    func rejected(_ isMeant: (JSONValue) -> Bool) async throws(RedisError) -> [JSONValue] {
        let order = keys.config("rejected:order")
        var found: [JSONValue] = []
        for offset in stride(from: 0, to: Self.depth, by: Self.rejectedPage) {
            let ids = try await redis.slow.send(
                RedisCommand("ZREVRANGE", order, offset, offset + Self.rejectedPage - 1)
            ).requireArray().compactMap(\.text)
            if ids.isEmpty { break }
            let replies = try await redis.slow.send(RedisCommand("HMGET", list: [keys.config("rejected")] + ids))
            for bytes in try replies.requireArray().compactMap(\.bytes) {
                guard let element = try? JSONValue.parse(bytes), isMeant(element["event"] ?? .null) else { continue }
                found.append(element)
            }
        }
        return found
    }
}
