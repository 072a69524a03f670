/// ISO 8601 durations that are exact: weeks, days of 24 hours, hours, minutes, seconds with up to nine decimals.
///
/// Months and years are refused, as their length depends on the calendar.
package enum ISODuration {
    /// The milliseconds (fractions truncated), or nil where the text is not such a duration or overflows.
    ///
    /// Letters may be in any case, the fraction after a dot or a comma; a sign may stand in front of the whole and
    /// of each number (`-PT-6H+3M`).
    package static func milliseconds(_ text: String) -> Int64? {
        var reader = Reader(bytes: Array(text.utf8))
        return reader.duration()
    }

    /// The shortest usual text: `PT1.52S`, `P2DT3H`, `PT0S`.
    package static func text(_ milliseconds: Int64) -> String {
        if milliseconds == 0 { return "PT0S" }
        var rest = milliseconds.magnitude
        let fraction = rest % 1_000
        rest /= 1_000
        let (seconds, minutes, hours, days) = (rest % 60, rest / 60 % 60, rest / 3_600 % 24, rest / 86_400)
        var date = "", time = ""
        if days > 0 { date = "\(days)D" }
        if hours > 0 { time += "\(hours)H" }
        if minutes > 0 { time += "\(minutes)M" }
        if seconds > 0 || fraction > 0 {
            time += "\(seconds)"
            if fraction > 0 {
                var digits = String(fraction + 1_000).dropFirst()
                while digits.last == "0" { digits.removeLast() }
                time += "." + digits
            }
            time += "S"
        }
        return (milliseconds < 0 ? "-P" : "P") + date + (time.isEmpty ? "" : "T" + time)
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        private var letter: UInt8 { place < bytes.count ? bytes[place] & 0xDF : 0 }

        mutating func duration() -> Int64? {
            let sign = sign()
            guard letter == UInt8(ascii: "P") else { return nil }
            place += 1
            var total: Int64 = 0
            var last = -1
            var inTime = false
            var parts = 0
            while place < bytes.count {
                if letter == UInt8(ascii: "T"), !inTime {
                    inTime = true
                    place += 1
                    if place == bytes.count { return nil }
                    continue
                }
                guard let (part, rank) = part(inTime: inTime), rank > last else { return nil }
                last = rank
                parts += 1
                let (sum, overflow) = total.addingReportingOverflow(part)
                if overflow { return nil }
                total = sum
            }
            guard parts > 0 else { return nil }
            return sign < 0 ? (total == .min ? nil : -total) : total
        }

        private mutating func sign() -> Int64 {
            guard place < bytes.count else { return 1 }
            if bytes[place] == UInt8(ascii: "-") {
                place += 1
                return -1
            }
            if bytes[place] == UInt8(ascii: "+") { place += 1 }
            return 1
        }

        /// One number with its letter: its milliseconds and its rank in the order that must be kept.
        private mutating func part(inTime: Bool) -> (Int64, Int)? {
            let sign = sign()
            guard let whole = digits() else { return nil }
            var nanoseconds: Int64 = 0
            var hasFraction = false
            if place < bytes.count, bytes[place] == UInt8(ascii: ".") || bytes[place] == UInt8(ascii: ",") {
                place += 1
                hasFraction = true
                guard let fraction = fractionNanoseconds() else { return nil }
                nanoseconds = fraction
            }
            let (unit, rank): (Int64, Int)
            switch (letter, inTime) {
            case (UInt8(ascii: "W"), false): (unit, rank) = (604_800_000, 0)
            case (UInt8(ascii: "D"), false): (unit, rank) = (86_400_000, 1)
            case (UInt8(ascii: "H"), true): (unit, rank) = (3_600_000, 2)
            case (UInt8(ascii: "M"), true): (unit, rank) = (60_000, 3)
            case (UInt8(ascii: "S"), true): (unit, rank) = (1_000, 4)
            default: return nil
            }
            if hasFraction, rank != 4 { return nil }
            place += 1
            let (milliseconds, overflow) = whole.multipliedReportingOverflow(by: unit)
            if overflow { return nil }
            let (sum, carry) = milliseconds.addingReportingOverflow(nanoseconds / 1_000_000)
            return carry ? nil : (sign * sum, rank)
        }

        private mutating func digits() -> Int64? {
            var value: Int64 = 0
            let start = place
            while place < bytes.count, (48...57).contains(bytes[place]) {
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = shifted.addingReportingOverflow(Int64(bytes[place] - 48))
                if overflow || carry { return nil }
                value = sum
                place += 1
            }
            return place > start ? value : nil
        }

        private mutating func fractionNanoseconds() -> Int64? {
            var value: Int64 = 0
            var count = 0
            while place < bytes.count, (48...57).contains(bytes[place]) {
                if count == 9 { return nil }
                value = value * 10 + Int64(bytes[place] - 48)
                count += 1
                place += 1
            }
            for _ in count..<9 { value *= 10 }
            return value
        }
    }
}
