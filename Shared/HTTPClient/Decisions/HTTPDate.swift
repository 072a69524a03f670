/// Dates as HTTP writes them: IMF-fixdate, and the obsolete RFC 850 and asctime forms.
enum HTTPDate {
    /// Milliseconds since 1970, or `nil` for another form. `now` tells the century of a year of two digits.
    static func milliseconds(_ text: Substring, now: Int64) -> Int64? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == "," || $0 == "-" }).map(String.init)
        switch words.count {
        case 6 where words[5] == "GMT":
            // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
            return milliseconds(day: words[1], month: words[2], year: words[3], time: words[4], now: now)
        case 5:
            // Sun Nov  6 08:49:37 1994
            return milliseconds(day: words[2], month: words[1], year: words[4], time: words[3], now: now)
        default:
            return nil
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func milliseconds(
        day: String, month: String, year: String, time: String, now: Int64
    ) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int64($0) }
        guard let dayNumber = Int64(day), let monthIndex = months.firstIndex(of: month), var yearNumber = Int64(year),
            clock.count == 3,
            (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]),
            (1...31).contains(dayNumber), (0...9999).contains(yearNumber)
        else { return nil }
        if year.count == 2 {
            // RFC 9110: what would be more than 50 years ahead is the most recent year of those digits gone by.
            let current = 1970 + now / 31_556_952_000
            yearNumber += current / 100 * 100
            if yearNumber > current + 50 { yearNumber -= 100 }
        }
        let days = daysSince1970(year: yearNumber, month: Int64(monthIndex) + 1, day: dayNumber)
        return ((days * 24 + clock[0]) * 3600 + clock[1] * 60 + clock[2]) * 1000
    }

    /// Days of the proleptic Gregorian calendar; years begin in March so that the leap day is the last.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let leapDays = shifted / 4 - shifted / 100 + shifted / 400
        return shifted * 365 + leapDays + dayOfYear - 719_468
    }
}
