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
    package var input: JSONValue?
    /// What the event met, on the first record that it caused, or with a step event of kind ``StepEvent/Kind/event``.
    package var seen: SeenEvent?

    package init(
        person: Person, journey: String, version: Int64, instance: String?, stimulus: String, events: [StepEvent],
        run: RunMark? = nil, input: JSONValue? = nil, seen: SeenEvent? = nil
    ) {
        self.person = person
        self.journey = journey
        self.version = version
        self.instance = instance
        self.stimulus = stimulus
        self.events = events
        self.run = run
        self.input = input
        self.seen = seen
    }

    /// Of an event that caused no other step event: it belongs to no journey.
    package init(seen: SeenEvent, person: Person, stimulus: String, at: Int64, run: RunMark? = nil) {
        self.init(
            person: person, journey: "", version: 0, instance: nil, stimulus: stimulus,
            events: [StepEvent(step: 0, kind: .event, at: at)], run: run, seen: seen)
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
        seen = try value["seen"].map { seen throws(MalformedElement) in try SeenEvent(seen) }
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
        if let seen { writer.add("seen") { seen.write(to: &$0) } }
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
