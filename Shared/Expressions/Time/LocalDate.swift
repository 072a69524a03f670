/// A day of the Gregorian calendar without a zone, from year 0 to 9999.
package struct LocalDate: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01, negative before.
    package let daysSinceEpoch: Int64

    package init(daysSinceEpoch: Int64) {
        self.daysSinceEpoch = daysSinceEpoch
    }

    /// nil where the calendar has no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= LocalDate.daysIn(month: month, of: year)
        else { return nil }
        daysSinceEpoch = LocalDate.days(year: year, month: month, day: day)
    }

    package var year: Int { civil.year }
    package var month: Int { civil.month }
    package var day: Int { civil.day }

    /// 1 for Monday to 7 for Sunday, as ISO 8601 counts.
    package var dayOfWeek: Int {
        let sinceMonday = (daysSinceEpoch + 3) % 7
        return Int(sinceMonday < 0 ? sinceMonday + 7 : sinceMonday) + 1
    }

    /// Year, month and day at once, by Howard Hinnant's `civil_from_days`: years begin in March, so that the leap
    /// day is the last one, and 400 years are 146,097 days.
    package var civil: (year: Int, month: Int, day: Int) {
        let shifted = daysSinceEpoch + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    package func adding(days: Int64) -> LocalDate {
        LocalDate(daysSinceEpoch: daysSinceEpoch &+ days)
    }

    /// The same day so many months away, or that month's last day where it is shorter; nil outside the years 0 to 9999.
    package func adding(months: Int64) -> LocalDate? {
        let (year, month, day) = civil
        let (count, overflow) = Int64(year * 12 + month - 1).addingReportingOverflow(months)
        guard !overflow, count >= 0, count < 120_000 else { return nil }
        let newYear = Int(count / 12)
        let newMonth = Int(count % 12) + 1
        return LocalDate(
            year: newYear, month: newMonth, day: min(day, LocalDate.daysIn(month: newMonth, of: newYear)))
    }

    package static func < (one: LocalDate, other: LocalDate) -> Bool { one.daysSinceEpoch < other.daysSinceEpoch }

    package static func daysIn(month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Hinnant's `days_from_civil`.
    private static func days(year: Int, month: Int, day: Int) -> Int64 {
        let marchYear = Int64(month <= 2 ? year - 1 : year)
        let era = (marchYear >= 0 ? marchYear : marchYear - 399) / 400
        let yearOfEra = marchYear - era * 400
        let marchMonth = Int64(month > 2 ? month - 3 : month + 9)
        let dayOfYear = (153 * marchMonth + 2) / 5 + Int64(day) - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
