import Models
import Redis

/// Writes a ``CommitBatch`` as the call of `commitBatch.lua`.
struct CommitCommand {
    /// Values of one operation: below the limit of Lua's `unpack`, about 7,999.
    static let valuesMax = 7_000

    private struct Operation {
        let name: String
        let key: Int
        /// Values that begin each piece of the operation.
        var head: [String] = []
        var values: [any RedisArgument] = []
    }

    private let keys: PartitionKeys
    private var names: [String] = []
    private var numbers: [ExactText: Int] = [:]
    private var types = ""
    private var expectations: [(key: Int, revision: Int64)] = []
    private var operations: [Operation] = []
    private let head: [any RedisArgument]
    private let stepsBytes: Int
    private let stepsBytesMax: Int
    private let lastTrimmed: [UInt8]
    private let audiences: Int64?

    init(_ batch: CommitBatch) {
        keys = batch.keys
        head = [batch.fence, batch.previousCommit, batch.trim, batch.time, batch.lastStep]
        stepsBytes = batch.steps.reduce(0) { $0 + $1.count }
        stepsBytesMax = batch.stepsBytesMax
        lastTrimmed = batch.lastTrimmed
        audiences = batch.audiencesNumber
        _ = key(keys.state, "h")
        _ = key(keys.inbox, "l")
        _ = key(keys.steps, "l")
        for item in batch.expectations {
            expectations.append((key(keys.profile(item.personKey), "s"), item.revision))
        }
        writeTravelers(batch)
        write(batch.timers, to: keys.timers)
        for version in batch.insideOrder {
            if let changes = batch.inside[version] {
                write(changes, to: keys.inside(version.journey, version.version))
            }
        }
        for version in batch.heldOrder {
            if let changes = batch.held[version] { write(changes, to: keys.held(version.journey, version.version)) }
        }
        for journey in batch.reads.keys.sorted() {
            if let changes = batch.reads[journey] { write(changes, to: keys.read(journey)) }
        }
        for journey in batch.forgottenReads { add("DEL", key(keys.read(journey), "-"), []) }
        for (run, changes) in batch.runs.sorted(by: { $0.key < $1.key }) { write(changes, ofRun: run) }
        for item in batch.profiles {
            add("ZADD", key(keys.people, "z"), [0, item.personKey])
            add("SET", key(keys.profile(item.personKey), "s"), [item.document])
        }
        for (personKey, membership) in batch.memberships { write(membership, of: personKey) }
        for item in batch.keptEvents { write(item.event, of: item.personKey) }
        for kind in RequestKind.allCases {
            cancel(batch.cancelled[kind] ?? [], kind, at: batch.time)
            push(batch.requests[kind] ?? [], to: keys.requests(kind), "in:\(kind.rawValue)", keys.wake(kind.wakeQueue))
        }
        push(batch.steps, to: keys.steps, "in:steps", keys.wake(.steps))
        if !batch.stimuli.isEmpty {
            operations.append(
                Operation(
                    name: "APPEND", key: 2, head: [keys.wake(.inbox)], values: batch.stimuli.map { $0.dropFirst() }))
        }
        if !batch.refusals.isEmpty {
            let number = key(keys.refusals, "l")
            add("LPUSH", number, batch.refusals)
            add("LTRIM", number, [0, CommitBatch.refusalsMax - 1])
        }
        if !batch.parked.isEmpty { add("RPUSH", key(keys.inboxDead, "l"), batch.parked) }
        for (field, value) in batch.stateFields {
            if let value { add("HSET", 1, [field, value]) } else { add("HDEL", 1, [field]) }
        }
    }

    /// The command, encoded.
    var command: RedisCommand {
        var command = QueueScript.commitBatch.command(keys: names, arguments: head)
        command.append(types)
        command.append(stepsBytes)
        command.append(stepsBytesMax)
        command.append(lastTrimmed)
        command.append(audiences.map { "\($0)" } ?? "")
        command.append(expectations.count)
        for item in expectations {
            command.append(item.key)
            command.append(item.revision)
        }
        for operation in operations {
            let piece = Self.valuesMax - operation.head.count
            for from in stride(from: 0, to: max(1, operation.values.count), by: piece) {
                let values = operation.values[from..<min(from + piece, operation.values.count)]
                command.append(operation.name)
                command.append(operation.key)
                command.append(operation.head.count + values.count)
                for value in operation.head { command.append(value) }
                for value in values { command.append(value) }
            }
        }
        return command
    }

    private mutating func key(_ name: String, _ type: Character) -> Int {
        let exact = ExactText(name)
        if let number = numbers[exact] { return number }
        names.append(name)
        types.append(type)
        numbers[exact] = names.count
        return names.count
    }

    private mutating func add(_ name: String, _ key: Int, _ values: [any RedisArgument]) {
        operations.append(Operation(name: name, key: key, values: values))
    }

    private mutating func cancel(_ ids: [String], _ kind: RequestKind, at time: Int64) {
        if ids.isEmpty { return }
        add("HDEL", key(keys.claimed(kind), "h"), ids)
        let number = key(keys.cancelled(kind), "z")
        add("ZADD", number, ids.flatMap { [time, $0] as [any RedisArgument] })
        add("ZREMRANGEBYRANK", number, [0, -(CommitBatch.cancelledMax + 1)])
    }

    /// Deletes all at once that are to be deleted, before what is written anew.
    private mutating func writeTravelers(_ batch: CommitBatch) {
        let changes = batch.travelerOrder.compactMap { person in
            batch.travelers[ExactText(person)].map { (name: keys.traveler(person), change: $0) }
        }
        let deleted = changes.filter(\.change.isDeleted).map { key($0.name, $0.change.isOnlyDeleted ? "-" : "h") }
        if let first = deleted.first { add("DEL", first, Array(deleted.dropFirst())) }
        for (name, change) in changes where !change.isOnlyDeleted { write(change, of: key(name, "h")) }
    }

    private mutating func write(_ change: CommitBatch.TravelerChange, of key: Int) {
        if !change.removed.isEmpty { add("HDEL", key, change.removed) }
        if !change.fields.isEmpty {
            var values: [any RedisArgument] = []
            values.reserveCapacity(change.fields.count * 2)
            for (field, value) in change.fields {
                values.append(field)
                values.append(value)
            }
            add("HSET", key, values)
        }
        switch change.expiry {
        case .asItIs: break
        case .never: add("PERSIST", key, [])
        case .at(let time): add("PEXPIREAT", key, [time])
        }
    }

    private mutating func write(_ changes: CommitBatch.ScoreChanges, to name: String) {
        var set: [any RedisArgument] = []
        var removed: [any RedisArgument] = []
        for member in changes.order {
            if let score = changes.scores[ExactText(member)] ?? nil {
                set.append(score)
                set.append(member)
            } else {
                removed.append(member)
            }
        }
        if !set.isEmpty { add("ZADD", key(name, "z"), set) }
        if !removed.isEmpty { add("ZREM", key(name, "z"), removed) }
    }

    private mutating func write(_ changes: CommitBatch.RunChanges, ofRun run: String) {
        if changes.isForgotten {
            add("DEL", key(keys.runTimers(run), "-"), [key(keys.runPeople(run), "-")])
            return
        }
        write(changes.timers, to: keys.runTimers(run))
        write(changes.people, to: keys.runPeople(run))
    }

    private mutating func write(_ membership: Membership, of personKey: String) {
        add(
            "MEMBER", key(keys.audience(membership.audience, membership.ruleRevision), "z"),
            [keys.wake(.inbox), personKey, membership.isMember ? 1 : 0, membership.stimulus])
    }

    private mutating func write(_ event: KeptEvent, of personKey: String) {
        let values: [any RedisArgument] = [
            event.element.dropFirst(), KeptEvent.countMax, KeptEvent.bytesMax,
            event.at - KeptEvent.ageMillisecondsMax, event.at + KeptEvent.ageMillisecondsMax,
        ]
        add("KEEP", key(keys.events(personKey), "l"), values)
    }

    private mutating func push(_ elements: [[UInt8]], to name: String, _ counter: String, _ channel: String) {
        if elements.isEmpty { return }
        operations.append(Operation(name: "PUSH", key: key(name, "l"), head: [counter, channel], values: elements))
    }
}
