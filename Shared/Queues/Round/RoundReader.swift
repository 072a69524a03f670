import Models
import Redis

/// Reads what a round of the engine works on: heads of inboxes and timers, then the people that they touch.
package struct RoundReader: Sendable {
    private let pipeline: PartitionPipeline
    private let keys: QueueKeys

    package init(redis: RedisClient, keys: QueueKeys) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
    }

    /// One pipeline for all partitions; each fails or succeeds on its own. Removes nothing.
    ///
    /// The clock is read before the inboxes: all that is not seen in them was accepted at that time or later, so that
    /// timers due by then can be put in order with what was seen.
    package func read(_ asks: [RoundAsk]) async -> [Result<RoundRead, QueueError>] {
        var commands: [(partition: Int, command: RedisCommand)] = []
        commands.reserveCapacity(asks.count * 2)
        for ask in asks {
            let own = keys.partition(ask.partition)
            commands.append((ask.partition, RedisCommand("LRANGE", own.inbox, 0, ask.elementsMax - 1)))
            commands.append(
                (ask.partition, RedisCommand("ZRANGE", own.timers, 0, ask.timersMax - 1, "WITHSCORES")))
        }
        let answers = await pipeline.run(commands, first: RedisCommand("TIME"))
        return asks.enumerated().map { place, ask in
            do throws(QueueError) {
                return .success(try Self.read(ask, answers[place * 2], answers[place * 2 + 1].reply))
            } catch {
                return .failure(error)
            }
        }
    }

    /// One pipeline for all partitions; an error fails the partition's people as a whole.
    package func load(_ asks: [PeopleAsk]) async -> [Result<LoadedPeople, QueueError>] {
        var commands: [(partition: Int, command: RedisCommand)] = []
        for ask in asks {
            let own = keys.partition(ask.partition)
            for person in ask.travelers {
                commands.append((ask.partition, RedisCommand("HGETALL", own.traveler(person))))
            }
            for person in ask.profiles {
                commands.append((ask.partition, RedisCommand("GET", own.profile(person))))
            }
            for person in ask.events {
                commands.append((ask.partition, RedisCommand("LRANGE", own.events(person), 0, KeptEvent.countMax - 1)))
            }
            for person in ask.checked {
                commands.append((ask.partition, RedisCommand("LLEN", own.events(person))))
                commands.append((ask.partition, RedisCommand("STRLEN", own.profile(person))))
            }
        }
        if commands.isEmpty { return asks.map { .success(LoadedPeople(partition: $0.partition)) } }
        var answers = await pipeline.run(commands).map(\.reply)[...]
        return asks.map { ask in
            let own = answers.prefix(ask.answers)
            answers = answers.dropFirst(own.count)
            return Self.people(ask, Array(own))
        }
    }

    /// Members of a version's people inside, oldest entry first: what stop and lists walk.
    package func inside(
        _ partition: Int, journey: String, version: Int64, limit: Int
    ) async throws(QueueError) -> [DueTimer] {
        let key = keys.partition(partition).inside(journey, version)
        let command = RedisCommand("ZRANGE", key, 0, limit - 1, "WITHSCORES")
        let answers = await pipeline.run([(partition, command)])
        return try Self.timers(try answers[0].reply.get())
    }

    /// Who of these versions is held before an action, longest first over all of them.
    package func held(
        _ partition: Int, journey: String, versions: [Int64], limit: Int
    ) async throws(QueueError) -> [(version: Int64, timer: DueTimer)] {
        let own = keys.partition(partition)
        let commands = versions.map { version in
            (partition, RedisCommand("ZRANGE", own.held(journey, version), 0, limit - 1, "WITHSCORES"))
        }
        if commands.isEmpty { return [] }
        var found: [(version: Int64, timer: DueTimer)] = []
        for (version, answer) in zip(versions, await pipeline.run(commands)) {
            found += try Self.timers(try answer.reply.get()).map { (version, $0) }
        }
        found.sort { ($0.timer.due, $0.timer.member) < ($1.timer.due, $1.timer.member) }
        return Array(found.prefix(limit))
    }

    /// Members of a version's people inside after a place in the order of time and member.
    ///
    /// Members that entered on the millisecond of the place are looked through from the first on, as the order has no
    /// other address.
    package func inside(
        _ partition: Int, journey: String, version: Int64, after place: DueTimer, limit: Int
    ) async throws(QueueError) -> [DueTimer] {
        let key = keys.partition(partition).inside(journey, version)
        var offset = 0
        while true {
            let command = RedisCommand(
                "ZRANGE", key, place.due, "+inf", "BYSCORE", "LIMIT", offset, limit, "WITHSCORES")
            let answers = await pipeline.run([(partition, command)])
            let page = try Self.timers(try answers[0].reply.get())
            let rest = page.filter { ($0.due, $0.member) > (place.due, place.member) }
            if !rest.isEmpty || page.count < limit { return rest }
            offset += page.count
        }
    }

    /// The earliest timers of a test by its own clock.
    package func timers(
        ofRun run: String, in partition: Int, limit: Int
    ) async throws(QueueError) -> [DueTimer] {
        let key = keys.partition(partition).runTimers(run)
        let answers = await pipeline.run([(partition, RedisCommand("ZRANGE", key, 0, limit - 1, "WITHSCORES"))])
        return try Self.timers(try answers[0].reply.get())
    }

    /// Members of a set that is walked by name, after one of them.
    package func members(
        of key: String, in partition: Int, after member: String?, limit: Int
    ) async throws(QueueError) -> [String] {
        let command = RedisCommand(
            "ZRANGEBYLEX", key, member.map { "(" + $0 } ?? "-", "+", "LIMIT", 0, limit)
        let answers = await pipeline.run([(partition, command)])
        return try answers[0].reply.get().elements?.compactMap(\.text) ?? []
    }

    /// The scores of members of a sorted set, in their order; nil for whoever is none.
    package func scores(
        of members: [String], in key: String, of partition: Int
    ) async throws(QueueError) -> [Int64?] {
        if members.isEmpty { return [] }
        let command = RedisCommand("ZMSCORE", list: [key] + members)
        let replies = try await pipeline.run([(partition, command)])[0].reply.get().elements ?? []
        return replies.map { reply in reply.text.flatMap(Double.init).map { Int64($0) } }
    }

    /// A field of the partition's state.
    package func state(_ field: String, of partition: Int) async throws(QueueError) -> String? {
        let command = RedisCommand("HGET", keys.partition(partition).state, field)
        return try await pipeline.run([(partition, command)])[0].reply.get().text
    }

    private static func read(
        _ ask: RoundAsk, _ inbox: (reply: Result<RedisReply, QueueError>, first: RedisReply?),
        _ timers: Result<RedisReply, QueueError>
    ) throws(QueueError) -> RoundRead {
        let list = try inbox.reply.get().elements ?? []
        var elements: [[UInt8]] = []
        elements.reserveCapacity(list.count)
        for item in list { elements.append(item.bytes ?? []) }
        guard let time = inbox.first?.elements, time.count == 2, let seconds = Int64(time[0].text ?? ""),
            let microseconds = Int64(time[1].text ?? "")
        else { throw QueueError(.broken, "Redis did not say the time") }
        return RoundRead(
            ask: ask, elements: elements, timers: try Self.timers(try timers.get()),
            clock: seconds * 1_000 + microseconds / 1_000, limit: ask.elementsMax)
    }

    private static func timers(_ reply: RedisReply) throws(QueueError) -> [DueTimer] {
        let list = reply.elements ?? []
        var timers: [DueTimer] = []
        timers.reserveCapacity(list.count / 2)
        for place in stride(from: 0, to: list.count - 1, by: 2) {
            guard let member = list[place].text, let due = Double(list[place + 1].text ?? "") else {
                throw QueueError(.broken, "A timer has no time")
            }
            timers.append(DueTimer(member: member, due: Int64(due)))
        }
        return timers
    }

    private static func people(
        _ ask: PeopleAsk, _ answers: [Result<RedisReply, QueueError>]
    ) -> Result<LoadedPeople, QueueError> {
        var people = LoadedPeople(partition: ask.partition)
        // In the order in which they were asked for.
        let asked =
            ask.travelers.map { (What.traveler, $0) } + ask.profiles.map { (.profile, $0) }
            + ask.events.map { (.events, $0) } + ask.checked.flatMap { [(.type, $0), (.type, $0)] }
        for ((what, key), answer) in zip(asked, answers) {
            let person = ExactText(key)
            switch answer {
            case .failure(let error) where error.isWrongType: people.broken.insert(person)
            case .failure(let error): return .failure(error)
            case .success(let reply):
                switch what {
                case .traveler:
                    let fields = fields(of: reply)
                    if !fields.isEmpty { people.travelers[person] = fields }
                case .profile: people.profiles[person] = reply.bytes
                case .events: people.events[person] = (reply.elements ?? []).compactMap(\.bytes)
                case .type: break
                }
            }
        }
        return .success(people)
    }

    /// What is asked of one person.
    private enum What { case traveler, profile, events, type }

    private static func fields(of reply: RedisReply) -> [(String, [UInt8])] {
        let list = reply.elements ?? []
        var fields: [(String, [UInt8])] = []
        fields.reserveCapacity(list.count / 2)
        for at in stride(from: 0, to: list.count - 1, by: 2) {
            fields.append((list[at].text ?? "", list[at + 1].bytes ?? []))
        }
        return fields
    }
}

extension PeopleAsk {
    /// How many answers there are to it.
    fileprivate var answers: Int { travelers.count + profiles.count + events.count + 2 * checked.count }
}
