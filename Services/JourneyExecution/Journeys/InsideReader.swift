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

    /// A page of members of one partition after a place in the order of entry.
    func page(
        partition: Int, journey: String, version: Int64, offset: Int, count: Int
    ) async throws(RedisError) -> [String] {
        let key = keys.partition(partition).inside(journey, version)
        let command = RedisCommand("ZRANGE", key, offset, offset + count - 1)
        return try await redis.node(forPartition: partition).send(command).requireArray().compactMap(\.text)
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
