import Models

extension FunctionTable {
    static let string: [FunctionEntry] = comparing + searching + making

    // MARK: Comparing

    private static let comparing: [FunctionEntry] = [
        twoTexts(
            "contain", "Tells whether a text contains another.", "contain(\"summer sale\", \"sale\")", "true"
        ) { .boolean(Text($0).place(of: Text($1)) != nil) },
        twoTexts(
            "containIgnoreCase", "Tells whether a text contains another, whatever the case of their letters.",
            "containIgnoreCase(\"Summer Sale\", \"sale\")", "true"
        ) { .boolean(Text($0.lowercased()).place(of: Text($1.lowercased())) != nil) },
        twoTexts(
            "startWith", "Tells whether a text begins with another.", "startWith(\"summer sale\", \"sum\")", "true"
        ) { .boolean(Text.begins($0, with: $1)) },
        twoTexts(
            "startWithIgnoreCase", "Tells whether a text begins with another, whatever the case of their letters.",
            "startWithIgnoreCase(\"Summer sale\", \"sum\")", "true"
        ) { .boolean(Text.begins($0.lowercased(), with: $1.lowercased())) },
        twoTexts(
            "endWith", "Tells whether a text ends with another.", "endWith(\"summer sale\", \"sum\")", "false"
        ) { .boolean(Text.ends($0, with: $1)) },
        twoTexts(
            "endWithIgnoreCase", "Tells whether a text ends with another, whatever the case of their letters.",
            "endWithIgnoreCase(\"summer Sale\", \"sale\")", "true"
        ) { .boolean(Text.ends($0.lowercased(), with: $1.lowercased())) },
        twoTexts(
            "equalIgnoreCase", "Tells whether two texts are equal, whatever the case of their letters.",
            "equalIgnoreCase(\"Gold\", \"GOLD\")", "true"
        ) { .boolean($0.lowercased().hasBytes(of: $1.lowercased())) },
        twoTexts(
            "notEqualIgnoreCase", "Tells whether two texts differ in more than the case of their letters.",
            "notEqualIgnoreCase(\"Gold\", \"GOLD\")", "false"
        ) { .boolean(!$0.lowercased().hasBytes(of: $1.lowercased())) },
    ]

    // MARK: Searching

    private static let searching: [FunctionEntry] = [
        twoTexts(
            "indexOf", "Gives the place, from 0, where a text first contains another; -1 where it does not.",
            "indexOf(\"banana\", \"an\")", "1", type: .integer
        ) { .integer(Int64(Text($0).place(of: Text($1)) ?? -1)) },
        twoTexts(
            "lastIndexOf", "Gives the place, from 0, where a text last contains another; -1 where it does not.",
            "lastIndexOf(\"banana\", \"an\")", "3", type: .integer
        ) { .integer(Int64(Text($0).lastPlace(of: Text($1)) ?? -1)) },
        FunctionEntry(
            "length", .string, [Signature(["text": .string], .integer)],
            "Gives the number of characters as a reader counts them.", example: "length(\"h\\u00e9llo\")", result: "5"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try arguments.string(0).count))
        },
        FunctionEntry(
            "isEmpty", .string, [Signature(["text": .string], .boolean)],
            "Tells whether a text has no characters; null is not empty.", example: "isEmpty(\"\")", result: "true",
            nulls: .accepted
        ) { (arguments, _) throws(FunctionFailure) in
            .boolean(arguments[0] == .string(""))
        },
        FunctionEntry(
            "isNotEmpty", .string, [Signature(["text": .string], .boolean)],
            "Tells whether a text has characters.", example: "isNotEmpty(\"a\")", result: "true"
        ) { (arguments, _) throws(FunctionFailure) in
            .boolean(try !arguments.string(0).isEmpty)
        },
    ]

    // MARK: Making

    private static let making: [FunctionEntry] = [
        FunctionEntry(
            "capitalize", .string, [Signature(["text": .string], .string)],
            "Makes the first letter upper case.", example: "capitalize(\"ada lovelace\")", result: "\"Ada lovelace\""
        ) { (arguments, _) throws(FunctionFailure) in
            let text = try arguments.string(0)
            return .string(text.prefix(1).uppercased() + text.dropFirst())
        },
        FunctionEntry(
            "concat", .string,
            [
                Signature(["a": .string, "b": .string], .type(.string), isVariadic: true),
                Signature(["list": .list(.string)], .string),
            ],
            "Joins texts, or those of a list that are not null.", example: "concat(\"Hello \", \"Ada\")",
            result: "\"Hello Ada\""
        ) { (arguments, run) throws(FunctionFailure) in
            let texts = (arguments.count == 1 ? try arguments.items(0) : arguments.values).compactMap(\.text)
            try run.spend(textBytes: texts.reduce(0) { $0 + $1.utf8.count })
            return .string(texts.joined())
        },
        oneText("lower", "Makes all letters lower case.", "lower(\"ADA\")", "\"ada\"") { $0.lowercased() },
        oneText("upper", "Makes all letters upper case.", "upper(\"ada\")", "\"ADA\"") { $0.uppercased() },
        oneText("trim", "Takes blanks and line ends off both ends.", "trim(\"  Ada \")", "\"Ada\"") { text in
            guard let start = text.firstIndex(where: { !$0.isWhitespace }),
                let end = text.lastIndex(where: { !$0.isWhitespace })
            else { return "" }
            return String(text[start...end])
        },
        padding("padLeft", "in front", "\"0042\"") { $1 + $0 },
        padding("padRight", "behind", "\"4200\"") { $0 + $1 },
        FunctionEntry(
            "substr", .string, [Signature(["text": .string, "begin": .integer, "end?": .integer], .string)],
            "Gives the characters from a place, from 0, up to but not including another; places outside are "
                + "moved to the ends.",
            example: "substr(\"journey\", 1, 4)", result: "\"our\""
        ) { (arguments, _) throws(FunctionFailure) in
            let text = Array(try arguments.string(0))
            let length = Int64(text.count)
            let begin = max(0, min(try arguments.integer(1), length))
            let end = max(begin, min(arguments.count > 2 ? try arguments.integer(2) : length, length))
            return .string(String(text[Int(begin)..<Int(end)]))
        },
        oneText(
            "urlEncode", "Writes a text as a part of a URL, in UTF-8, everything but letters, digits and -._~ as %XX.",
            "urlEncode(\"a b&c\")", "\"a%20b%26c\"", Text.urlEncoded),
        FunctionEntry(
            "uuid", .string, [Signature([:], .string)],
            "Draws an id of version 4 in lower case, the same again when the instance is replayed.",
            example: "length(uuid())", result: "36", dependence: .seed
        ) { (_, run) throws(FunctionFailure) in
            .string(Text.uuid(run.draw(), run.draw()))
        },
    ]

    // MARK: Forms

    private static func oneText(
        _ name: String, _ summary: String, _ example: String, _ result: String,
        _ make: @escaping @Sendable (String) -> String
    ) -> FunctionEntry {
        FunctionEntry(
            name, .string, [Signature(["text": .string], .string)], summary, example: example, result: result
        ) { (arguments, run) throws(FunctionFailure) in
            let text = make(try arguments.string(0))
            // At most a few times the argument, so it may be looked at once it is made.
            try run.spend(textBytes: text.utf8.count)
            return .string(text)
        }
    }

    private static func twoTexts(
        _ name: String, _ summary: String, _ example: String, _ result: String, type: ValueType = .boolean,
        _ apply: @escaping @Sendable (String, String) -> Value
    ) -> FunctionEntry {
        FunctionEntry(
            name, .string, [Signature(["text": .string, "part": .string], type)], summary, example: example,
            result: result
        ) { (arguments, _) throws(FunctionFailure) in
            apply(try arguments.string(0), try arguments.string(1))
        }
    }

    /// Characters that padding makes a text long at most.
    private static let paddedLengthMax: Int64 = 10_000

    private static func padding(
        _ name: String, _ place: String, _ result: String, _ join: @escaping @Sendable (String, String) -> String
    ) -> FunctionEntry {
        FunctionEntry(
            name, .string, [Signature(["text": .string, "length": .integer, "character": .string], .string)],
            "Makes a text as long as said by repeating a character \(place); a longer text stays as it is.",
            example: "\(name)(\"42\", 4, \"0\")", result: result
        ) { (arguments, run) throws(FunctionFailure) in
            let text = try arguments.string(0)
            let length = try arguments.integer(1)
            let character = try arguments.string(2)
            guard length <= paddedLengthMax, character.count == 1 else {
                throw FunctionFailure(
                    .outOfRange, "Padding is with one character, to a length of at most \(paddedLengthMax).")
            }
            let missing = max(0, Int(max(0, length)) - text.count)
            try run.spend(textBytes: text.utf8.count + missing * character.utf8.count)
            return .string(join(text, String(repeating: character, count: missing)))
        }
    }
}
