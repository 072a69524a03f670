/// A unit of the calendar or the clock, as functions name it.
enum TimeUnit: String, Sendable, CaseIterable {
    case years, months, days, hours, minutes, seconds

    /// The length in milliseconds; nil where it depends on the calendar.
    private var milliseconds: Int64? {
        switch self {
        case .years, .months, .days: nil
        case .hours: 3_600_000
        case .minutes: 60_000
        case .seconds: 1000
        }
    }

    /// So many units later (negative: before). Years, months and days keep the time of day in the value's zone, and a
    /// day that the month does not have becomes its last. nil outside the years 0 to 9999.
    func added(_ count: Int64, to dateTime: DateTime) -> DateTime? {
        let instant: Int64
        if let milliseconds {
            let (span, tooLong) = count.multipliedReportingOverflow(by: milliseconds)
            let (sum, tooFar) = dateTime.instant.addingReportingOverflow(span)
            guard !tooLong, !tooFar else { return nil }
            instant = sum
        } else {
            let local = dateTime.local
            guard count.magnitude < 4_000_000, let date = addedDate(count, to: local.date) else { return nil }
            let moved = LocalDateTime(date: date, millisecondOfDay: local.millisecondOfDay)
            guard LocalDateTime.range.contains(moved.milliseconds) else { return nil }
            instant = dateTime.zone.instant(of: moved)
        }
        return DateTime.instants.contains(instant) ? DateTime(instant: instant, zone: dateTime.zone) : nil
    }

    private func addedDate(_ count: Int64, to date: LocalDate) -> LocalDate? {
        switch self {
        case .years: date.adding(months: count * 12)
        case .months: date.adding(months: count)
        default: date.adding(days: count)
        }
    }

    /// How many whole units lie between two instants, negative where the second is before the first; the other way
    /// round it is as many with the other sign.
    ///
    /// - Parameter zone: whose calendar counts days, months and years where the two are in different zones.
    func count(from one: DateTime, to other: DateTime, zone: Zone) -> Int64 {
        if let milliseconds { return (other.instant - one.instant) / milliseconds }
        let zone = one.zone == other.zone ? one.zone : zone
        return count(from: zone.local(of: one.instant), to: zone.local(of: other.instant))
    }

    /// How many whole units lie between by calendar and clock, negative where the second is before the first; the other
    /// way round it is as many with the other sign.
    func count(from one: LocalDateTime, to other: LocalDateTime) -> Int64 {
        switch self {
        case .years, .months:
            let months = one <= other ? Self.wholeMonths(from: one, to: other) : -Self.wholeMonths(from: other, to: one)
            return self == .years ? months / 12 : months
        case .days: return (other.milliseconds - one.milliseconds) / LocalDateTime.millisecondsPerDay
        case .hours, .minutes, .seconds: return (other.milliseconds - one.milliseconds) / (milliseconds ?? 1)
        }
    }

    /// Of the months begun the last is not whole where its day, or the time on that day, is not reached; a day that the
    /// month does not have is its last.
    private static func wholeMonths(from one: LocalDateTime, to other: LocalDateTime) -> Int64 {
        let (start, end) = (one.date.civil, other.date.civil)
        let months = Int64((end.year * 12 + end.month) - (start.year * 12 + start.month))
        let day = min(start.day, LocalDate.daysIn(month: end.month, of: end.year))
        let isReached = (end.day, other.millisecondOfDay) >= (day, one.millisecondOfDay)
        return isReached ? months : months - 1
    }
}
