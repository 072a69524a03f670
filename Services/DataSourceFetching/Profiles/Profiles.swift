import Audiences
import Definitions
import Models
import Queues
import Redis

/// Why a profile was not read or written.
enum ProfileError: Error, Sendable {
    case notFound
    /// Another revision is in force; 0: there is no profile.
    case stale(current: Int64)
    case tooLarge
    /// Others write the same profile all the time.
    case busy
    case store(QueueError)
    /// The audiences, whose members the profile may change, could not be read.
    case audiences(DefinitionError)
}

/// What is known of people: each profile in its person's partition, and who is there in `people`.
struct Profiles: Sendable {
    private let redis: RedisClient
    private let keys: QueueKeys
    private let partitions: Int
    private let store: ProfileStore
    private let audiences: AudienceBook
    private let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds since 1970.
    init(
        redis: RedisClient, keys: QueueKeys, partitions: Int, audiences: AudienceBook,
        now: @escaping @Sendable () -> Int64
    ) {
        self.redis = redis
        self.keys = keys
        self.partitions = partitions
        self.audiences = audiences
        self.now = now
        store = ProfileStore(redis: redis, keys: keys, partitions: partitions)
    }

    func get(_ person: Person) async throws(ProfileError) -> ProfileDocument? {
        do { return try await store.read(person) } catch { throw .store(error) }
    }

    /// Merges attributes into a profile, or makes one. Read, merge and write begin anew while others write the same
    /// person; what is the same afterwards is not written.
    ///
    /// - Parameter basedOn: the revision that the caller saw, 0 for none; nil: whatever is there.
    /// - Returns: the profile in force, and whether something changed.
    func upsert(
        _ person: Person, _ attributes: JSONObject, _ merge: ProfileMerge, basedOn: Int64? = nil, dryRun: Bool = false
    ) async throws(ProfileError) -> (profile: ProfileDocument, old: ProfileDocument?, isChanged: Bool) {
        for _ in 0..<Limits.profileAttemptsMax {
            let old = try await get(person)
            if let basedOn, basedOn != old?.revision ?? 0 { throw .stale(current: old?.revision ?? 0) }
            let merged = merge.apply(attributes, to: old?.attributes ?? [:])
            if let old, old.attributes == merged { return (old, old, false) }
            let profile = ProfileDocument(
                person: person, attributes: merged, revision: (old?.revision ?? 0) + 1, updatedAt: now())
            if profile.bytes.count > ProfileDocument.bytesMax { throw .tooLarge }
            if dryRun { return (profile, old, true) }
            if try await write(profile, after: old) { return (profile, old, true) }
        }
        throw .busy
    }

    /// Writes a profile with the memberships that follow from it; false where it must be read again.
    private func write(_ profile: ProfileDocument, after old: ProfileDocument?) async throws(ProfileError) -> Bool {
        let rules: AudienceRules
        do { rules = try await audiences.loaded() } catch { throw .audiences(error) }
        let changes = rules.changes(from: old?.attributes, to: profile.attributes, now: profile.updatedAt)
        let memberships = changes.map { change in
            Membership(
                audience: change.audience, ruleRevision: change.ruleRevision, isMember: change.isMember,
                announcement: change.announcement(to: profile.person, profileRevision: profile.revision))
        }
        switch try await write(profile, basedOn: old?.revision ?? 0, memberships, by: rules) {
        case .written: return true
        case .changed: return false
        case .outdated:
            do { try await audiences.refresh() } catch { throw .audiences(error) }
            return false
        }
    }

    /// Writes once more where the answer was lost: the script knows the document again.
    private func write(
        _ profile: ProfileDocument, basedOn: Int64, _ memberships: [Membership], by rules: AudienceRules
    ) async throws(ProfileError) -> ProfileStore.WriteResult {
        do {
            return try await store.write(
                profile, basedOn: basedOn, memberships: memberships, audiences: rules.changes)
        } catch {
            if error.code != .unknownOutcome { throw .store(error) }
        }
        do {
            return try await store.write(
                profile, basedOn: basedOn, memberships: memberships, audiences: rules.changes)
        } catch { throw .store(error) }
    }

    /// The latest events kept of a person, newest first, from a place on.
    ///
    /// - Parameter name: only those of this event definition; nil: all.
    func events(
        _ person: Person, named name: String?, from place: Int, limit: Int
    ) async throws(ProfileError) -> (items: [KeptEvent], next: Int?) {
        let partition = person.partition(of: partitions)
        let key = keys.partition(partition).events(person.key)
        let oldest = now() - KeptEvent.ageMillisecondsMax
        var items: [KeptEvent] = []
        var place = place
        while place < KeptEvent.countMax {
            let replies = try await send(
                RedisCommand("LRANGE", key, place, place + Limits.keptEventsPage - 1), partition)
            for reply in replies {
                // One more than asked for tells whether there is a next page.
                if items.count == limit { return (items, place) }
                place += 1
                guard let event = reply.bytes.flatMap(KeptEvent.init(bytes:)) else { continue }
                // What is too old goes with the next event that is kept.
                if event.at <= oldest { return (items, nil) }
                if let name, !event.events.contains(name) { continue }
                items.append(event)
            }
            if replies.count < Limits.keptEventsPage { break }
        }
        return (items, nil)
    }
}

// MARK: - Lists

extension Profiles {
    /// People looked at by one call, so that a filter that nobody meets does not read everyone.
    private static let lookedAtMax = 5_000

    /// Profiles by partition and name.
    ///
    /// - Parameters:
    ///   - namespace: only people of this namespace.
    ///   - idPrefix: only ids that begin so.
    ///   - cursor: of the page before.
    func list(
        namespace: String?, idPrefix: String?, after cursor: String?, limit: Int
    ) async throws(ProfileError) -> (items: [ProfileDocument], cursor: String?) {
        var place = ProfileCursor(cursor)
        var items: [ProfileDocument] = []
        var lookedAt = 0
        while place.partition < partitions {
            let members = try await members(namespace, idPrefix, place, count: min(limit - items.count, 200))
            if members.isEmpty {
                place = ProfileCursor(partition: place.partition + 1)
                continue
            }
            lookedAt += members.count
            place.member = members.last
            let wanted = members.filter { member in
                guard namespace == nil, let idPrefix else { return true }
                return Person(key: member)?.id.utf8.starts(with: idPrefix.composed.utf8) ?? false
            }
            items += try await documents(wanted, in: place.partition)
            if items.count >= limit || lookedAt >= Self.lookedAtMax { return (items, place.text) }
        }
        return (items, nil)
    }

    private func members(
        _ namespace: String?, _ idPrefix: String?, _ place: ProfileCursor, count: Int
    ) async throws(ProfileError) -> [String] {
        let prefix = namespace.map { Person(namespace: $0, id: idPrefix ?? "").key }
        let lowest = place.member.map { "(" + $0 } ?? prefix.map { "[" + $0 } ?? "-"
        var command = RedisCommand("ZRANGEBYLEX", keys.partition(place.partition).people, lowest)
        if let prefix {
            command.append(Array("[".utf8) + Array(prefix.utf8) + [0xFF])
        } else {
            command.append("+")
        }
        command.append(contentsOf: ["LIMIT", "0", String(max(count, 1))])
        return try await send(command, place.partition).compactMap(\.text)
    }

    private func documents(_ members: [String], in partition: Int) async throws(ProfileError) -> [ProfileDocument] {
        if members.isEmpty { return [] }
        let keys = keys.partition(partition)
        let command = RedisCommand("MGET", list: members.map { keys.profile($0) })
        return try await send(command, partition).compactMap { reply in
            reply.bytes.flatMap { try? ProfileDocument(bytes: $0) }
        }
    }

    private func send(_ command: RedisCommand, _ partition: Int) async throws(ProfileError) -> [RedisReply] {
        do {
            return try await redis.node(forPartition: partition).send(command).requireArray()
        } catch { throw .store(QueueError(.unavailable, "People could not be read", cause: error)) }
    }
}

/// Where a list of people goes on.
struct ProfileCursor: Sendable, Hashable {
    var partition = 0
    /// The last one that was looked at.
    var member: String?

    init(partition: Int) {
        self.partition = partition
    }

    /// A cursor that is not one begins anew.
    init(_ text: String?) {
        guard let text, let space = text.firstIndex(of: " "), let partition = Int(text[..<space]), partition >= 0
        else { return }
        self.partition = partition
        member = String(text[text.index(after: space)...])
    }

    var text: String { "\(partition) \(member ?? "")" }
}
