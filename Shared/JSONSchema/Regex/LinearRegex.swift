/// A regular expression that answers in time linear in the text, whatever the pattern.
///
/// The language is ECMA-262 with the `u` flag, as JSON Schema asks for, in Unicode code points: literals, `.`, classes,
/// `\d \w \s` and their opposites (ASCII digits and word letters, as ECMA-262 has them), `\p{…}` and `\P{…}` with
/// general categories, groups, alternation, greedy and lazy quantifiers, `^ $ \b \B`, escapes by name,
/// `\x`, `\u` and `\c`.
/// Refused with the reason: look-around and back-references, which no linear method matches, Unicode scripts and flags.
/// More generous than ECMA-262 in two points: any punctuation may be escaped, and `]` and `}` may stand unescaped.
///
/// There are no captures, so matching is membership of sets of states. A pattern becomes a Thompson automaton, then,
/// where that stays small, a table of its subsets, so that a character costs one look-up. Everything is bounded
/// (``Bounds``): what a hostile pattern can cost is a fraction of a second once, what a hostile text can cost is
/// linear.
package struct LinearRegex: Sendable {
    /// What a pattern and a match may cost at most.
    package enum Bounds {
        /// UTF-8 bytes of a pattern.
        package static let patternBytesMax = 4_096
        /// Groups inside each other.
        package static let depthMax = 100
        /// The largest number in `{m,n}`.
        package static let repetitionsMax = 1_000
        /// Instructions of the automaton; `{m,n}` multiplies what it stands after.
        package static let instructionsMax = 2_000
        /// States times symbols of the table; past it the automaton is simulated.
        package static let tableEntriesMax = 65_536
        /// Instructions looked at while the table is built.
        package static let tableWorkMax = 1_000_000
        /// Instructions times bytes of a text that is matched without a table: more is no match.
        package static let matchWorkMax = 50_000_000
    }

    package let pattern: String
    let syntax: LinearRegexNode
    private let program: LinearRegexProgram
    private let table: LinearRegexTable?

    package init(_ pattern: String) throws(LinearRegexError) {
        let parsed = try LinearRegexParser.parse(pattern)
        if let unsupported = parsed.unsupported { throw unsupported }
        self.pattern = pattern
        syntax = parsed.node
        program = try LinearRegexProgram(parsed.node)
        table = LinearRegexTable(program)
    }

    /// Whether the text holds a match anywhere, as JSON Schema's `pattern` asks.
    package func matches(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            if let table { return table.matches(bytes) }
            if bytes.count * program.instructions.count > Bounds.matchWorkMax { return false }
            return program.matches(bytes)
        }
    }

    /// Whether the pattern is one of ECMA-262, including those that this type refuses: the format `regex`.
    static func isPattern(_ text: String) -> Bool {
        do {
            _ = try LinearRegexParser.parse(text)
            return true
        } catch {
            return error.kind != .syntax
        }
    }
}

/// Code points of valid UTF-8.
enum UTF8Reader {
    /// The code point at this place, which moves behind it.
    @inline(__always)
    static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> UInt32 {
        let first = UInt32(bytes[place])
        if first < 0x80 {
            place += 1
            return first
        }
        if first < 0xE0 {
            defer { place += 2 }
            return (first & 0x1F) << 6 | UInt32(bytes[place + 1] & 0x3F)
        }
        if first < 0xF0 {
            defer { place += 3 }
            return (first & 0x0F) << 12 | UInt32(bytes[place + 1] & 0x3F) << 6 | UInt32(bytes[place + 2] & 0x3F)
        }
        defer { place += 4 }
        let high = (first & 0x07) << 18 | UInt32(bytes[place + 1] & 0x3F) << 12
        return high | UInt32(bytes[place + 2] & 0x3F) << 6 | UInt32(bytes[place + 3] & 0x3F)
    }
}
