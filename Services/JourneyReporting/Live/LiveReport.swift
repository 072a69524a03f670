import Models

/// `{journey, at, sinceStart: {totals, failedByReason, refusals, nodes}, lastMinute: {…}}`
struct LiveReport: Sendable {
    let store: any StepStore
    let board: LiveBoard
    let documents: JourneyDocuments
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    /// Nil where neither the definitions nor the store know the journey.
    func report(of journey: String) async throws(StepStoreError) -> JSONObject? {
        let now = clock()
        let ways = await documents.ways(of: journey)
        let sums = try await store.sumsSinceStart(journey: journey, origin: ways?.origin ?? 0)
        if ways == nil, sums.isEmpty { return nil }
        let sinceStart = JourneyFigures(sums, ways: ways)
        let lastMinute = JourneyFigures(
            board.lastMinute(of: journey, at: now).filter { $0.key.version > ways?.origin ?? 0 }, ways: ways)
        return [
            "journey": .string(journey), "at": .string(Timestamp.text(now)),
            "sinceStart": .object(
                sinceStart.members(inProgress: sinceStart.totals.entered - sinceStart.totals.left)),
            "lastMinute": .object(lastMinute.members(inProgress: nil)),
        ]
    }
}
