extension ISO8601 {
    /// In UTC with `Z`: `2021-02-19T08:00:00Z`; milliseconds only where they are not 0.
    package static func write(instant: Int64) -> String {
        write(LocalDateTime(milliseconds: instant)) + "Z"
    }

    /// In the value's own zone, with its offset then: `2021-02-19T09:00:00+01:00`; in UTC where its year there has not
    /// four digits, so that it can be read again.
    package static func write(_ dateTime: DateTime) -> String {
        guard LocalDateTime.range.contains(dateTime.local.milliseconds) else { return write(instant: dateTime.instant) }
        let offset = dateTime.zone.offsetMilliseconds(at: dateTime.instant)
        return write(dateTime.local) + (offset == 0 ? "Z" : write(offsetSeconds: Int(offset / 1000)))
    }

    /// `2021-02-19T08:00:00`; milliseconds only where they are not 0.
    package static func write(_ local: LocalDateTime) -> String {
        var text = write(local.date)
        text.reserveCapacity(29)
        text += "T"
        append(local.hour, digits: 2, to: &text)
        text += ":"
        append(local.minute, digits: 2, to: &text)
        text += ":"
        append(local.second, digits: 2, to: &text)
        if local.millisecond != 0 {
            text += "."
            append(local.millisecond, digits: 3, to: &text)
        }
        return text
    }

    /// `2021-02-19`.
    package static func write(_ date: LocalDate) -> String {
        let (year, month, day) = date.civil
        var text = ""
        append(year, digits: 4, to: &text)
        text += "-"
        append(month, digits: 2, to: &text)
        text += "-"
        append(day, digits: 2, to: &text)
        return text
    }

    /// `+02:00`, `-01:30`, with seconds only where they are not 0.
    static func write(offsetSeconds: Int) -> String {
        var text = offsetSeconds < 0 ? "-" : "+"
        let seconds = abs(offsetSeconds)
        append(seconds / 3600, digits: 2, to: &text)
        text += ":"
        append(seconds / 60 % 60, digits: 2, to: &text)
        if seconds % 60 != 0 {
            text += ":"
            append(seconds % 60, digits: 2, to: &text)
        }
        return text
    }

    static func append(_ number: Int, digits: Int, to text: inout String) {
        let plain = String(number)
        for _ in 0..<max(0, digits - plain.utf8.count) { text += "0" }
        text += plain
    }
}
