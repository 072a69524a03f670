import Models

/// The time that a report is about, and the pieces that it is cut into.
struct ReportPeriod: Sendable, Hashable {
    static let bucketsMax: Int64 = 10_000
    /// Counts older than this are kept by hours.
    static let minutesKept: Int64 = 24 * 60

    /// Minutes since 1970: the first included, the last excluded.
    let minutes: Range<Int64>
    /// Minutes of a bucket.
    let interval: Int64

    /// - Parameters:
    ///   - from: milliseconds since 1970; a day before `to` by default. Moved back to a whole minute, to a whole hour
    ///     where counts are kept by hours.
    ///   - to: now by default; moved on likewise.
    ///   - intervalMilliseconds: by default one that gives some 10 to 200 buckets.
    init(
        from: Int64?, to: Int64?, intervalMilliseconds: Int64?, now: Int64
    ) throws(RefusedPeriod) {
        let end = to ?? now + 1
        let start = from ?? end - 86_400_000
        guard start < end else { throw RefusedPeriod(path: "/to", message: "must be later than from") }
        let hourly = Self.rolledUpBefore(now: now)
        var first = TallyMinute.of(start)
        var last = TallyMinute.of(end - 1) + 1
        if first < hourly { first -= first % 60 }
        if last < hourly { last += (60 - last % 60) % 60 }
        minutes = first..<last
        interval = try Self.interval(intervalMilliseconds, minutes: minutes, hourly: hourly)
        let count = (last - first + interval - 1) / interval
        guard count <= Self.bucketsMax else {
            let least = (last - first + Self.bucketsMax - 1) / Self.bucketsMax
            throw RefusedPeriod(
                path: "/interval",
                message: "gives \(count) buckets, and at most \(Self.bucketsMax) are answered; take "
                    + "\(ISODuration.text((least > 1 ? (least + 59) / 60 * 60 : least) * 60_000)) or more, or less time"
            )
        }
    }

    private static func interval(
        _ milliseconds: Int64?, minutes: Range<Int64>, hourly: Int64
    ) throws(RefusedPeriod) -> Int64 {
        let byHours = minutes.lowerBound < hourly
        guard let milliseconds else {
            let length = minutes.upperBound - minutes.lowerBound
            let fitting: Int64 = length <= 3 * 60 ? 1 : length <= 24 * 60 ? 15 : length <= 14 * 24 * 60 ? 60 : 24 * 60
            return byHours ? max(60, fitting) : fitting
        }
        guard milliseconds >= 60_000, milliseconds % 60_000 == 0, milliseconds <= 366 * 86_400_000 else {
            throw RefusedPeriod(path: "/interval", message: "must be whole minutes, from PT1M to P366D")
        }
        let interval = milliseconds / 60_000
        guard !byHours || interval % 60 == 0 else {
            throw RefusedPeriod(
                path: "/interval",
                message: "must be whole hours for a time that begins before \(Timestamp.text(hourly * 60_000)):"
                    + " older counts are kept by hours")
        }
        return interval
    }

    /// The minute that counts before are added up to hours, at the latest.
    static func rolledUpBefore(now: Int64) -> Int64 { (TallyMinute.of(now) - minutesKept) / 60 * 60 }
}

/// A period that no report can be made of: which parameter is wrong, and why.
struct RefusedPeriod: Error, Hashable {
    let path: String
    let message: String
}
