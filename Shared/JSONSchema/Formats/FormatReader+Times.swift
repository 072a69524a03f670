/// Dates, times and durations of RFC 3339.
extension FormatReader {
    mutating func dateTime() -> Bool {
        guard date(), current | 0x20 == UInt8(ascii: "t") else { return false }
        place += 1
        return time() && isAtEnd
    }

    mutating func date() -> Bool {
        guard let year = number(digits: 4), take("-"), let month = number(digits: 2), take("-"),
            let day = number(digits: 2), (1...12).contains(month), day >= 1
        else { return false }
        switch month {
        case 4, 6, 9, 11: return day <= 30
        case 2:
            let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
            return day <= (isLeap ? 29 : 28)
        default: return day <= 31
        }
    }

    /// A leap second stands only at the end of a day in UTC.
    mutating func time() -> Bool {
        guard let hour = number(digits: 2), hour < 24, take(":"), let minute = number(digits: 2), minute < 60,
            take(":"), let second = number(digits: 2), second <= 60
        else { return false }
        if take("."), skipDigits() == 0 { return false }
        guard let offset = zoneMinutes() else { return false }
        if second < 60 { return true }
        let minuteOfDay = (hour * 60 + minute - offset + 2 * 1_440) % 1_440
        return minuteOfDay == 1_439
    }

    private mutating func zoneMinutes() -> Int? {
        if current | 0x20 == UInt8(ascii: "z") {
            place += 1
            return 0
        }
        let isWest = current == UInt8(ascii: "-")
        guard take(isWest ? "-" : "+"), let hour = number(digits: 2), hour < 24, take(":"),
            let minute = number(digits: 2), minute < 60
        else { return nil }
        return isWest ? -(hour * 60 + minute) : hour * 60 + minute
    }

    /// RFC 3339, appendix A: parts in order, none left out between two, no fractions; weeks stand alone.
    mutating func duration() -> Bool {
        guard take("P") else { return false }
        let start = place
        if skipDigits() > 0, take("W") { return isAtEnd }
        place = start
        let hasDate = parts("YMD")
        guard let hasDate else { return false }
        if take("T") { return parts("HMS") == true && isAtEnd }
        return hasDate && isAtEnd
    }

    /// Whether there were any of these parts; nil where they are not in order.
    private mutating func parts(_ units: StaticString) -> Bool? {
        var next: Int?
        while skipDigits() > 0 {
            let unit = (0..<units.utf8CodeUnitCount).first { units.utf8Start[$0] == current }
            guard let unit, next == nil || unit == next else { return nil }
            next = unit + 1
            place += 1
        }
        return next != nil
    }
}
