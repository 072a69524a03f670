import Testing

@testable import JSONSchema

@Suite("Patterns in linear time")
struct LinearRegexTests {
    @Test(
        "A text is found or not, as ECMA-262 has it",
        arguments: [
            ("abc", "xxabcyy", true), ("^abc$", "abc", true), ("^abc$", "abcd", false), ("^abc$", "abc\n", false),
            ("", "", true), ("^$", "", true), ("^$", "a", false), ("$^", "", true), ("a|b|", "zzz", true),
            ("^(a|bc)+$", "abcbca", true), ("^(a|bc)+$", "abcb", false), ("^a{3}$", "aaa", true),
            ("^a{3}$", "aa", false), ("^a{2,}$", "aaaaa", true), ("^a{2,4}$", "aaaaa", false), ("^a{0}b$", "b", true),
            ("^a*?b+?c??$", "aabbc", true), ("^(a*)*$", "aaaa", true), ("^(|a)+$", "aaa", true),
            ("^[a-cx]+$", "abcx", true), ("^[^a-c]$", "d", true), ("^[^a-c]$", "b", false), ("^[]$", "a", false),
            ("^[^]$", "\n", true), ("^[\\]\\-]+$", "]-", true), ("^[a-]+$", "a-", true), ("^[-a]+$", "a-", true),
            ("^[\\d.]+$", "1.5", true), ("^.$", "\n", false), ("^.$", "\u{2028}", false), ("^.$", "🐲", true),
            ("^🐲*$", "🐲🐲", true), ("^[🐲-🐴]$", "🐳", true), ("^\\u{1F432}$", "🐲", true),
            ("^\\uD83D\\uDC32$", "🐲", true), ("^\\x41\\u0042$", "AB", true), ("^\\cA\\t\\0$", "\u{1}\t\u{0}", true),
            ("^\\d$", "٣", false), ("^\\w+$", "aZ_9", true), ("^\\w$", "é", false), ("^\\W$", "é", true),
            ("^\\s$", "\u{FEFF}", true), ("^\\S$", "\u{FEFF}", false), ("\\bcat\\b", "a cat!", true),
            ("\\bcat\\b", "concatenate", false), ("\\Bcat\\B", "concatenate", true), ("^\\p{L}+$", "Größe", true),
            ("^\\p{Lu}\\p{Ll}+$", "Ada", true), ("^\\P{L}+$", "12", true), ("^[\\P{L}a]+$", "1a", true),
            ("^[^\\p{L}]+$", "1a", false), ("^\\p{General_Category=Decimal_Number}$", "٣", true),
            ("^(?:a)(?<name>b)$", "ab", true), ("^a]b}$", "a]b}", true), ("é", "e\u{301}", false),
        ])
    func matching(pattern: String, text: String, matches: Bool) throws {
        #expect(try LinearRegex(pattern).matches(text) == matches)
    }

    @Test(
        "What ECMA-262 does not know is refused, and no pattern of the format regex",
        arguments: [
            "(", ")", "(a", "a)", "[a", "*a", "+", "?", "a**", "{1}", "a{", "a{,2}", "a{2,1}", "[b-a]", "\\", "\\a",
            "\\Z", "\\c1", "\\xG1", "\\u12", "\\u{110000}", "[\\d-z]", "\\p{Nothing}", "\\p", "(?P<n>a)", "(?i)a",
            "(?#a)", "(?<>a)", "(?<1>a)", "^*", "\\b+",
        ])
    func syntaxErrors(pattern: String) {
        let error = #expect(throws: LinearRegexError.self) { try LinearRegex(pattern) }
        #expect(error?.kind == .syntax)
        #expect(!LinearRegex.isPattern(pattern))
    }

    @Test(
        "What cannot be matched in linear time is refused with the reason, and is a pattern all the same",
        arguments: ["a(?=b)", "a(?!b)", "(?<=a)b", "(?<!a)b", "(a)\\1", "(?<n>a)\\k<n>", "\\p{Script=Greek}", "\\p{Alphabetic}"])
    func unsupported(pattern: String) {
        let error = #expect(throws: LinearRegexError.self) { try LinearRegex(pattern) }
        #expect(error?.kind == .unsupported)
        #expect(LinearRegex.isPattern(pattern))
    }

    @Test(
        "A pattern that is too large is refused at once",
        .timeLimit(.minutes(1)),
        arguments: [
            "((((a{1000}){1000}){1000}){1000})", "a{1001}", "(a{50}){50}", String(repeating: "(", count: 200),
            String(repeating: "a", count: 5_000),
        ])
    func tooLarge(pattern: String) {
        let error = #expect(throws: LinearRegexError.self) { try LinearRegex(pattern) }
        #expect(error?.kind == .tooLarge)
    }

    @Test(
        "No pattern hangs on any text",
        .timeLimit(.minutes(1)),
        arguments: [
            "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(a*)*b", "(.*)*x", "((a{0}){1000}){1000}", "(a?){300}a{300}",
            "(a*)*(a|aa)+.{1,300}b.{1,300}$", "\\b(a+)+\\B$", "^(\\p{L}+)+$", "(^a|a$|a\\b)*c",
        ])
    func noHang(pattern: String) throws {
        let regex = try LinearRegex(pattern)
        _ = regex.matches(String(repeating: "a", count: 4_000) + "!")
        _ = regex.matches(String(repeating: "é", count: 20_000))
    }

    @Test("The table, the simulation and plain backtracking agree on random patterns")
    func random() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let pattern = Self.pattern(&random, depth: 3)
            let regex = try LinearRegex(pattern)
            let program = try LinearRegexProgram(regex.syntax)
            for _ in 0..<6 {
                let text = String((0..<Int.random(in: 0...7, using: &random)).map { _ in "abé".randomElement(using: &random) ?? "a" })
                let expected = Backtracking(text).matches(regex.syntax)
                var copy = text
                #expect(copy.withUTF8(program.matches) == expected, "seed \(seed): \(pattern) on \(text), simulated")
                #expect(regex.matches(text) == expected, "seed \(seed): \(pattern) on \(text)")
            }
        }
    }

    @Test("The sample of a pattern matches it", arguments: ["^[A-Z]{2}-\\d{4,10}$", "a+|b", "^(x|y)?z$", "^\\p{L}+$", "[^a-z]{3}"])
    func samples(pattern: String) throws {
        let regex = try LinearRegex(pattern)
        #expect(regex.matches(regex.sampleText(extra: 1)))
    }

    private static func pattern(_ random: inout SeededRandom, depth: Int) -> String {
        let leaves = ["a", "b", "é", ".", "[ab]", "[^a]", "^", "$", "\\w", "\\W", "\\b", ""]
        if depth == 0 { return leaves.randomElement(using: &random) ?? "a" }
        let one = pattern(&random, depth: depth - 1)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return "(\(one)|\(pattern(&random, depth: depth - 1)))"
        case 1: return "(\(one))*"
        case 2: return "(\(one)){0,2}"
        case 3: return "(\(one))+"
        default: return one + pattern(&random, depth: depth - 1)
        }
    }
}

/// The meaning of a pattern, as slow and as plain as it can be said: the places where each part may end.
private struct Backtracking {
    let text: [UInt32]

    init(_ text: String) { self.text = text.unicodeScalars.map(\.value) }

    func matches(_ node: LinearRegexNode) -> Bool { (0...text.count).contains { !ends(node, from: $0).isEmpty } }

    private func ends(_ node: LinearRegexNode, from place: Int) -> Set<Int> {
        switch node {
        case .empty: return [place]
        case .one(let set): return place < text.count && set.contains(text[place]) ? [place + 1] : []
        case .sequence(let parts):
            return parts.reduce([place]) { places, part in Set(places.flatMap { ends(part, from: $0) }) }
        case .choice(let parts): return Set(parts.flatMap { ends($0, from: place) })
        case .repeated(let part, let min, let max):
            var reached: Set<Int> = min == 0 ? [place] : []
            var current: Set<Int> = [place]
            // After as many rounds as there are places nothing new is reached.
            for round in 1...(max.map { Swift.max($0, 1) } ?? min + text.count + 1) where max != 0 {
                current = Set(current.flatMap { ends(part, from: $0) })
                if round >= min { reached.formUnion(current) }
            }
            return reached
        case .start: return place == 0 ? [place] : []
        case .end: return place == text.count ? [place] : []
        case .wordBoundary(let isNegated):
            let before = place > 0 && LinearRegexClass.isWordLetter(text[place - 1])
            let after = place < text.count && LinearRegexClass.isWordLetter(text[place])
            return (before != after) != isNegated ? [place] : []
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
