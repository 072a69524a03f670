import Models

/// Keeps the store from growing without end: deletes what is too old, adds old counts up to hours and gives free pages
/// back, a bounded piece between two drains, so that new step events need not wait.
struct StoreTidying {
    /// Blocks of about a thousand records deleted in one piece.
    static let blocksMax = 4
    /// Series whose counts are looked at in one piece.
    static let seriesMax = 500
    /// Pages of 4 KiB given back in one piece.
    static let pagesMax = 1_000
    /// How long to wait once nothing is left to do.
    static let pauseMilliseconds: Int64 = 60_000
    /// How often all counts are walked: an hour has passed since the walk before.
    static let walkEveryMilliseconds: Int64 = 3_600_000

    private let store: any StepStore
    private let recordsKeptMilliseconds: Int64
    private let countsKeptMilliseconds: Int64
    private var nextPiece: Int64 = 0
    private var nextWalk: Int64 = 0
    private var walkedTo: Int64?

    init(store: any StepStore, recordsKeptMilliseconds: Int64, countsKeptMilliseconds: Int64) {
        self.store = store
        self.recordsKeptMilliseconds = recordsKeptMilliseconds
        self.countsKeptMilliseconds = countsKeptMilliseconds
    }

    /// Does a piece, if one is due.
    mutating func doPiece(at now: Int64) async throws(StepStoreError) {
        guard now >= nextPiece else { return }
        let pruned = try await store.prune(before: now - recordsKeptMilliseconds, blocks: Self.blocksMax)
        let given = try await store.giveBack(pages: Self.pagesMax)
        let isWalking = try await walk(at: now)
        if pruned < Self.blocksMax, given == 0, !isWalking { nextPiece = now + Self.pauseMilliseconds }
    }

    private mutating func walk(at now: Int64) async throws(StepStoreError) -> Bool {
        guard walkedTo != nil || now >= nextWalk else { return false }
        walkedTo = try await store.tidyTallies(
            after: walkedTo ?? 0, limit: Self.seriesMax,
            rolledUpBefore: ReportPeriod.rolledUpBefore(now: now) * TallyMinute.milliseconds,
            deletedBefore: now - countsKeptMilliseconds)
        if walkedTo == nil { nextWalk = now + Self.walkEveryMilliseconds }
        return walkedTo != nil
    }
}
