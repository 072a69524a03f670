/// One thing that happened to one instance, or one refusal to enter: what reports, traces and histories are made of.
///
/// Step events of an instance are numbered from 1 without gaps (`step`); a refusal belongs to no instance and has
/// `step` 0.
package struct StepEvent: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The instance came into being.
        case entered
        /// A node was passed; `path` says by which way it was left.
        case node
        /// A request for data went out, or its answer came.
        case fetch
        /// One attempt of an action at the third party.
        case attempt
        /// The instance ended, with its status.
        case left
        /// Someone did not enter or did not move, and why (`code`).
        case refused
        /// Something came too late and moved nothing.
        case noted
        /// The event that the journey is there for occurred within its time; at most once per instance.
        case goal
        /// The journey is paused, and the instance stays before this action.
        case held
        /// A held instance goes on with its action.
        case released
        /// The instance went over to another version. With status `ok` the record is of the new version and `path` is
        /// the number of the old one; with `error` the record is of the old one, `path` is the number of the new one
        /// and `code` says why it stayed.
        case moved
    }

    package var step: Int64
    package let kind: Kind
    package let at: Int64
    package var node: String?
    /// The node's type, as in the journey document.
    package var type: String?
    /// `ok`, `error`, `timedOut`; for ``Kind/left`` finished, exited, error, timedOut or stopped.
    package var status: String?
    /// The label of the path taken, or `otherwise`, `onError`, `onTimeout`, `next`.
    package var path: String?
    /// A code for the error or the refusal.
    package var code: String?
    /// A sentence for people: the reason of a decision, free of secrets.
    package var detail: String?
    package var durationMilliseconds: Int64?

    package init(step: Int64, kind: Kind, at: Int64) {
        self.step = step
        self.kind = kind
        self.at = at
    }

    package init(_ value: JSONValue) throws(MalformedElement) {
        let reader = try ElementReader(value)
        step = try reader.integer("step")
        at = try reader.integer("at")
        guard let kind = Kind(rawValue: try reader.string("kind")) else {
            throw MalformedElement("a step event has an unknown kind")
        }
        self.kind = kind
        node = value["node"]?.stringValue
        type = value["type"]?.stringValue
        status = value["status"]?.stringValue
        path = value["path"]?.stringValue
        code = value["code"]?.stringValue
        detail = value["detail"]?.stringValue
        durationMilliseconds = value["durationMs"]?.integerValue
    }

    package func write(to bytes: inout [UInt8]) {
        var writer = ElementWriter(taking: &bytes)
        writer.add("step", step)
        writer.add("kind", kind.rawValue)
        writer.add("at", at)
        if let node { writer.add("node", node) }
        if let type { writer.add("type", type) }
        if let status { writer.add("status", status) }
        if let path { writer.add("path", path) }
        if let code { writer.add("code", code) }
        if let detail { writer.add("detail", detail) }
        if let durationMilliseconds { writer.add("durationMs", durationMilliseconds) }
        bytes = writer.finish()
    }
}

/// The step events that one stimulus caused for one person in one version.
package struct StepRecord: Sendable, Hashable {
    package let person: Person
    package let journey: String
    package let version: Int64
    /// Nil for a refusal.
    package let instance: String?
    /// The id of what caused it: an event's, a request's, or `timer`.
    package let stimulus: String
    package var events: [StepEvent]
    package let run: RunMark?
    /// What the engine saw, as far as the plan reads it: with it the instance can be run again. Nil where the journey
    /// keeps a short history.
    package let input: JSONValue?

    package init(
        person: Person, journey: String, version: Int64, instance: String?, stimulus: String, events: [StepEvent],
        run: RunMark? = nil, input: JSONValue? = nil
    ) {
        self.person = person
        self.journey = journey
        self.version = version
        self.instance = instance
        self.stimulus = stimulus
        self.events = events
        self.run = run
        self.input = input
    }

    package init(_ value: JSONValue) throws(MalformedElement) {
        let reader = try ElementReader(value)
        person = try reader.person()
        journey = try reader.string("journey")
        version = try reader.integer("version")
        instance = value["instance"]?.stringValue
        stimulus = try reader.string("stimulus")
        var events: [StepEvent] = []
        for item in try reader.array("events") { events.append(try StepEvent(item)) }
        self.events = events
        run = try RunMark(reader)
        input = value["input"]
    }

    /// The record as one JSON object.
    package func write(to bytes: inout [UInt8]) {
        var writer = ElementWriter(taking: &bytes)
        writer.add(person)
        writer.add("journey", journey)
        writer.add("version", version)
        if let instance { writer.add("instance", instance) }
        writer.add("stimulus", stimulus)
        writer.add(run)
        if let input { writer.add("input", input) }
        writer.add("events", events) { $0.write(to: &$1) }
        bytes = writer.finish()
    }
}

/// An element of `steps`: all step events of one commit of one partition.
///
/// `{"kind":"steps","fence":3,"commit":812,"first":40211,"records":[…]}`; the drain skips what is not later than the
/// last fence and commit number that it stored. Refusals that have no record are counted beside: `refused`, `ruledOut`,
/// and the `groups` of the latter that were not told lately.
package struct StepBatch: Sendable, Hashable {
    package let fence: Int64
    package let commit: Int64
    /// The number in the partition of the first step event here; the others follow in order.
    package let firstNumber: Int64
    package let records: [StepRecord]
    package var refusals: RefusalCounts

    package init(
        fence: Int64, commit: Int64, firstNumber: Int64, records: [StepRecord],
        refusals: RefusalCounts = RefusalCounts()
    ) {
        self.fence = fence
        self.commit = commit
        self.firstNumber = firstNumber
        self.records = records
        self.refusals = refusals
    }

    package init(bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        let reader = try ElementReader(value)
        fence = try reader.integer("fence")
        commit = try reader.integer("commit")
        firstNumber = try reader.integer("first")
        var records: [StepRecord] = []
        for item in try reader.array("records") { records.append(try StepRecord(item)) }
        self.records = records
        refusals = try RefusalCounts(value)
    }

    package var element: [UInt8] {
        var writer = ElementWriter(capacity: 256 + records.count * 768)
        writer.add("kind", "steps")
        writer.add("fence", fence)
        writer.add("commit", commit)
        writer.add("first", firstNumber)
        writer.add("records", records) { $0.write(to: &$1) }
        if !refusals.isEmpty { refusals.write(to: &writer) }
        return writer.finish()
    }
}

/// Why someone did not enter, or did not move: an element of `refusals`, one per event with all its reasons.
///
/// `{"kind":"refusal","at":…,"namespace":…,"person":…,"event":"e-1","events":["orderPlaced"],
/// "reasons":[{"journey":"welcome","version":2,"reason":"alreadyInside"}]}`
package struct Refusal: Sendable, Hashable {
    package struct Reason: Sendable, Hashable {
        package let journey: String
        package let version: Int64
        package let reason: String

        package init(journey: String, version: Int64, reason: String) {
            self.journey = journey
            self.version = version
            self.reason = reason
        }
    }

    package let at: Int64
    package let person: Person
    package let event: String
    package let events: [String]
    package let reasons: [Reason]

    package init(at: Int64, person: Person, event: String, events: [String], reasons: [Reason]) {
        self.at = at
        self.person = person
        self.event = event
        self.events = events
        self.reasons = reasons
    }

    package var element: [UInt8] {
        var writer = ElementWriter()
        writer.add("kind", "refusal")
        writer.add("at", at)
        writer.add(person)
        writer.add("event", event)
        writer.add("events", events)
        let list = reasons.map { reason -> JSONValue in
            [
                "journey": .string(reason.journey), "version": .integer(reason.version),
                "reason": .string(reason.reason),
            ]
        }
        writer.add("reasons", .array(list))
        return writer.finish()
    }
}
