/// What a step event belongs to, for showing it.
package struct StepOwner: Sendable {
    package let person: Person
    package let journey: String
    package let version: Int64
    package let instance: String?
    package let stimulus: String
    /// The test or dry run, and which of both it is.
    package let run: String?
    package let runKind: String?
    package let partition: Int

    package init(
        person: Person, journey: String, version: Int64, instance: String?, stimulus: String, run: String?,
        runKind: String?, partition: Int
    ) {
        self.person = person
        self.journey = journey
        self.version = version
        self.instance = instance
        self.stimulus = stimulus
        self.run = run
        self.runKind = runKind
        self.partition = partition
    }

    package init(_ record: StepRecord, partition: Int) {
        self.init(
            person: record.person, journey: record.journey, version: record.version, instance: record.instance,
            stimulus: record.stimulus, run: record.run?.id, runKind: record.run?.kind.rawValue, partition: partition)
    }
}

extension StepEvent {
    /// The step event as every method answers it, whether it is stored yet or not.
    ///
    /// - Parameter number: its number in the partition.
    package func view(_ owner: StepOwner, number: Int64) -> JSONObject {
        // An event that moved nobody belongs to no journey.
        let hasJourney = !owner.journey.isEmpty
        var object: JSONObject = [
            "at": .string(Timestamp.text(at)), "namespace": .string(owner.person.namespace),
            "profile": .string(owner.person.id), "journey": hasJourney ? .string(owner.journey) : .null,
            "version": hasJourney ? .integer(owner.version) : .null, "instance": JSONValue(owner.instance),
            "step": .integer(step), "kind": .string(kind.rawValue),
        ]
        if kind == .entered { object["entrance"] = true }
        let texts = [
            ("node", node), ("type", type), ("status", status), ("path", path), ("errorKind", errorKind),
            ("code", code), ("detail", detail), ("localTime", localTime), ("run", owner.run),
            ("runKind", owner.runKind),
        ]
        for (key, text) in texts { if let text { object[key] = .string(text) } }
        if !read.isEmpty { object["read"] = .array(read.map(\.view)) }
        if let answer { object["answer"] = answer.json }
        if let durationMilliseconds { object["durationMs"] = .integer(durationMilliseconds) }
        object["stimulus"] = .string(owner.stimulus)
        object["partition"] = JSONValue(owner.partition)
        object["number"] = .integer(number)
        return object
    }

    /// Which part an error is of: `fetch` (a look-up), `action` (a call or message), `journey` (everything else).
    private var errorKind: String? {
        guard status == "error" else { return nil }
        switch kind {
        case .fetch: return "fetch"
        case .attempt: return "action"
        case .node where ["action", "email", "sms", "push"].contains(type): return "action"
        default: return "journey"
        }
    }
}
