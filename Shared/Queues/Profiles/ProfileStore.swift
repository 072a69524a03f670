import Models
import Redis

/// Reads and writes profiles, each write based on the revision that was read.
package struct ProfileStore: Sendable {
    /// What became of a write.
    package enum WriteResult: Sendable, Hashable {
        case written
        /// Somebody wrote meanwhile: read, change and write again.
        case changed
    }

    private let pipeline: PartitionPipeline
    private let keys: QueueKeys
    private let partitions: Int

    package init(redis: RedisClient, keys: QueueKeys, partitions: Int) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
        self.partitions = partitions
    }

    /// Nil: there is no profile.
    package func read(_ person: Person) async throws(QueueError) -> ProfileDocument? {
        let partition = person.partition(of: partitions)
        let command = RedisCommand("GET", keys.partition(partition).profile(person.key))
        guard let bytes = try await pipeline.run([(partition, command)])[0].reply.get().bytes else { return nil }
        do {
            return try ProfileDocument(bytes: bytes)
        } catch {
            throw QueueError(.broken, "A profile cannot be read", cause: error)
        }
    }

    /// Writes a profile whose revision follows `basedOn` (0: there was none). Safe to repeat with the same document.
    package func write(_ profile: ProfileDocument, basedOn: Int64) async throws(QueueError) -> WriteResult {
        let partition = profile.person.partition(of: partitions)
        let command = QueueScript.writeProfile.command(
            keys: [keys.partition(partition).profile(profile.person.key)], arguments: [basedOn, profile.bytes])
        let answer = try await pipeline.run([(partition, command)])[0].reply.get().integerValue
        return answer == 0 ? .changed : .written
    }
}
