import JSONRPC
import Models
import Redis

/// Answers why an event, or something else, did or did not move a person: what was recorded, and what is still on its
/// way, in one order by time.
///
/// Items are step events as `stepEvents.query` answers them, and beside them these kinds: `rejected` (refused where it
/// came in, with its problems), `waiting` (accepted, not yet handled), `parked` (nobody can handle it), `kept` (an
/// instance holds it until it next listens) and, of an event, `refused` for each instance and entry that was looked at
/// and did not move.
struct Tracer: Sendable {
    let steps: StepReader
    let live: LiveReader
    let plans: PlanKeeper
    let partitions: Int

    /// What is known of one event.
    struct EventStory {
        var items: [JSONValue] = []
        /// Whom it concerned, as which events: where something still tells so.
        var matches: [(person: Person, events: [String])] = []
        var isWaiting = false
        var isRejected = false
        var unreachable: [String] = []
    }

    /// - Parameter journeys: names those that a constant of their filters ruled out, too.
    func event(_ id: String, of person: Person?, journeys: Bool = false) async throws(RPCError) -> JSONValue {
        var story = EventStory()
        try await unavailable { () throws(RedisError) in try await addLive(id, person, to: &story) }
        switch await steps.steps(["stimulus": .string(id)], journeys: journeys) {
        case .steps(let items): story.items += items
        case .unreachable(let why): story.unreachable.append(why)
        }
        for item in story.items { story.note(seen: item) }
        let people = Set(
            story.items.compactMap(Self.person) + story.matches.map(\.person) + [person].compactMap(\.self))
        try await unavailable { () throws(RedisError) in
            for person in people.sorted(by: { $0.key < $1.key }) { try await addKept(id, person, to: &story) }
        }
        return Self.answer(id, story)
    }

    private static func answer(_ id: String, _ story: EventStory) -> JSONValue {
        let items = unfolded(ordered(story.items))
        let outcome =
            story.isWaiting
            ? "waiting"
            : !items.isEmpty && items.contains { $0["kind"] != "rejected" }
                ? "handled"
                : story.isRejected ? "rejected" : "unknown"
        return [
            "id": .string(id), "outcome": .string(outcome),
            "matched": .array(
                story.matches.flatMap { person, events in
                    events.map { event -> JSONValue in
                        // A business event concerns nobody.
                        if person.id.isEmpty { return ["event": .string(event)] }
                        return [
                            "event": .string(event), "namespace": .string(person.namespace),
                            "profile": .string(person.id),
                        ]
                    }
                }),
            "items": .array(items), "unreachable": JSONValue(story.unreachable),
            "duplicates": JSONValue(items.count { $0["code"] == .string(RepeatedEvent.code) }),
        ]
    }

    private func addLive(_ id: String, _ person: Person?, to story: inout EventStory) async throws(RedisError) {
        let all = person.map { [$0.partition(of: partitions)] } ?? Array(0..<partitions)
        for (partition, element) in try await live.waiting(
            in: all, { $0["kind"] == "event" && $0["id"] == .string(id) })
        {
            story.isWaiting = true
            story.note(element)
            story.items.append(Self.waiting(element, partition: partition))
        }
        for (partition, letter) in try await live.parked(in: all, { $0["element"]?["id"] == .string(id) }) {
            let element = letter["element"] ?? .null
            story.note(element)
            story.items.append(Self.parked(letter, element, partition: partition))
        }
        for (_, element) in try await live.refusals(in: all, { $0["event"] == .string(id) }) { story.note(element) }
        story.items += try await live.undrained(in: all) { $0.stimulus == id }
        for element in try await live.rejected({ (try? Identity.text(of: $0["_id"]).get()) == id }) {
            story.isRejected = true
            story.items.append(Self.rejected(element))
        }
    }

    /// What the person's own keys know of the event.
    private func addKept(_ id: String, _ person: Person, to story: inout EventStory) async throws(RedisError) {
        for (instance, state) in try await live.keepers(of: id, person: person) {
            let kept = (state["kept"]?.arrayValue ?? []).first { $0["id"] == .string(id) }
            story.items.append([
                "at": .string(Timestamp.text(kept?["at"]?.integerValue ?? 0)), "kind": "kept",
                "namespace": .string(person.namespace), "profile": .string(person.id),
                "journey": state["journey"] ?? .null, "version": state["version"] ?? .null,
                "instance": .string(instance), "node": state["node"] ?? .null, "stimulus": .string(id),
                "detail": "it is offered when the instance next listens",
            ])
        }
        if story.matches.contains(where: { $0.person == person }) { return }
        if let event = try await live.keptEvents(of: person).first(where: { $0["id"] == .string(id) }) {
            story.matches.append((person, (event["events"]?.arrayValue ?? []).compactMap(\.stringValue)))
        }
    }

    /// Each reason for which an instance or an entry did not move as an item of its own, after the step event with
    /// which it is on record. An event that caused nothing is an item itself only where there is no reason to tell, and
    /// where it came again.
    static func unfolded(_ items: [JSONValue]) -> [JSONValue] {
        let isAlone = items.allSatisfy { $0["kind"] == "event" || $0["kind"] == "rejected" }
        return items.flatMap { item -> [JSONValue] in
            if item["code"] == .string(RepeatedEvent.code) { return [item] }
            guard let seen = item["event"] else { return [item] }
            let reasons = ((seen["looked"]?.arrayValue ?? []) + (seen["ruledOut"]?.arrayValue ?? [])).map {
                reason(of: item, $0)
            }
            if item["kind"] != "event" { return [item] + reasons }
            return reasons.isEmpty && isAlone ? [item] : reasons
        }
    }

    /// Why one instance, one entry, or a group of entries did not move.
    private static func reason(of item: JSONValue, _ look: JSONValue) -> JSONValue {
        var reason: JSONObject = ["at": item["at"] ?? .null, "kind": "refused"]
        for key in ["namespace", "profile"] { reason[key] = item[key] }
        for (key, value) in look.objectValue ?? [:] { reason[key] = value }
        for key in ["stimulus", "run", "runKind", "partition"] { reason[key] = item[key] }
        if look["group"] != nil { reason["detail"] = "the constant in the filter of each entry is another" }
        return .object(reason)
    }

    // MARK: A person

    func person(_ person: Person, filter: JSONObject) async throws(RPCError) -> JSONValue {
        var asked: JSONObject = ["namespace": .string(person.namespace), "profile": .string(person.id)]
        asked.merge(filter)
        var items: [JSONValue] = []
        var unreachable: [String] = []
        switch await steps.steps(asked) {
        case .steps(let found): items = found
        case .unreachable(let why): unreachable.append(why)
        }
        let partition = person.partition(of: partitions)
        var found: [JSONValue] = []
        try await unavailable { () throws(RedisError) in
            found += try await live.undrained(in: [partition]) { $0.person == person }
            let waiting = try await live.waiting(in: [partition]) { element in
                element["namespace"] == .string(person.namespace) && element["person"] == .string(person.id)
            }
            found += waiting.map { Self.waiting($0.element, partition: $0.partition) }
            found += try await live.rejected { Self.mayConcern($0, person.id) }.map(Self.rejected)
        }
        items += found.filter { item in filter.allSatisfy { key, value in item[key] == value } }
        return [
            "namespace": .string(person.namespace), "profile": .string(person.id),
            "items": .array(Self.ordered(items)), "unreachable": JSONValue(unreachable),
        ]
    }

    /// Whether the person's id is a value anywhere in the payload, but where no id is: a rejected event has no identity
    /// yet.
    private static func mayConcern(_ event: JSONValue, _ id: String) -> Bool {
        event.objectValue?.contains { key, value in
            !["_id", "eventType", "timestamp"].contains(key) && holds(value, id)
        } ?? false
    }

    private static func holds(_ value: JSONValue, _ text: String) -> Bool {
        switch value {
        case .string(let found): found.composed.hasBytes(of: text)
        case .array(let items): items.contains { holds($0, text) }
        case .object(let object): object.contains { holds($0.value, text) }
        default: false
        }
    }

    // MARK: A run

    /// What happened in a test or dry run, in order.
    func run(_ id: String, profile: String?) async throws(RPCError) -> [JSONValue] {
        let profile = profile?.composed
        var filter: JSONObject = ["run": .string(id)]
        if let profile { filter["profile"] = .string(profile) }
        var items: [JSONValue]
        switch await steps.steps(filter) {
        case .steps(let found): items = found
        case .unreachable(let why): throw .unavailable("The step store cannot be asked: \(why).")
        }
        try await unavailable { () throws(RedisError) in
            items += try await live.undrained(in: Array(0..<partitions)) { record in
                record.run?.id == id && (profile == nil || record.person.id == profile)
            }
        }
        return Self.ordered(items)
    }

    // MARK: Items

    private static func person(_ item: JSONValue) -> Person? {
        guard let namespace = item["namespace"]?.stringValue, let id = item["profile"]?.stringValue else { return nil }
        return Person(namespace: namespace, id: id)
    }

    private static func waiting(_ element: JSONValue, partition: Int) -> JSONValue {
        var item: JSONObject = [
            "at": .string(Timestamp.text(element["at"]?.integerValue ?? 0)), "kind": "waiting",
            "namespace": element["namespace"] ?? .null, "profile": element["person"] ?? .null,
            "stimulus": element["id"] ?? .null, "partition": JSONValue(partition),
            "detail": .string("accepted as \(element["kind"]?.stringValue ?? ""), not yet handled"),
        ]
        item["events"] = element["events"]
        return .object(item)
    }

    private static func parked(_ letter: JSONValue, _ element: JSONValue, partition: Int) -> JSONValue {
        [
            "at": .string(Timestamp.text(letter["at"]?.integerValue ?? 0)), "kind": "parked",
            "namespace": element["namespace"] ?? .null, "profile": element["person"] ?? .null,
            "stimulus": element["id"] ?? .null, "partition": JSONValue(partition), "code": letter["reason"] ?? .null,
            "detail": "it cannot be handled, and lies in inbox:dead",
        ]
    }

    private static func rejected(_ element: JSONValue) -> JSONValue {
        let problems = element["problems"]?.arrayValue ?? []
        let first = problems.first.map { "\($0["path"]?.stringValue ?? "") \($0["message"]?.stringValue ?? "")" }
        return [
            "at": .string(Timestamp.text(element["at"]?.integerValue ?? 0)), "kind": "rejected",
            "stimulus": element["event"]?["_id"] ?? .null, "rejected": element["id"] ?? .null, "code": "notValid",
            "detail": JSONValue(first?.trimmed), "problems": .array(problems),
        ]
    }

    /// By time, then as the partition counted; each step event once, whether it was read here or there.
    static func ordered(_ items: [JSONValue]) -> [JSONValue] {
        var seen: Set<String> = []
        let once = items.filter { item in
            guard let number = item["number"]?.integerValue else { return true }
            return seen.insert("\(item["partition"]?.integerValue ?? 0):\(number)").inserted
        }
        func order(_ item: (offset: Int, element: JSONValue)) -> (String, Int64, Int64, Int) {
            let (place, item) = item
            // What has no time of its own was decided when all else was.
            return (
                item["at"]?.stringValue ?? "~", item["partition"]?.integerValue ?? 0,
                item["number"]?.integerValue ?? .max, place
            )
        }
        return once.enumerated().sorted { order($0) < order($1) }.map(\.element)
    }

    private func unavailable(_ body: () async throws(RedisError) -> Void) async throws(RPCError) {
        do { try await body() } catch { throw .unavailable(error.callerMessage, cause: error) }
    }
}

extension Tracer.EventStory {
    /// Notes whom the event of a step event concerned, and as which events.
    mutating func note(seen item: JSONValue) {
        guard let events = item["event"]?["matched"]?.arrayValue else { return }
        let person = Person(
            namespace: item["namespace"]?.stringValue ?? "", id: item["profile"]?.stringValue ?? "")
        note(person, events.compactMap(\.stringValue))
    }

    /// Of two events of a person with one id each tells its own.
    private mutating func note(_ person: Person, _ events: [String]) {
        guard let place = matches.firstIndex(where: { $0.person == person }) else {
            return matches.append((person, events))
        }
        let known = matches[place].events
        matches[place].events += events.filter { !known.contains($0) }
    }

    /// Notes whom an element concerns.
    mutating func note(_ element: JSONValue) {
        guard let namespace = element["namespace"]?.stringValue, let id = element["person"]?.stringValue else { return }
        let events = (element["events"]?.arrayValue ?? []).compactMap(\.stringValue)
        let person = Person(namespace: namespace, id: id)
        note(person, events)
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
