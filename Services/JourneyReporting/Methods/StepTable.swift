import Models

/// Step events as lines of a table in CSV (RFC 4180).
enum StepTable {
    /// The members of a step event, in the order of the columns.
    static let columns = [
        "at", "namespace", "profile", "journey", "version", "instance", "step", "kind", "entrance", "node", "type",
        "status", "path", "errorKind", "code", "detail", "read", "localTime", "answer", "event", "durationMs",
        "stimulus", "run", "runKind", "partition", "number",
    ]

    static let head = columns.joined(separator: ",") + "\r\n"

    static func line(_ step: JSONObject) -> String {
        columns.map { cell(step[$0]) }.joined(separator: ",") + "\r\n"
    }

    /// What a formula begins with, in the widths that spreadsheets take; and what hides such a beginning from them.
    private static let formulas = Set("=+-@\t\r\n\u{FF1D}\u{FF0B}\u{FF0D}\u{FF20}".unicodeScalars)

    /// Quoted where it must be. Texts that a spreadsheet would run as a formula get an apostrophe in front (OWASP, "CSV
    /// Injection"); numbers cannot be any.
    static func cell(_ value: JSONValue?) -> String {
        guard let value, !value.isNull else { return "" }
        var text = value.stringValue ?? value.text
        let isList = value.arrayValue != nil || value.objectValue != nil
        guard isList || value.stringValue != nil else { return text }
        if let first = text.unicodeScalars.first, formulas.contains(first) { text = "'" + text }
        let special: Set<Unicode.Scalar> = ["\"", ",", "\r", "\n"]
        guard text.unicodeScalars.contains(where: special.contains) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
