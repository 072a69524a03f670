extension FunctionTable {
    static let pattern: [FunctionEntry] = [
        FunctionEntry(
            "matchRegExp", .string, [Signature(["text": .string, "regex": .pattern], .boolean)],
            "Tells whether a regular expression, in RE2's syntax, matches anywhere in a text.",
            example: #"matchRegExp("order 4711", "[0-9]{4}$")"#, result: "true"
        ) { (arguments, run) throws(FunctionFailure) in
            let text = try arguments.string(0)
            let pattern = try arguments.pattern(1, &run)
            try run.spend(pattern.stepsOfSearch(bytes: text.utf8.count))
            return .boolean(pattern.isFound(in: text))
        },
        FunctionEntry(
            "replace", .string, [replacing],
            "Replaces the first match of a regular expression; in the replacement $1 stands for what the first group "
                + "in parentheses matched, ${name} for that of a named one, $0 for the whole match, \\$ for a dollar.",
            example: #"replace("Lovelace, Ada", "(\\w+), (\\w+)", "$2 $1")"#, result: #""Ada Lovelace""#
        ) { (arguments, run) throws(FunctionFailure) in
            try replaced(arguments, matchesMax: 1, &run)
        },
        FunctionEntry(
            "replaceAll", .string, [replacing],
            "Replaces every match of a regular expression, as replace does the first.",
            example: #"replaceAll("+49 (30) 12-34", "[^0-9+]", "")"#, result: #""+49301234""#
        ) { (arguments, run) throws(FunctionFailure) in
            try replaced(arguments, matchesMax: .max, &run)
        },
        FunctionEntry(
            "split", .string, [Signature(["text": .string, "regex": .pattern], .list(.string))],
            "Gives the pieces of a text between the matches of a regular expression; empty ones at the end are left "
                + "out.",
            example: #"split("red, green,blue", ",\\s*")"#, result: #"["red","green","blue"]"#
        ) { (arguments, run) throws(FunctionFailure) in
            try split(arguments, &run)
        },
    ]

    private static let replacing = Signature(
        ["text": .string, "regex": .pattern, "replacement": .replacement], .string)

    private static func replaced(
        _ arguments: Arguments, matchesMax: Int, _ run: inout Run
    ) throws(FunctionFailure) -> Value {
        let text = try arguments.string(0)
        let pattern = try arguments.pattern(1, &run)
        let replacement = try arguments.replacement(2, for: pattern)
        var search = PatternSearch(pattern, Array(text.utf8), groups: replacement.lastGroup)
        var made: [UInt8] = []
        var copied = 0
        var matches = 0
        while matches < matchesMax, let spans = try search.next(&run), let whole = spans[0] {
            matches += 1
            made += search.text[copied..<whole.lowerBound]
            for part in replacement.parts {
                switch part {
                case .text(let bytes): made += bytes
                case .group(let number): if let span = spans[number] { made += search.text[span] }
                }
                // Before the next part, so that it never grows far past the bound.
                if made.count > Run.textBytesMax { try run.spend(textBytes: made.count) }
            }
            copied = whole.upperBound
        }
        if matches == 0 { return .string(text) }
        made += search.text[copied...]
        try run.spend(textBytes: made.count)
        return .string(String(decoding: made, as: UTF8.self))
    }

    private static func split(_ arguments: Arguments, _ run: inout Run) throws(FunctionFailure) -> Value {
        let text = try arguments.string(0)
        let pattern = try arguments.pattern(1, &run)
        var search = PatternSearch(pattern, Array(text.utf8), groups: 0)
        var pieces: [Value] = []
        var start = 0
        while let whole = try search.next(&run)?[0] {
            // A match of nothing at the begin parts nothing from the rest.
            if whole.isEmpty, whole.lowerBound == 0 { continue }
            try run.spend(1)
            pieces.append(.string(String(decoding: search.text[start..<whole.lowerBound], as: UTF8.self)))
            start = whole.upperBound
        }
        if pieces.isEmpty { return .list([.string(text)]) }
        pieces.append(.string(String(decoding: search.text[start...], as: UTF8.self)))
        while pieces.last == .string("") { pieces.removeLast() }
        return .list(pieces)
    }
}
