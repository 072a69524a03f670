/// What a report is asked for.
struct ReportQuery: Sendable {
    let journey: String
    /// Nil: all versions together.
    var version: Int64?
    /// Of all versions those above this one: a journey of the name that was deleted had the others.
    var origin: Int64 = 0
    /// A test or dry run; nil: what is real.
    var run: String?
    let period: ReportPeriod
}

/// What the store knows for a report.
struct ReportFigures: Sendable {
    /// In the period.
    var sums: [TallySeries: Int64] = [:]
    /// In the period, as steps of ``LatencyScale``.
    var times: [TallySeries: [(step: Int64, count: Int64)]] = [:]
    /// By the number of the bucket, from 0.
    var buckets: [Int64: JourneySums] = [:]
    /// Who was inside at the end of the period.
    var inProgress: Int64 = 0
}
