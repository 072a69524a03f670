/// ISO 8601 in its extended form: what texts may say, and how times are written.
///
/// Every `parse…` gives nil for a text that is malformed or names a day or time that does not exist. Fractions of a
/// second have any number of digits after a dot or a comma; what is beyond milliseconds is cut off.
package enum ISO8601 {
    /// A date and time with `Z`, an offset, or an offset and a zone in brackets
    /// (`2021-02-19T09:00:00+01:00[Europe/Paris]`).
    ///
    /// It reads whatever a schema's format `date-time` lets in. A leap second, which stands at the end of a day in UTC
    /// alone, is the last millisecond of its minute: so it stays on its day, and after the second before it.
    package static func parseDateTime(_ text: String) -> DateTime? {
        var reader = ISO8601Reader(text)
        guard let local = reader.localDateTime(mayLeap: true), let seconds = reader.offsetSeconds() else { return nil }
        let instant = local.milliseconds - Int64(seconds) * 1000
        guard DateTime.instants.contains(instant) else { return nil }
        if reader.isLeapSecond, LocalDateTime(milliseconds: instant).minuteOfDay != 1_439 { return nil }
        if reader.isAtEnd { return Zone(offsetSeconds: seconds).map { DateTime(instant: instant, zone: $0) } }
        return reader.bracketedZone().map { DateTime(instant: instant, zone: $0) }
    }

    /// A date and time without zone, or a date alone, which is its midnight.
    package static func parseLocalDateTime(_ text: String) -> LocalDateTime? {
        var reader = ISO8601Reader(text)
        if let local = reader.localDateTime() { return reader.isAtEnd ? local : nil }
        return parseDate(text).map { LocalDateTime(date: $0) }
    }

    /// `2021-02-19`.
    package static func parseDate(_ text: String) -> LocalDate? {
        var reader = ISO8601Reader(text)
        guard let date = reader.date(), reader.isAtEnd else { return nil }
        return date
    }

    /// The milliseconds of the day of `09:00`, `09:00:30` or `09:00:30.5`.
    package static func parseTimeOfDay(_ text: String) -> Int64? {
        var reader = ISO8601Reader(text)
        guard let milliseconds = reader.millisecondOfDay(), reader.isAtEnd else { return nil }
        return milliseconds
    }
}

/// Reads the parts of an ISO 8601 text from left to right; each reading gives nil where the text has no such part.
struct ISO8601Reader {
    private let bytes: [UInt8]
    private var place = 0
    /// Whether the time of day that was read is second 60.
    private(set) var isLeapSecond = false

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    var isAtEnd: Bool { place == bytes.count }

    mutating func date() -> LocalDate? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2) else { return nil }
        return LocalDate(year: year, month: month, day: day)
    }

    /// - Parameter mayLeap: whether second 60 is read, as the last millisecond of its minute.
    mutating func localDateTime(mayLeap: Bool = false) -> LocalDateTime? {
        guard let date = date(), take("T") || take("t"), let milliseconds = millisecondOfDay(mayLeap: mayLeap) else {
            return nil
        }
        return LocalDateTime(date: date, millisecondOfDay: milliseconds)
    }

    mutating func millisecondOfDay(mayLeap: Bool = false) -> Int64? {
        guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else { return nil }
        let milliseconds = Int64(hour * 60 + minute) * 60_000
        guard take(":") else { return milliseconds }
        guard let second = digits(2), second < 60 || mayLeap && second == 60, let fraction = fraction() else {
            return nil
        }
        isLeapSecond = second == 60
        if isLeapSecond { return milliseconds + 59_999 }
        return milliseconds + Int64(second) * 1000 + fraction
    }

    /// `Z`, `+02`, `+0200`, `+02:00` or `-01:30:15`: less than a day.
    mutating func offsetSeconds() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), hours < 24 else { return nil }
        var seconds = hours * 3600
        if take(":") || isAtDigit {
            guard let minutes = digits(2), minutes < 60 else { return nil }
            seconds += minutes * 60
            if take(":") {
                guard let rest = digits(2), rest < 60 else { return nil }
                seconds += rest
            }
        }
        return sign * seconds
    }

    /// `[Europe/Paris]` as the rest of the text.
    mutating func bracketedZone() -> Zone? {
        guard take("["), bytes.last == UInt8(ascii: "]"), place < bytes.count - 1 else { return nil }
        return Zone(identifier: String(decoding: bytes[place..<bytes.count - 1], as: UTF8.self))
    }

    private var isAtDigit: Bool { place < bytes.count && (0x30...0x39).contains(bytes[place]) }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard isAtDigit else { return nil }
            value = value * 10 + Int(bytes[place] - 0x30)
            place += 1
        }
        return value
    }

    /// Milliseconds of a fraction; 0 where there is none, nil where it has no digit.
    private mutating func fraction() -> Int64? {
        guard take(".") || take(",") else { return 0 }
        var milliseconds: Int64 = 0
        var count = 0
        while isAtDigit {
            if count < 3 { milliseconds = milliseconds * 10 + Int64(bytes[place] - 0x30) }
            count += 1
            place += 1
        }
        guard count > 0 else { return nil }
        for _ in 0..<max(0, 3 - count) { milliseconds *= 10 }
        return milliseconds
    }
}
