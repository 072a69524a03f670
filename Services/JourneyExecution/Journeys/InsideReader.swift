import Models
import Queues
import Redis

/// Reads who is inside a version: the sorted sets `{sj:P}:inside:<journey>:<version>`, by time of entry.
struct InsideReader: Sendable {
    let redis: RedisClient
    let keys: QueueKeys
    let partitions: Int

    /// How many people are inside each of these versions, over all partitions; one pipeline a node.
    func counts(_ versions: [(journey: String, version: Int64)]) async throws(RedisError) -> [Int64] {
        try await counts(versions) { $0.inside($1, $2) }
    }

    /// How many of them are held before an action.
    func heldCounts(_ versions: [(journey: String, version: Int64)]) async throws(RedisError) -> [Int64] {
        try await counts(versions) { $0.held($1, $2) }
    }

    /// What each partition's state says of a tour: under way, over, or nothing yet.
    func tours(_ field: String) async throws(RedisError) -> [(underWay: Tour?, ended: JSONObject?)] {
        var found: [(Tour?, JSONObject?)] = []
        for partition in 0..<partitions {
            let reply = try await redis.node(forPartition: partition).send(
                RedisCommand("HMGET", keys.partition(partition).state, field, TourLog.field))
            let texts = try reply.requireArray().map(\.text)
            let tour = texts.first.flatMap { $0 }.flatMap { Tour(field: field, text: $0) }
            let log = TourLog(text: texts.last.flatMap { $0 })
            found.append((tour, log.entries.first { $0["field"] == .string(field) }))
        }
        return found
    }

    private func counts(
        _ versions: [(journey: String, version: Int64)], of key: (PartitionKeys, String, Int64) -> String
    ) async throws(RedisError) -> [Int64] {
        var sums = [Int64](repeating: 0, count: versions.count)
        for partition in 0..<partitions where !versions.isEmpty {
            let commands = versions.map { version in
                RedisCommand("ZCARD", key(keys.partition(partition), version.journey, version.version))
            }
            let replies = try await redis.node(forPartition: partition).send(commands)
            for (place, reply) in replies.enumerated() { sums[place] += try reply.requireInteger() }
        }
        return sums
    }

    /// The newest configuration that each partition's engine has handled; 0 where it has handled none.
    func revisions() async throws(RedisError) -> [Int64] {
        var revisions: [Int64] = []
        for partition in 0..<partitions {
            let command = RedisCommand("HGET", keys.partition(partition).state, "revision")
            let reply = try await redis.node(forPartition: partition).send(command)
            revisions.append(reply.text.flatMap { Int64($0) } ?? 0)
        }
        return revisions
    }

    /// Somebody inside, as the sorted set holds them.
    struct Member: Equatable, Sendable {
        let text: String
        /// The time of entry.
        let at: Int64
    }

    /// Members of one millisecond that are read at once.
    private static let readAtOnce = 1_000

    /// A page of members of one partition, in the order of entry, after one who may have left since.
    func page(
        partition: Int, journey: String, version: Int64, after last: Member?, count: Int
    ) async throws(RedisError) -> [Member] {
        let key = keys.partition(partition).inside(journey, version)
        let node = redis.node(forPartition: partition)
        var page: [Member] = []
        // Those of the same millisecond are in the order of their names.
        var offset = 0
        while let last, page.count < count {
            let command = RedisCommand(
                "ZRANGE", key, last.at, last.at, "BYSCORE", "LIMIT", offset, Self.readAtOnce, "WITHSCORES")
            let found = Self.members(try await node.send(command))
            page += found.filter { last.text.utf8.lexicographicallyPrecedes($0.text.utf8) }
            offset += found.count
            if found.count < Self.readAtOnce { break }
        }
        if page.count >= count { return Array(page.prefix(count)) }
        let from = last.map { "(\($0.at)" } ?? "-inf"
        let command = RedisCommand(
            "ZRANGE", key, from, "+inf", "BYSCORE", "LIMIT", 0, count - page.count, "WITHSCORES")
        return page + Self.members(try await node.send(command))
    }

    private static func members(_ reply: RedisReply) -> [Member] {
        let pairs = (reply.elements ?? []).compactMap(\.text)
        return stride(from: 0, to: pairs.count - 1, by: 2).map { place in
            Member(text: pairs[place], at: Int64(Double(pairs[place + 1]) ?? 0))
        }
    }

    /// The instances of these travelers, as their hashes hold them.
    func instances(_ personKeys: [String], partition: Int) async throws(RedisError) -> [[(
        field: String, bytes: [UInt8]
    )]] {
        if personKeys.isEmpty { return [] }
        let commands = personKeys.map { RedisCommand("HGETALL", keys.partition(partition).traveler($0)) }
        let replies = try await redis.node(forPartition: partition).send(commands)
        var answers: [[(field: String, bytes: [UInt8])]] = []
        for reply in replies {
            let items = try reply.requireArray()
            answers.append(
                stride(from: 0, to: items.count - 1, by: 2).compactMap { place in
                    guard let field = items[place].text, let bytes = items[place + 1].bytes else { return nil }
                    return (field, bytes)
                })
        }
        return answers
    }
}

extension InsideReader {
    /// The person whose instance this is, by a walk over all timers: each instance inside has one.
    ///
    /// Linear in the people inside, a bounded piece a call to Redis; callers who know the person spare it.
    func personKey(ofInstance instance: String) async throws(RedisError) -> String? {
        for partition in 0..<partitions {
            var cursor = "0"
            repeat {
                let reply = try await redis.slow.send(
                    RedisCommand(
                        "ZSCAN", keys.partition(partition).timers, cursor, "MATCH", "* \(instance)", "COUNT", 1_000))
                let parts = try reply.requireArray()
                cursor = parts.first?.text ?? "0"
                if let member = parts.last?.elements?.first?.text, let place = InstancePlace(member: member) {
                    return place.personKey
                }
            } while cursor != "0"
        }
        return nil
    }
}
