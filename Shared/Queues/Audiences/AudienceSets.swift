import Models
import Redis

/// The members of audiences, as the partitions keep them.
package struct AudienceSets: Sendable {
    private let pipeline: PartitionPipeline
    private let keys: QueueKeys
    private let partitions: Int

    package init(redis: RedisClient, keys: QueueKeys, partitions: Int) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
        self.partitions = partitions
    }

    /// How many members an audience has by a revision of its rule.
    package func count(_ audience: String, ruleRevision: Int64) async throws(QueueError) -> Int64 {
        let commands = (0..<partitions).map { partition in
            (partition, RedisCommand("ZCARD", keys.partition(partition).audience(audience, ruleRevision)))
        }
        var sum: Int64 = 0
        for answer in await pipeline.run(commands) { sum += try answer.reply.get().integerValue ?? 0 }
        return sum
    }

    /// Members of one partition by name, at most `count`.
    ///
    /// - Parameter after: the last one of the page before; nil: from the first on.
    package func members(
        of audience: String, ruleRevision: Int64, in partition: Int, after: String?, count: Int
    ) async throws(QueueError) -> [Person] {
        let set = keys.partition(partition).audience(audience, ruleRevision)
        return try await keys(of: set, in: partition, after: after, count: count).compactMap(Person.init(key:))
    }

    /// Everyone in one partition by name, as ``members(of:ruleRevision:in:after:count:)``.
    package func people(in partition: Int, after: String?, count: Int) async throws(QueueError) -> [String] {
        try await keys(of: keys.partition(partition).people, in: partition, after: after, count: count)
    }

    /// How many people are in a partition.
    package func peopleCount(in partition: Int) async throws(QueueError) -> Int64 {
        let command = RedisCommand("ZCARD", keys.partition(partition).people)
        return try await pipeline.run([(partition, command)])[0].reply.get().integerValue ?? 0
    }

    /// The profiles of people of one partition, in their order; nil for whoever has none that can be read.
    package func profiles(_ people: [String], in partition: Int) async throws(QueueError) -> [ProfileDocument?] {
        if people.isEmpty { return [] }
        let own = keys.partition(partition)
        let command = RedisCommand("MGET", list: people.map { own.profile($0) })
        let replies = try await pipeline.run([(partition, command)])[0].reply.get().elements ?? []
        return replies.map { reply in reply.bytes.flatMap { try? ProfileDocument(bytes: $0) } }
    }

    private func keys(
        of set: String, in partition: Int, after: String?, count: Int
    ) async throws(QueueError) -> [String] {
        let command = RedisCommand(
            "ZRANGEBYLEX", set, after.map { "(" + $0 } ?? "-", "+", "LIMIT", "0", String(max(1, count)))
        return (try await pipeline.run([(partition, command)])[0].reply.get().elements ?? []).compactMap(\.text)
    }
}
