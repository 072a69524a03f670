import Expressions

/// When something is due again and again: the five fields of cron, read by the clocks of a zone.
///
/// `minute hour day-of-month month day-of-week`, each `*`, a number, a range `1-5`, a list `1,3,5` or a step `*/15`,
/// `8-18/2`; months and days of the week also by name (`jan`, `mon`), Sunday is 0 or 7. Where both days are limited,
/// either is enough, as cron has it.
///
/// Where the clocks change, a moment that is skipped is due when the gap is over, and one that is repeated is due once,
/// the first time. What goes on within the hour goes on through it: of an hour that is repeated, each moment is due
/// both times where the minute begins with `*` or the hour is every hour; and where it is every hour, what is skipped
/// is not made up for, as the next hour has its own.
package struct CronExpression: Sendable, Hashable {
    /// What is wrong with a text, for people: a clause that follows on "it is no schedule:".
    package struct Malformed: Error, Sendable, Hashable {
        package let message: String
    }

    /// Bytes that a text may have.
    package static let bytesMax = 256
    /// Days looked through for the next moment: 29 February on a given day of the week comes after 40 years at most.
    static let daysMax: Int64 = 41 * 366

    /// Bit n: the value n is one of it.
    private let minutes: UInt64
    private let hours: UInt64
    private let days: UInt64
    private let months: UInt64
    /// 0 Sunday to 6 Saturday.
    private let weekdays: UInt64
    private let limitsDays: Bool
    private let limitsWeekdays: Bool
    private let isEveryHour: Bool
    /// Whether moments that are repeated are due both times.
    private let goesThroughRepeats: Bool

    package init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= Self.bytesMax else {
            throw Malformed(message: "it has more than \(Self.bytesMax) bytes")
        }
        let fields = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard fields.count == 5 else {
            throw Malformed(
                message: "it must have five fields, minute hour day month weekday, and has \(fields.count)")
        }
        minutes = try Self.field(fields[0], "minute", 0...59)
        hours = try Self.field(fields[1], "hour", 0...23)
        days = try Self.field(fields[2], "day", 1...31)
        months = try Self.field(fields[3], "month", 1...12, names: Self.monthNames, first: 1)
        let weekdays = try Self.field(fields[4], "weekday", 0...7, names: Self.dayNames, first: 0)
        self.weekdays = weekdays & 0x7F | (weekdays >> 7 & 1)
        limitsDays = !fields[2].hasPrefix("*")
        limitsWeekdays = !fields[4].hasPrefix("*")
        isEveryHour = hours == 0xFF_FFFF
        goesThroughRepeats = isEveryHour || fields[0].hasPrefix("*")
    }

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private static func field(
        _ text: String, _ name: String, _ range: ClosedRange<Int>, names: [String] = [], first: Int = 0
    ) throws(Malformed) -> UInt64 {
        var bits: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            var step = 1
            if parts.count == 2 {
                guard let number = Int(parts[1]), number > 0, number <= range.upperBound else {
                    throw Malformed(message: "the \(name) \(item) has no step from 1 to \(range.upperBound)")
                }
                step = number
            }
            let values = try span(parts[0], name, range, names, first, isStepped: parts.count == 2)
            for value in stride(from: values.lowerBound, through: values.upperBound, by: step) { bits |= 1 << value }
        }
        return bits
    }

    /// `*`, `5`, `1-5`; with a step, a number begins a range to the end.
    private static func span(
        _ text: Substring, _ name: String, _ range: ClosedRange<Int>, _ names: [String], _ first: Int, isStepped: Bool
    ) throws(Malformed) -> ClosedRange<Int> {
        if text == "*" { return range }
        if text.isEmpty { throw Malformed(message: "the \(name) has an empty part") }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        var numbers: [Int] = []
        for end in ends {
            let named = names.firstIndex { $0 == end.lowercased() }.map { $0 + first }
            let isDigits = !end.isEmpty && end.utf8.allSatisfy { (48...57).contains($0) }
            guard let number = named ?? (isDigits ? Int(end) : nil), range.contains(number) else {
                throw Malformed(
                    message: "the \(name) \(text) is not from \(range.lowerBound) to \(range.upperBound)")
            }
            numbers.append(number)
        }
        let upper = numbers.count == 2 ? numbers[1] : isStepped ? range.upperBound : numbers[0]
        guard numbers[0] <= upper else { throw Malformed(message: "the \(name) \(text) ends before it begins") }
        return numbers[0]...upper
    }

    /// The next moment (ms since 1970) strictly after one; nil where there is none, such as 30 February.
    package func next(after instant: Int64, in zone: Zone) -> Int64? {
        // The day before too: where clocks are put forward over midnight, its last moments are due after it.
        let start = zone.local(of: instant).date.adding(days: -1)
        for offset in 0...Self.daysMax {
            let date = start.adding(days: offset)
            guard includes(date) else { continue }
            if let found = first(on: date, after: instant, in: zone) { return found }
        }
        return nil
    }

    private func includes(_ date: LocalDate) -> Bool {
        let civil = date.civil
        guard months >> UInt64(civil.month) & 1 == 1 else { return false }
        let isDay = days >> UInt64(civil.day) & 1 == 1
        let isWeekday = weekdays >> UInt64(date.dayOfWeek % 7) & 1 == 1
        return limitsDays && limitsWeekdays ? isDay || isWeekday : isDay && isWeekday
    }

    private func first(on date: LocalDate, after instant: Int64, in zone: Zone) -> Int64? {
        let midnight = LocalDateTime(date: date).milliseconds
        let day = LocalDateTime.millisecondsPerDay
        // Where the clocks do not change around the day, all of its moments are as far from UTC.
        let offset = zone.offsetMilliseconds(at: midnight - day)
        guard offset == zone.offsetMilliseconds(at: midnight + 2 * day) else {
            return firstAroundChange(on: date, after: instant, in: zone)
        }
        let begun = max(0, (instant + offset - midnight) / 60_000)
        guard begun < 1_440 else { return nil }
        for hour in Int(begun / 60)..<24 where hours >> UInt64(hour) & 1 == 1 {
            for minute in 0..<60 where minutes >> UInt64(minute) & 1 == 1 {
                let due = midnight + Int64(hour * 60 + minute) * 60_000 - offset
                if due > instant { return due }
            }
        }
        return nil
    }

    private func firstAroundChange(on date: LocalDate, after instant: Int64, in zone: Zone) -> Int64? {
        var earliest: Int64?
        func consider(_ due: Int64) {
            if due > instant { earliest = min(earliest ?? .max, due) }
        }
        for hour in 0..<24 where hours >> UInt64(hour) & 1 == 1 {
            for minute in 0..<60 where minutes >> UInt64(minute) & 1 == 1 {
                let local = LocalDateTime(
                    date: date, millisecondOfDay: Int64(hour) * 3_600_000 + Int64(minute) * 60_000)
                // A moment out of a gap may come after others of its day.
                switch zone.occurrence(of: local) {
                case .once(let due): consider(due)
                case .skipped(let due): if !isEveryHour { consider(due) }
                case .twice(let due, let again):
                    consider(due)
                    if goesThroughRepeats { consider(again) }
                }
            }
        }
        return earliest
    }
}
