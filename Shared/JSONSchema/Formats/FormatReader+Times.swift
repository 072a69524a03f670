/// Dates, times and durations of RFC 3339.
extension FormatReader {
    /// The instant lies in the years 0 to 9999 of UTC too: expressions read what a schema lets in.
    mutating func dateTime() -> Bool {
        guard date(), current | 0x20 == UInt8(ascii: "t") else { return false }
        let dateEnd = place
        place += 1
        let timeStart = place
        guard time(), isAtEnd else { return false }
        return staysInYears(dateEnd: dateEnd, timeStart: timeStart)
    }

    /// Whether the offset leads out of the years 0 to 9999, which it can only from their first and last day.
    private func staysInYears(dateEnd: Int, timeStart: Int) -> Bool {
        var reader = FormatReader(bytes, dateEnd - 10..<end)
        guard let year = reader.number(digits: 4), year == 0 || year == 9_999 else { return true }
        _ = reader.take("-")
        let month = reader.number(digits: 2) ?? 0
        _ = reader.take("-")
        let day = reader.number(digits: 2) ?? 0
        reader.place = timeStart
        let hour = reader.number(digits: 2) ?? 0
        _ = reader.take(":")
        let minute = reader.number(digits: 2) ?? 0
        _ = reader.take(":")
        _ = reader.number(digits: 2)
        if reader.take(".") { _ = reader.skipDigits() }
        let minuteInUTC = hour * 60 + minute - (reader.zoneMinutes() ?? 0)
        if year == 0, month == 1, day == 1 { return minuteInUTC >= 0 }
        return !(year == 9_999 && month == 12 && day == 31 && minuteInUTC >= 1_440)
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
