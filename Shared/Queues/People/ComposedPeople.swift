import Logging
import Models
import Redis

/// Brings people over to their composed keys, once: before ids were brought to NFC where they come in, two spellings
/// of one id were two people, each under its own key and perhaps in another partition.
///
/// It runs before the engine's first round, under a lock, while no engine of an earlier version holds a partition. Each
/// person is copied first and then taken away, so that it goes on after a crash wherever it was; `{sj:config}:composed`
/// says that it is done. Of somebody who is there in both spellings the instances of both go on, the kept events come
/// together, and the later of two last entries counts; the profile of the composed spelling stays, and the other lies
/// in `inbox:dead` with the reason `twoSpellings`, as nobody can say which of two values is right.
package struct ComposedPeople: Sendable {
    /// What was done.
    package struct Figures: Sendable, Hashable {
        /// People brought over, and those of them who were there in the composed spelling, too.
        package var moved = 0, joined = 0
        /// People with a key of the wrong type: they stay where they are.
        package var skipped = 0
    }

    /// Keys that one step of the walk over all keys looks at.
    private static let scanCount = 1_000
    private static let lockMilliseconds: Int64 = 30_000
    /// People brought over between two looks at the lock.
    private static let pieceCount = 100

    private let redis: RedisClient
    private let keys: QueueKeys
    private let partitions: Int
    private let service: String
    private let owner: String
    private let logger: Logger
    private let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - service: the one whose leases must be free.
    ///   - owner: unique to this start of this process.
    package init(
        redis: RedisClient, keys: QueueKeys, partitions: Int, service: String, owner: String, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.redis = redis
        self.keys = keys
        self.partitions = partitions
        self.service = service
        self.owner = owner
        self.logger = logger
        self.clock = clock
    }

    private var marker: String { keys.config("composed") }
    private var lock: String { keys.config("composed:lock") }
    private var configuration: RedisConnection { redis.node(forKey: marker) }

    /// Does it, or waits until another replica did; returns at once where it was done before. An error leaves things
    /// as far as they came: call it again.
    @discardableResult
    package func run() async throws -> Figures {
        var figures = Figures()
        var hasSaid = false
        while try await configuration.send(RedisCommand("GET", marker)).text == nil {
            guard try await takeLock(), try await areLeasesFree() else {
                logger.info("another replica brings people over, or an engine of before is at work: it is waited for")
                try await Task.sleep(for: .seconds(1))
                continue
            }
            let survey = try await survey()
            let people = survey.found.sorted { ($0.partition, $0.key) < ($1.partition, $1.key) }
            // What was skipped once would be again.
            if people.count <= figures.skipped {
                _ = try await configuration.send(RedisCommand("SET", marker, "1")).checked()
                _ = try await configuration.send(RedisCommand("DEL", lock)).checked()
                break
            }
            if !hasSaid {
                logger.notice(
                    "people are brought over whose ids were taken in another spelling",
                    metadata: ["people": "\(people.count)"])
                hasSaid = true
            }
            figures.skipped = 0
            try await bring(people, survey, &figures)
        }
        if hasSaid {
            logger.notice(
                "people are brought over to the composed spelling of their ids",
                metadata: [
                    "moved": "\(figures.moved)", "joined": "\(figures.joined)", "skipped": "\(figures.skipped)",
                ])
        }
        return figures
    }

    private func bring(_ people: [OtherSpelling], _ survey: SpellingSurvey, _ figures: inout Figures) async throws {
        var rest = people[...]
        while !rest.isEmpty {
            // An engine that holds a partition would write over what is brought there.
            guard try await takeLock(), try await areLeasesFree() else {
                try await Task.sleep(for: .seconds(1))
                continue
            }
            for person in rest.prefix(Self.pieceCount) {
                do {
                    if try await move(person, survey.sets[person.partition] ?? []) { figures.joined += 1 }
                    figures.moved += 1
                } catch let error as RedisError where error.code == .wrongType {
                    figures.skipped += 1
                }
            }
            rest = rest.dropFirst(Self.pieceCount)
        }
    }

    /// Takes the lock, or holds it for longer; false where another has it.
    private func takeLock() async throws(RedisError) -> Bool {
        let made = try await configuration.send(
            RedisCommand("SET", lock, owner, "NX", "PX", Self.lockMilliseconds)).checked()
        if made.text == "OK" { return true }
        guard try await configuration.send(RedisCommand("GET", lock)).text == owner else { return false }
        _ = try await configuration.send(RedisCommand("SET", lock, owner, "PX", Self.lockMilliseconds)).checked()
        return true
    }

    private func areLeasesFree() async throws(RedisError) -> Bool {
        for partition in 0..<partitions {
            let command = RedisCommand("GET", keys.partition(partition).lease(service))
            guard let holder = try await redis.node(forPartition: partition).send(command).text else { continue }
            logger.notice(
                "an engine of an earlier version must stop before people are brought over",
                metadata: ["partition": "\(partition)", "owner": "\(holder)"])
            return false
        }
        return true
    }

    private func survey() async throws -> SpellingSurvey {
        var survey = SpellingSurvey(prefix: keys.prefix)
        var cursor = "0"
        repeat {
            let reply = try await redis.slow.send(RedisCommand("SCAN", cursor, "COUNT", Self.scanCount)).checked()
            guard let parts = reply.elements, parts.count == 2, let next = parts[0].text else {
                throw QueueError(.broken, "The walk over all keys was answered in an unknown form")
            }
            for key in parts[1].elements ?? [] { if let key = key.text { survey.note(key) } }
            cursor = next
            _ = try await takeLock()
        } while cursor != "0"
        return survey
    }

    // MARK: One person

    /// Brings one person over; true where the composed spelling was there, too.
    private func move(_ spelling: OtherSpelling, _ sets: Set<ExactText>) async throws -> Bool {
        let old = spelling.key.text
        guard let person = Person(key: old) else { return false }
        let new = person.key, target = person.partition(of: partitions)
        let from = keys.partition(spelling.partition), to = keys.partition(target)
        let source = redis.node(forPartition: spelling.partition), sink = redis.node(forPartition: target)
        let holdings = try PersonHoldings(try await source.send(PersonHoldings.commands(from, old)))
        let own = try PersonHoldings(try await sink.send(PersonHoldings.commands(to, new)))
        if holdings.isEmpty { return false }

        let places = Self.places(of: holdings, sets)
        let scores = try await source.send(places.map { RedisCommand("ZSCORE", from.key($0.set), old + $0.rest) })
        var copies = copies(of: holdings, beside: own, person, to)
        var removals: [RedisCommand] = []
        for (place, score) in zip(places, scores) {
            guard let score = try score.checked().text else { continue }
            removals.append(RedisCommand("ZREM", from.key(place.set), old + place.rest))
            // Of which audiences somebody is a member shows in the profile that stays.
            if place.isByProfile, !takesProfile(of: holdings, beside: own) { continue }
            copies.append(RedisCommand("ZADD", to.key(place.set), "NX", score, new + place.rest))
        }
        for reply in try await sink.send(copies) { _ = try reply.checked() }
        // A profile that was written between the reading and the copying: the next try finds both spellings.
        if own.profile == nil, let profile = holdings.composedProfile,
            try await sink.send(RedisCommand("GET", to.profile(new))).bytes != profile
        {
            throw QueueError(.broken, "A profile was written while the person was brought over")
        }
        removals.append(RedisCommand("DEL", from.events(old)))
        removals.append(RedisCommand("DEL", from.profile(old)))
        removals.append(RedisCommand("DEL", from.traveler(old)))
        for reply in try await source.send(removals) { _ = try reply.checked() }
        return !own.isEmpty
    }

    /// A sorted set that may know the person or one of the instances.
    private struct Place {
        /// Without the partition's tag.
        let set: String
        /// What follows the person's key.
        let rest: String
        /// Who is in it follows from the profiles.
        var isByProfile = false
    }

    private static func places(of holdings: PersonHoldings, _ sets: Set<ExactText>) -> [Place] {
        var places = [Place(set: "people", rest: "", isByProfile: true)]
        for set in sets.sorted() {
            places.append(Place(set: set.text, rest: "", isByProfile: set.text.utf8.starts(with: "audience:".utf8)))
        }
        for (id, journey, version) in holdings.instances {
            for set in ["timers", "inside:\(journey):\(version)", "held:\(journey):\(version)"] {
                places.append(Place(set: set, rest: " " + id))
            }
        }
        return places
    }

    /// The composed spelling has no profile of its own, or the one that was brought there before a crash.
    private func takesProfile(of holdings: PersonHoldings, beside own: PersonHoldings) -> Bool {
        guard let there = own.profile else { return true }
        return holdings.composedProfile == there
    }

    private func copies(
        of holdings: PersonHoldings, beside own: PersonHoldings, _ person: Person, _ to: PartitionKeys
    ) -> [RedisCommand] {
        let key = person.key
        var commands: [RedisCommand] = []
        for (field, value) in holdings.fields(beside: own) {
            commands.append(RedisCommand("HSET", to.traveler(key), field, value))
        }
        if !holdings.traveler.isEmpty {
            let isKept = holdings.travelerExpiry == nil || (own.travelerExpiry == nil && !own.traveler.isEmpty)
            let expiry = max(holdings.travelerExpiry ?? 0, own.travelerExpiry ?? 0)
            commands.append(
                isKept
                    ? RedisCommand("PERSIST", to.traveler(key)) : RedisCommand("PEXPIREAT", to.traveler(key), expiry))
        }
        if let bytes = holdings.profile {
            if takesProfile(of: holdings, beside: own), let profile = holdings.composedProfile {
                commands.append(RedisCommand("SET", to.profile(key), profile, "NX"))
            } else {
                var letter = ElementWriter(capacity: bytes.count + 128)
                letter.add("kind", "dead")
                letter.add("at", clock())
                letter.add("reason", "twoSpellings")
                letter.add("element", json: bytes)
                commands.append(RedisCommand("RPUSH", to.inboxDead, letter.finish()))
            }
        }
        if !holdings.events.isEmpty {
            // Made beside and put in its place, so that at no moment there is half of it. A person's key has no blank.
            let beside = to.events(key) + " beside"
            commands.append(RedisCommand("DEL", beside))
            for element in holdings.events(beside: own) { commands.append(RedisCommand("RPUSH", beside, element)) }
            let expiry = max(holdings.eventsExpiry ?? 0, own.eventsExpiry ?? 0)
            if expiry > 0 { commands.append(RedisCommand("PEXPIREAT", beside, expiry)) }
            commands.append(RedisCommand("RENAME", beside, to.events(key)))
        }
        return commands
    }
}
