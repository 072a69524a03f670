import CRE2

/// Why a text is no pattern, or no replacement for one.
struct PatternRefusal: Error, Equatable {
    let message: String
    /// The offending piece, in bytes of the text; nil for the whole.
    var piece: Range<Int>?
    /// What to write instead.
    var suggestion: String?

    init(_ message: String, piece: Range<Int>? = nil, suggestion: String? = nil) {
        self.message = message
        self.piece = piece
        self.suggestion = suggestion
    }

    /// RE2's refusal in plain words.
    init(_ refusal: cre2_refusal, _ piece: [UInt8], in pattern: [UInt8]) {
        var place = Self.place(of: piece, in: pattern)
        let text = String(decoding: piece, as: UTF8.self)
        switch refusal {
        case CRE2_GROUP_KIND:
            // RE2 names `(?<` alone; what follows tells what was meant.
            let end = place.map { min($0.upperBound + 1, pattern.count) } ?? 0
            let next = place.flatMap { $0.upperBound < pattern.count ? pattern[$0.upperBound] : nil }
            let whole = text == "(?<" && next != nil ? place.map { $0.lowerBound..<end } : place
            place = whole
            self = Self.group(text, next)
        case CRE2_BAD_ESCAPE: self = Self.escape(text)
        case CRE2_REPEAT_OPERATOR: self = Self.repetition(text)
        default: self = Self.other(refusal, text)
        }
        self.piece = place
    }

    private static func place(of piece: [UInt8], in pattern: [UInt8]) -> Range<Int>? {
        guard !piece.isEmpty, piece.count <= pattern.count else { return nil }
        for start in 0...(pattern.count - piece.count) where pattern[start...].starts(with: piece) {
            return start..<(start + piece.count)
        }
        return nil
    }

    private static func group(_ text: String, _ next: UInt8?) -> PatternRefusal {
        let isBehind = text.hasPrefix("(?<") && (next == UInt8(ascii: "=") || next == UInt8(ascii: "!"))
        if text.hasPrefix("(?=") || text.hasPrefix("(?!") || isBehind {
            return PatternRefusal(
                "A pattern cannot look ahead or behind: such patterns can take time without end.",
                suggestion: "two conditions, such as matchRegExp(…) and not matchRegExp(…)")
        }
        if text.hasPrefix("(?<") {
            return PatternRefusal("A named group is written with a P.", suggestion: "(?P<")
        }
        if text.hasPrefix("(?>") {
            return PatternRefusal("There are no atomic groups, nor are they needed.", suggestion: "(?:")
        }
        return PatternRefusal("There is no group of this kind.", suggestion: "(?:")
    }

    private static func escape(_ text: String) -> PatternRefusal {
        if let digit = text.dropFirst().first, digit.isASCII, digit.isNumber {
            return PatternRefusal(
                "A pattern cannot refer back to what a group matched: such patterns can take time without end.")
        }
        let known = ["\\Z": "\\z", "\\R": "\\r?\\n", "\\h": "[ \\t]", "\\u": "\\x{…}", "\\e": "\\x1b"]
        return PatternRefusal("Patterns have no escape \(text).", suggestion: known[text])
    }

    private static func repetition(_ text: String) -> PatternRefusal {
        if text.hasSuffix("+"), text.count > 1 {
            return PatternRefusal(
                "There is no possessive repetition, nor is it needed: a search never goes back.",
                suggestion: String(text.dropLast()))
        }
        return PatternRefusal("A repetition cannot be repeated.", suggestion: String(text.prefix(1)))
    }

    private static func other(_ refusal: cre2_refusal, _ text: String) -> PatternRefusal {
        switch refusal {
        case CRE2_BAD_CLASS: PatternRefusal("There is no class of characters \(text).")
        // RE2 says the same of a class that it does not know.
        case CRE2_BAD_RANGE where text.hasPrefix("\\") || text.hasPrefix("[:"):
            PatternRefusal("There is no class of characters \(text).")
        case CRE2_BAD_RANGE: PatternRefusal("The range \(text) ends before it begins.")
        case CRE2_MISSING_BRACKET: PatternRefusal("A ] is missing.", suggestion: "\(text)]")
        case CRE2_MISSING_PARENTHESIS: PatternRefusal("A ) is missing.", suggestion: "\(text))")
        case CRE2_UNEXPECTED_PARENTHESIS: PatternRefusal("A ) has no ( before it.", suggestion: "\\)")
        case CRE2_TRAILING_BACKSLASH:
            PatternRefusal("A pattern cannot end with a single backslash.", suggestion: "\\\\")
        case CRE2_NOTHING_TO_REPEAT:
            PatternRefusal("There is nothing before \(text) to repeat.", suggestion: "\\\(text)")
        case CRE2_REPEAT_COUNT:
            PatternRefusal(
                "A repetition goes to 1000, those inside each other multiplied, and its second number is not less than "
                    + "its first.")
        case CRE2_GROUP_NAME: PatternRefusal("The name of a group is letters, digits and _, and is given once.")
        case CRE2_TOO_LARGE: PatternRefusal("The pattern is too large once its repetitions are written out.")
        default: PatternRefusal("This is no pattern.")
        }
    }
}
