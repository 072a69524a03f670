import Models

/// Sentences of problems. They hold what the schema says, names of members and sizes, never a value: they go to logs
/// and callers, and values are about people.
enum SchemaMessage {
    static func type(_ types: SchemaTypes, of value: JSONValue) -> String {
        let expected = alternatives(types.names.map(withArticle))
        let mend: String
        switch value {
        case .string where !types.isDisjoint(with: [.number, .integer, .boolean]): mend = ": send it without quotes"
        case .integer where types == .string, .decimal where types == .string, .bool where types == .string:
            mend = ": send it in quotes"
        case .null: mend = ": leave it out or give it a value"
        case .decimal where types.contains(.integer): mend = ": send it without a fraction"
        default: mend = ""
        }
        let found = if case .decimal = value { "a number with a fraction" } else { withArticle(value.typeName) }
        return "must be \(expected), but is \(found)\(mend)"
    }

    static func missing(_ types: SchemaTypes) -> String {
        types.isEmpty
            ? "is required but missing: add it"
            : "is required but missing: add \(alternatives(types.names.map(withArticle)))"
    }

    static func unknown(_ name: String, known: [String]) -> String {
        let head = "is no member that the schema allows here: remove it"
        guard let near = nearest(to: name, in: known) else { return head }
        return "\(head), or write \"\(near)\""
    }

    static func oneOf(_ values: [JSONValue]) -> String {
        guard let first = values.first else { return "is not allowed here: the schema lists no value" }
        if values.count == 1 { return "must be \(short(first))" }
        let list = values.prefix(SchemaBounds.listedMax).map(short).joined(separator: ", ")
        let rest = values.count - SchemaBounds.listedMax
        return "must be one of \(list)" + (rest > 0 ? " and \(rest) more" : "")
    }

    static func length(_ text: String, atLeast least: Int) -> String {
        "must have at least \(count(least, "character")), but has \(text.unicodeScalars.count)"
    }

    static func length(_ text: String, atMost most: Int) -> String {
        "must have at most \(count(most, "character")), but has \(text.unicodeScalars.count)"
    }

    static func count(_ number: Int, _ noun: String) -> String { number == 1 ? "1 \(noun)" : "\(number) \(noun)s" }

    /// A problem deeper inside, as a part of a sentence.
    static func inside(_ problem: Problem) -> String {
        problem.path.isEmpty ? "it \(problem.message)" : "\(problem.path) \(problem.message)"
    }

    // MARK: Words

    private static func short(_ value: JSONValue) -> String {
        let text = value.text
        return text.count <= 80 ? text : text.prefix(80) + "…"
    }

    private static func withArticle(_ type: String) -> String {
        switch type {
        case "null": "null"
        case "object", "array", "integer": "an \(type)"
        default: "a \(type)"
        }
    }

    private static func alternatives(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    /// A known name that differs by one or two letters.
    private static func nearest(to name: String, in known: [String]) -> String? {
        let letters = Array(name.lowercased().unicodeScalars)
        guard (2...64).contains(letters.count) else { return nil }
        let most = letters.count < 5 ? 1 : 2
        var best: (name: String, distance: Int)?
        for candidate in known.prefix(200) where candidate.utf8.count <= 64 {
            let distance = distance(letters, Array(candidate.lowercased().unicodeScalars))
            if distance <= most, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    private static func distance(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        var row = Array(0...other.count)
        for (place, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for (column, otherLetter) in other.enumerated() {
                let cost = letter == otherLetter ? diagonal : min(diagonal, row[column], row[column + 1]) + 1
                diagonal = row[column + 1]
                row[column + 1] = cost
            }
        }
        return row[other.count]
    }
}
