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
        /// An event came and caused no other step event; ``StepRecord/seen`` says why.
        case event
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
    /// The values that the decision went by, at most ``StepReading/countMax``.
    package var read: [StepReading] = []
    /// Where the decision goes by time: the time in its zone, as RFC 9557 writes it.
    package var localTime: String?
    /// Of a call that failed.
    package var answer: CallAnswer?

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
        read = (value["read"]?.arrayValue ?? []).compactMap(StepReading.init)
        localTime = value["localTime"]?.stringValue
        answer = CallAnswer(value["answer"])
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
        if !read.isEmpty { writer.add("read", read) { $0.write(to: &$1) } }
        if let localTime { writer.add("localTime", localTime) }
        if let answer { writer.add("answer", answer.json) }
        bytes = writer.finish()
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
