/// Writes times by a pattern of the letters that Unicode's date format patterns use: `y M d E H h m s S a`, other
/// letters being refused, texts in single quotes, `''` a quote. Names are English.
enum DatePattern {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// nil where the pattern has a letter without meaning or a quote that does not end.
    static func write(_ local: LocalDateTime, by pattern: String) -> String? {
        var text = ""
        var rest = Array(pattern)[...]
        while let letter = rest.first {
            if letter == "'" {
                guard let quoted = quoted(&rest) else { return nil }
                text += quoted
                continue
            }
            let count = rest.prefix { $0 == letter }.count
            rest = rest.dropFirst(count)
            if letter.isASCII, letter.isLetter {
                guard let part = part(letter, count, local) else { return nil }
                text += part
            } else {
                text += String(repeating: letter, count: count)
            }
        }
        return text
    }

    /// The text in quotes at the begin of the rest, in which `''` is a quote; `''` alone is one too.
    private static func quoted(_ rest: inout ArraySlice<Character>) -> String? {
        rest = rest.dropFirst()
        var text = ""
        if rest.first == "'" { text = "'" }
        while let end = rest.firstIndex(of: "'") {
            text += String(rest[..<end])
            rest = rest[(end + 1)...]
            if text == "'" || rest.first != "'" { return text }
            text += "'"
            rest = rest.dropFirst()
        }
        return nil
    }

    private static func part(_ letter: Character, _ count: Int, _ local: LocalDateTime) -> String? {
        let (year, month, day) = local.date.civil
        switch letter {
        case "y": return count == 2 ? padded(year % 100, 2) : padded(year, count)
        case "M" where count >= 3: return named(months[month - 1], count)
        case "M": return padded(month, count)
        case "d": return padded(day, count)
        case "E": return named(days[local.date.dayOfWeek - 1], count)
        case "H": return padded(local.hour, count)
        case "h": return padded((local.hour + 11) % 12 + 1, count)
        case "m": return padded(local.minute, count)
        case "s": return padded(local.second, count)
        case "S":
            let digits = padded(local.millisecond, 3)
            return count <= 3 ? String(digits.prefix(count)) : digits + String(repeating: "0", count: min(count, 9) - 3)
        case "a": return local.hour < 12 ? "AM" : "PM"
        default: return nil
        }
    }

    private static func named(_ name: String, _ count: Int) -> String {
        count >= 4 ? name : String(name.prefix(3))
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        var text = ""
        ISO8601.append(number, digits: min(digits, 9), to: &text)
        return text
    }
}
