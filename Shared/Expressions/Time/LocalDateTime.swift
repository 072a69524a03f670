/// A day and a time of day without a zone, in milliseconds.
package struct LocalDateTime: Sendable, Hashable, Comparable {
    package static let millisecondsPerDay: Int64 = 86_400_000

    /// The values of ``milliseconds`` in the years 0 to 9999.
    package static let range: Range<Int64> = -62_167_219_200_000..<253_402_300_800_000

    /// Milliseconds since 1970-01-01T00:00 on the same calendar and clock, negative before.
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package init(date: LocalDate, millisecondOfDay: Int64 = 0) {
        milliseconds = date.daysSinceEpoch * Self.millisecondsPerDay + millisecondOfDay
    }

    /// nil where there is no such day or time. There are no leap seconds.
    package init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0
    ) {
        guard let date = LocalDate(year: year, month: month, day: day), (0...23).contains(hour),
            (0...59).contains(minute), (0...59).contains(second), (0...999).contains(millisecond)
        else { return nil }
        let seconds = Int64(hour * 3600 + minute * 60 + second)
        self.init(date: date, millisecondOfDay: seconds * 1000 + Int64(millisecond))
    }

    package var date: LocalDate {
        let days = milliseconds / Self.millisecondsPerDay
        return LocalDate(daysSinceEpoch: milliseconds % Self.millisecondsPerDay < 0 ? days - 1 : days)
    }

    package var millisecondOfDay: Int64 {
        let rest = milliseconds % Self.millisecondsPerDay
        return rest < 0 ? rest + Self.millisecondsPerDay : rest
    }

    /// Minutes since midnight.
    var minuteOfDay: Int { Int(millisecondOfDay / 60_000) }

    package var hour: Int { Int(millisecondOfDay / 3_600_000) }
    package var minute: Int { Int(millisecondOfDay / 60_000 % 60) }
    package var second: Int { Int(millisecondOfDay / 1000 % 60) }
    package var millisecond: Int { Int(millisecondOfDay % 1000) }

    package static func < (one: LocalDateTime, other: LocalDateTime) -> Bool {
        one.milliseconds < other.milliseconds
    }
}
