import Models
import Queues
import Redis

/// What is fixed when a deployment starts for the first time: `{sj:config}:deployment`.
package struct Deployment: Sendable, Hashable {
    /// Partitions where the first start does not say.
    package static let partitionsDefault = 16
    /// Partitions that a deployment may have.
    package static let partitionsRange = 1...16_384

    package let id: String
    /// Makes hashes unguessable from outside: duplicate window, instance ids, seeds.
    package let hashKey: HashKey
    package let partitions: Int

    package init(id: String, hashKey: HashKey, partitions: Int) {
        self.id = id
        self.hashKey = hashKey
        self.partitions = partitions
    }

    /// The deployment, made by whoever starts first; whatever the race, all get the same.
    ///
    /// - Parameters:
    ///   - partitions: the setting; nil for whatever there is, and ``partitionsDefault`` on the first start.
    ///   - random: 64 random bits, asked for four times.
    /// - Throws: ``DefinitionError/Code/deployment`` where the setting differs from what the deployment has.
    package static func load(
        redis: RedisClient, keys: QueueKeys, partitions wanted: Int?, random: () -> UInt64
    ) async throws(DefinitionError) -> Deployment {
        if let wanted, !partitionsRange.contains(wanted) {
            throw DefinitionError(
                .deployment, "The number of partitions must be from 1 to \(partitionsRange.upperBound).")
        }
        let key = keys.config("deployment")
        let id = hexadecimal(random()) + hexadecimal(random())
        let hashKey = HashKey(first: random(), second: random())
        let replies: [RedisReply]
        do {
            replies = try await redis.node(forKey: key).send([
                RedisCommand("HSETNX", key, "id", id),
                RedisCommand("HSETNX", key, "hashKey", hashKey.text),
                RedisCommand("HSETNX", key, "partitions", wanted ?? partitionsDefault),
                RedisCommand("HMGET", key, "id", "hashKey", "partitions"),
            ])
            for reply in replies.prefix(3) { _ = try reply.checked() }
        } catch { throw DefinitionError(error) }
        let fields = replies.last?.elements ?? []
        guard fields.count == 3, let id = fields[0].text, let hashKey = fields[1].text.flatMap(HashKey.init(text:)),
            let partitions = fields[2].text.flatMap({ Int($0) }), partitionsRange.contains(partitions)
        else { throw DefinitionError(.unavailable, "What the deployment was made with cannot be read.") }
        if let wanted, wanted != partitions {
            throw DefinitionError(
                .deployment,
                """
                This deployment was made with \(partitions) partitions and keeps them: the setting of \(wanted) is \
                refused. Leave it out, or start with an empty Redis.
                """)
        }
        return Deployment(id: id, hashKey: hashKey, partitions: partitions)
    }
}
