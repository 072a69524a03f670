import Models

/// Where step events are kept for reports and traces. SQLite today; the protocol is the place for others.
protocol StepStore: Sendable {
    /// Stores the batches of these partitions in one transaction, each batch once: one that is not later than the last
    /// stored of its partition is passed over. Safe to repeat. Answers how many step events of each series were stored.
    @discardableResult
    func store(_ batches: [PartitionSteps]) async throws(StepStoreError) -> [TallySeries: Int64]
    /// A page of step events in the order in which they happened.
    func query(_ filter: StepFilter, after cursor: StepCursor?, limit: Int) async throws(StepStoreError) -> StepPage
    /// The members of groups of entries, as far as they are known.
    func members(of groups: Set<String>) async throws(StepStoreError) -> [String: [RefusalCounts.Member]]
    /// The figures of a report, all of one moment.
    func report(_ query: ReportQuery) async throws(StepStoreError) -> ReportFigures
    /// Sums of a journey since the start, tests and dry runs left out.
    func sumsSinceStart(journey: String, origin: Int64) async throws(StepStoreError) -> [TallySeries: Int64]
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
    let owner: StepOwner
    /// Its number in the partition.
    let number: Int64
    let event: StepEvent
    /// What the engine saw; with the first step event of its record, where it is kept.
    let input: JSONValue?
    /// What the event met that caused it; with the first step event that it caused.
    let seen: SeenEvent?

    var json: JSONObject { view(members: [:]) }

    /// - Parameter members: of the groups of entries that a constant ruled out, where they are asked for.
    func view(members: [String: [RefusalCounts.Member]]) -> JSONObject {
        var object = event.view(owner, number: number)
        if let seen { object["event"] = seen.view { members[$0] } }
        return object
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
