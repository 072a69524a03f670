import Models

extension Setting where Value == String {
    package static func text(
        _ key: String, name: String = "TEXT", default fallback: String, _ summary: String
    ) -> Setting<String> {
        Setting(key: key, valueName: name, summary: summary, defaultText: fallback, fallback: fallback) {
            words throws(SettingProblem) in
            words.joined(separator: ",")
        }
    }
}

extension Setting where Value == String? {
    /// Nil unless set.
    package static func optionalText(_ key: String, name: String = "TEXT", _ summary: String) -> Setting<String?> {
        Setting(key: key, valueName: name, summary: summary, defaultText: nil, fallback: nil) {
            words throws(SettingProblem) in
            words.joined(separator: ",")
        }
    }
}

extension Setting where Value == Int {
    package static func integer(
        _ key: String, in range: ClosedRange<Int>, unit: String, default fallback: Int, _ summary: String
    ) -> Setting<Int> {
        Setting(
            key: key, valueName: unit.uppercased(), summary: summary, defaultText: String(fallback), fallback: fallback
        ) { words throws(SettingProblem) in try integer(words, in: range) }
    }

    fileprivate static func integer(_ words: [String], in range: ClosedRange<Int>) throws(SettingProblem) -> Int {
        let text = words.joined(separator: ",")
        guard let number = Int(text), range.contains(number) else {
            throw SettingProblem(
                ending: "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return number
    }
}

extension Setting where Value == Int? {
    /// Nil unless set.
    package static func optionalInteger(
        _ key: String, in range: ClosedRange<Int>, unit: String, _ summary: String
    ) -> Setting<Int?> {
        Setting(key: key, valueName: unit.uppercased(), summary: summary, defaultText: nil, fallback: nil) {
            words throws(SettingProblem) in
            try Setting<Int>.integer(words, in: range)
        }
    }
}

extension Setting where Value == Double {
    package static func number(
        _ key: String, in range: ClosedRange<Double>, default fallback: Double, _ summary: String
    ) -> Setting<Double> {
        Setting(
            key: key, valueName: "NUMBER", summary: summary, defaultText: fallback.description, fallback: fallback
        ) { words throws(SettingProblem) in
            let text = words.joined(separator: ",")
            guard let number = Double(text), range.contains(number) else {
                throw SettingProblem(
                    ending: "must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
            }
            return number
        }
    }
}

extension Setting where Value == Duration {
    /// Written as `500ms`, `5s`, `2m`, `1h`, `1d` or in ISO 8601.
    package static func duration(
        _ key: String, in range: ClosedRange<Duration>, default fallback: Duration, _ summary: String
    ) -> Setting<Duration> {
        Setting(
            key: key, valueName: "TIME", summary: summary, defaultText: DurationText.text(fallback), fallback: fallback
        ) { words throws(SettingProblem) in
            let text = words.joined(separator: ",")
            guard let duration = DurationText.duration(text), range.contains(duration) else {
                let low = DurationText.text(range.lowerBound), high = DurationText.text(range.upperBound)
                throw SettingProblem(ending: "must be a time from \(low) to \(high), such as 5s, not \"\(text)\"")
            }
            return duration
        }
    }
}

extension Setting where Value == Bool {
    /// False unless given; `--key` alone says true.
    package static func flag(_ key: String, _ summary: String) -> Setting<Bool> {
        Setting(key: key, valueName: nil, summary: summary, defaultText: "false", fallback: false) {
            words throws(SettingProblem) in
            switch words.joined(separator: ",").lowercased() {
            case "", "true", "yes", "1": return true
            case "false", "no", "0": return false
            default: throw SettingProblem(ending: "must be true or false, not \"\(words.joined(separator: ","))\"")
            }
        }
    }
}

extension Setting where Value == [String] {
    /// None unless given; the option may be repeated, and commas separate.
    package static func list(_ key: String, name: String = "TEXT", _ summary: String) -> Setting<[String]> {
        Setting(key: key, valueName: name, summary: summary, defaultText: nil, isList: true, fallback: []) {
            words throws(SettingProblem) in
            words.flatMap { $0.split(separator: ",") }.map { word in
                String(word.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            }
        }
    }
}

extension Setting where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    package static func choice(_ key: String, default fallback: Value, _ summary: String) -> Setting<Value> {
        let words = Value.allCases.map(\.rawValue)
        return Setting(
            key: key, valueName: words.joined(separator: "|"), summary: summary, defaultText: fallback.rawValue,
            fallback: fallback
        ) { given throws(SettingProblem) in
            let text = given.joined(separator: ",")
            guard let value = Value(rawValue: text) else {
                throw SettingProblem(ending: "must be one of \(words.joined(separator: ", ")), not \"\(text)\"")
            }
            return value
        }
    }
}

/// Durations as people write them on a command line.
enum DurationText {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    static func duration(_ text: String) -> Duration? {
        if text.hasPrefix("P") { return ISODuration.milliseconds(text).map { .milliseconds($0) } }
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let count = Int64(text.dropLast(unit.suffix.count)), count >= 0 else { continue }
            let (milliseconds, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
            return overflow ? nil : .milliseconds(milliseconds)
        }
        return nil
    }

    static func text(_ duration: Duration) -> String {
        let (seconds, rest) = duration.components
        let milliseconds = seconds * 1_000 + rest / 1_000_000_000_000_000
        for unit in units.reversed() where milliseconds % unit.milliseconds == 0 && milliseconds > 0 {
            return "\(milliseconds / unit.milliseconds)\(unit.suffix)"
        }
        return "0s"
    }
}
