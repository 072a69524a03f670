import Models
import Redis

/// A piece of the walk that evaluates an audience over everyone in a partition.
package struct WalkPiece: Sendable {
    /// A person of the piece, with what the rule says of the profile that was read.
    package struct Member: Sendable {
        package let personKey: String
        /// Of the profile that was read; 0: there is none.
        package let profileRevision: Int64
        package let isMember: Bool
        /// The stimulus that tells of the change, if it is one; nil: nobody is told.
        package let announcement: [UInt8]?

        package init(personKey: String, profileRevision: Int64, isMember: Bool, announcement: [UInt8]?) {
            self.personKey = personKey
            self.profileRevision = profileRevision
            self.isMember = isMember
            self.announcement = announcement
        }
    }

    package let partition: Int
    package let audience: String
    package let ruleRevision: Int64
    /// Revisions of the rule whose sets of members may still be there.
    package let earlier: [Int64]
    /// The rules that the piece was computed by, as `AudienceRules.changes`.
    package let audiences: Int64
    /// How far the walk is before and after the piece, as the partition's state notes it; nil: not at all.
    package let before: String?
    package let after: String?
    /// Whether the walk is over with this piece: the sets of earlier revisions are removed.
    package let isLast: Bool
    package let members: [Member]

    package init(
        partition: Int, audience: String, ruleRevision: Int64, earlier: [Int64], audiences: Int64, before: String?,
        after: String?, isLast: Bool = false, members: [Member] = []
    ) {
        self.partition = partition
        self.audience = audience
        self.ruleRevision = ruleRevision
        self.earlier = earlier
        self.audiences = audiences
        self.before = before
        self.after = after
        self.isLast = isLast
        self.members = members
    }
}

/// What became of a piece of a walk.
package enum WalkAnswer: Sendable, Hashable {
    /// Done; so many elements are in the partition's inbox.
    case done(inbox: Int64)
    /// These people's profiles changed after they were read: read them again, the others are done. The walk stays
    /// where it was.
    case changed(places: [Int])
    /// Another process walks this partition.
    case leased
    /// The walk is not where it was taken to be: read it again.
    case elsewhere
    /// Newer audiences are known in the partition: read the rules again.
    case outdated
}

/// Walks of audiences over everyone: how far each is in each partition, one piece at a time, one walker a partition.
package struct AudienceWalks: Sendable {
    /// The name in the lease's key.
    static let lease = "audience-walk"

    private let pipeline: PartitionPipeline
    private let keys: QueueKeys
    private let owner: String
    private let leaseMilliseconds: Int64

    /// - Parameters:
    ///   - owner: unique to this start of this process.
    ///   - lease: after so long without a piece another process may go on.
    package init(redis: RedisClient, keys: QueueKeys, owner: String, lease: Duration) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
        self.owner = owner
        leaseMilliseconds = lease.milliseconds
    }

    /// The field of a partition's state that says how far the walk of an audience is.
    static func field(_ audience: String) -> String { "walk:audience:" + audience }

    /// How far the walks of these audiences are, by partition and audience as asked; nil: never begun.
    package func progress(
        _ asked: [(partition: Int, audience: String)]
    ) async throws(QueueError) -> [String?] {
        let commands = asked.map { partition, audience in
            (partition, RedisCommand("HGET", keys.partition(partition).state, Self.field(audience)))
        }
        var texts: [String?] = []
        for answer in await pipeline.run(commands) { texts.append(try answer.reply.get().text) }
        return texts
    }

    /// What a partition's state says of audiences.
    package struct Noted: Sendable {
        /// The newest rules that were met there, as `AudienceRules.changes`.
        package var audiences: Int64 = 0
        /// How far each walk is.
        package var walks: [(audience: String, progress: String)] = []
    }

    package func noted(in partition: Int) async throws(QueueError) -> Noted {
        let command = RedisCommand("HGETALL", keys.partition(partition).state)
        let fields = try await pipeline.run([(partition, command)])[0].reply.get().elements ?? []
        let prefix = Self.field("")
        var noted = Noted()
        for place in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[place].text, let text = fields[place + 1].text else { continue }
            if name == "audiences" { noted.audiences = Int64(text) ?? 0 }
            if name.hasPrefix(prefix) { noted.walks.append((String(name.dropFirst(prefix.count)), text)) }
        }
        return noted
    }

    /// Does one piece, at once or not at all. Safe to repeat: a piece that was done answers ``WalkAnswer/elsewhere``.
    package func run(_ piece: WalkPiece) async throws(QueueError) -> WalkAnswer {
        let own = keys.partition(piece.partition)
        let names =
            [own.state, own.lease(Self.lease), own.inbox, own.audience(piece.audience, piece.ruleRevision)]
            + piece.earlier.map { own.audience(piece.audience, $0) } + piece.members.map { own.profile($0.personKey) }
        var arguments: [any RedisArgument] = [
            owner, leaseMilliseconds, own.wake(.inbox), piece.audiences, Self.field(piece.audience),
            piece.before ?? "", piece.after ?? "", piece.earlier.count, piece.isLast ? 1 : 0,
        ]
        for member in piece.members {
            arguments.append(member.personKey)
            arguments.append(member.profileRevision)
            arguments.append(member.isMember ? 1 : 0)
            arguments.append(member.announcement?.dropFirst() ?? [])
        }
        let command = QueueScript.walkAudience.command(keys: names, arguments: arguments)
        let answer = try await pipeline.run([(piece.partition, command)])[0].reply.get().elements ?? []
        switch answer.first?.integerValue {
        case 0: return .leased
        case 1: return .elsewhere
        case 2: return .outdated
        case 3: return .done(inbox: answer.count > 1 ? answer[1].integerValue ?? 0 : 0)
        case 4: return .changed(places: answer.dropFirst(2).compactMap { $0.integerValue.map { Int($0) } })
        default: throw QueueError(.broken, "A walk was answered in an unknown form")
        }
    }

    /// Lets another process walk at once, where this one does no more.
    package func giveBack(_ partition: Int) async throws(QueueError) {
        let key = keys.partition(partition).lease(Self.lease)
        let held = try await pipeline.run([(partition, RedisCommand("GET", key))])[0].reply.get().text
        // Should the lease run out and go to another between the two, that one takes it anew with its next piece.
        if held == owner { _ = try await pipeline.run([(partition, RedisCommand("DEL", key))])[0].reply.get() }
    }
}
