import Models

/// Where step events are kept for reports and traces. SQLite today; the protocol is the place for others.
protocol StepStore: Sendable {
    /// Stores the batches of these partitions in one transaction, each batch once: one that is not later than the last
    /// stored of its partition is passed over. Safe to repeat. Answers how many step events of each series were stored.
    @discardableResult
    func store(_ batches: [PartitionSteps]) async throws(StepStoreError) -> [TallySeries: Int64]
    /// A page of step events in the order in which they happened.
    func query(_ filter: StepFilter, after cursor: StepCursor?, limit: Int) async throws(StepStoreError) -> StepPage
    /// The figures of a report, all of one moment.
    func report(_ query: ReportQuery) async throws(StepStoreError) -> ReportFigures
    /// Sums of a journey since the start, tests and dry runs left out.
    func sumsSinceStart(journey: String) async throws(StepStoreError) -> [TallySeries: Int64]
    /// Sums of a journey, or of all, over the minutes that these times (ms since 1970) lie in and those between.
    func sums(journey: String?, from: Int64, to: Int64) async throws(StepStoreError) -> [TallySeries: Int64]
    /// Deletes what happened before this time (ms since 1970), at most so many blocks of about a thousand records; how
    /// many were deleted.
    func prune(before time: Int64, blocks: Int) async throws(StepStoreError) -> Int
    /// Adds up to hours what was counted before one time, and forgets what was counted before another (ms since 1970).
    ///
    /// - Parameters:
    ///   - series: the last one of the call before, 0 to begin.
    ///   - limit: series looked at.
    /// - Returns: where to go on; nil at the end.
    func tidyTallies(
        after series: Int64, limit: Int, rolledUpBefore: Int64, deletedBefore: Int64
    ) async throws(StepStoreError) -> Int64?
    /// Gives free pages back to the system, at most so many; how many were.
    func giveBack(pages: Int) async throws(StepStoreError) -> Int
    func close() async
}

/// The steps of one commit of one partition.
struct PartitionSteps: Sendable {
    let partition: Int
    let batch: StepBatch
}

/// Which step events are asked for; a member that is nil asks for nothing.
struct StepFilter: Sendable {
    var namespace: String?
    var profile: String?
    var journey: String?
    var version: Int64?
    var instance: String?
    var stimulus: String?
    var node: String?
    var kind: String?
    var status: String?
    var code: String?
    /// A test or dry run.
    var run: String?
    /// Milliseconds since 1970, included.
    var from: Int64?
    /// Milliseconds since 1970, excluded.
    var to: Int64?
}

/// Where a page ended: the record's number in the store and the step event's place in it.
struct StepCursor: Sendable {
    let record: Int64
    let place: Int

    init(record: Int64, place: Int) {
        self.record = record
        self.place = place
    }

    init?(_ text: String) {
        let parts = text.split(separator: ".")
        guard parts.count == 2, let record = Int64(parts[0]), let place = Int(parts[1]) else { return nil }
        self.init(record: record, place: place)
    }

    var text: String { "\(record).\(place)" }
}

/// One stored step event with what it belongs to.
struct StoredStep: Sendable {
    let person: Person
    let journey: String
    let version: Int64
    let instance: String?
    let stimulus: String
    /// The test or dry run that it belongs to, and which of both it is.
    let run: String?
    let runKind: String?
    let partition: Int
    /// Its number in the partition.
    let number: Int64
    let event: StepEvent
    /// What the engine saw; with the first step event of its record, where it is kept.
    let input: JSONValue?

    var json: JSONObject {
        var object: JSONObject = [
            "at": .string(Timestamp.text(event.at)), "namespace": .string(person.namespace),
            "profile": .string(person.id), "journey": .string(journey), "version": .integer(version),
            "instance": JSONValue(instance), "step": .integer(event.step), "kind": .string(event.kind.rawValue),
        ]
        if event.kind == .entered { object["entrance"] = true }
        let texts = [
            ("node", event.node), ("type", event.type), ("status", event.status), ("path", event.path),
            ("errorKind", errorKind), ("code", event.code), ("detail", event.detail), ("run", run),
            ("runKind", runKind),
        ]
        for (key, text) in texts { if let text { object[key] = .string(text) } }
        if let duration = event.durationMilliseconds { object["durationMs"] = .integer(duration) }
        object["stimulus"] = .string(stimulus)
        object["partition"] = JSONValue(partition)
        object["number"] = .integer(number)
        return object
    }

    /// Which part an error is of: `fetch` (a look-up), `action` (a call or message), `journey` (everything else).
    private var errorKind: String? {
        guard event.status == "error" else { return nil }
        switch event.kind {
        case .fetch: return "fetch"
        case .attempt: return "action"
        case .node where ["action", "email", "sms", "push"].contains(event.type): return "action"
        default: return "journey"
        }
    }
}

struct StepPage: Sendable {
    var items: [StoredStep] = []
    var cursor: StepCursor?
}

/// The store did not do what it was asked; asking again is safe.
struct StepStoreError: Error, CustomStringConvertible {
    let message: String
    let cause: (any Error)?
    var description: String { "\(message)\(cause.map { ": \($0)" } ?? "")" }
}
