import Models
import Redis

/// Reads and writes profiles, each write based on the revision that was read.
package struct ProfileStore: Sendable {
    /// What became of a write.
    package enum WriteResult: Sendable, Hashable {
        case written
        /// Somebody wrote meanwhile: read, change and write again.
        case changed
        /// Newer audiences are known in the person's partition: read their rules and compute the memberships again.
        case outdated
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

    /// Writes a profile whose revision follows `basedOn` (0: there was none), and the memberships that follow from it.
    /// Safe to repeat with the same document: a change of membership is told once.
    ///
    /// - Parameter audiences: the rules by which the memberships were computed, as `AudienceRules.changes`.
    package func write(
        _ profile: ProfileDocument, basedOn: Int64, memberships: [Membership] = [], audiences: Int64 = 0
    ) async throws(QueueError) -> WriteResult {
        let person = profile.person.key
        let partition = profile.person.partition(of: partitions)
        let own = keys.partition(partition)
        var arguments: [any RedisArgument] = [basedOn, profile.bytes, person, audiences, own.wake(.inbox)]
        for membership in memberships {
            arguments.append(membership.isMember ? 1 : 0)
            arguments.append(membership.stimulus)
        }
        let command = QueueScript.writeProfile.command(
            keys: [own.profile(person), own.state, own.inbox, own.people]
                + memberships.map { own.audience($0.audience, $0.ruleRevision) }, arguments: arguments)
        switch try await pipeline.run([(partition, command)])[0].reply.get().integerValue {
        case 0: return .changed
        case 3: return .outdated
        default: return .written
        }
    }
}
