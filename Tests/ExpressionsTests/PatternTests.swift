import Models
import Testing

@testable import Expressions

@Suite("Regular expressions")
struct PatternTests {
    @Test("Functions on regular expressions", arguments: functions)
    func functionsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let functions: [Case] = [
        Case(#"matchRegExp("order 4711", "[0-9]{4}$")"#, "true"), Case(#"matchRegExp("", "")"#, "true"),
        Case(#"matchRegExp("", "a")"#, "false"), Case(#"matchRegExp("abc", "")"#, "true"),
        Case(#"matchRegExp(null, "a")"#, "null"), Case(#"matchRegExp("a", null)"#, "null"),
        Case(#"matchRegExp(5, "a")"#, "refused: typeMismatch"), Case(#"matchRegExp("a", 5)"#, "refused: typeMismatch"),
        Case(#"matchRegExp("Ünïcödé", "^\\p{L}+$")"#, "true"), Case(#"matchRegExp("x", "^\\p{L}{2,30}$")"#, "false"),
        Case(#"matchRegExp("GOLD", "gold")"#, "false"), Case(#"matchRegExp("GOLD", "(?i)gold")"#, "true"),
        Case(#"matchRegExp("a\nb", "a.b")"#, "false"), Case(#"matchRegExp("a\nb", "(?s)a.b")"#, "true"),
        Case(#"matchRegExp("a\nb", "^b")"#, "false"), Case(#"matchRegExp("a\nb", "(?m)^b")"#, "true"),
        Case(#"matchRegExp(#{profile.tier}, "^g")"#, "true"), Case(#"matchRegExp(#{profile.no}, "^g")"#, "null"),
        Case(#"matchRegExp("gold", #{profile.tier})"#, "true"),
        Case(#"matchRegExp("gold", "^" + #{profile.tier} + "$")"#, "true"),
        Case(#"matchRegExp("gold", #{profile.tier} + "(")"#, "error: badPattern"),
        Case(#"matchRegExp("gold", #{profile.points})"#, "refused: typeMismatch"),
        Case(#"replace("banana", "an", "x")"#, #""bxana""#), Case(#"replace("banana", "x", "y")"#, #""banana""#),
        Case(#"replace("banana", "(a)(n)", "$2$1")"#, #""bnaana""#),
        Case(#"replace("banana", "(?P<first>a)", "<${first}>")"#, #""b<a>nana""#),
        Case(#"replace("banana", "a", "\\$")"#, #""b$nana""#), Case(#"replace("banana", "a", "\\\\")"#, #""b\\nana""#),
        Case(#"replace("banana", "a", "$0$0")"#, #""baanana""#),
        Case(#"replace("banana", "(a)", "$10")"#, #""ba0nana""#),
        Case(#"replace(null, "a", "b")"#, "null"), Case(#"replace("a", "a", null)"#, "null"),
        Case(#"replace("a", "a")"#, "refused: wrongArguments"),
        Case(#"replaceAll("banana", "a", "o")"#, #""bonono""#), Case(#"replaceAll("banana", "an", "")"#, #""ba""#),
        Case(#"replaceAll("abc", "x*", "-")"#, #""-a-b-c-""#), Case(#"replaceAll("baaac", "a*", "-")"#, #""-b--c-""#),
        Case(#"replaceAll("aaa", "^a", "b")"#, #""baa""#), Case(#"replaceAll("äöü", "", "-")"#, #""-ä-ö-ü-""#),
        Case(#"replaceAll("", "a", "b")"#, #""""#), Case(#"replaceAll("", "", "b")"#, #""b""#),
        Case("replaceAll('a1b22', '[0-9]+', '#')", ##""a#b#""##),
        Case(#"replaceAll("a-b", "(x)?-", "[$1]")"#, #""a[]b""#),
        Case(#"replaceAll("gold", #{profile.tier}, "$1")"#, "error: badReplacement"),
        Case(#"replaceAll("gold", "(" + #{profile.tier} + ")", "<$1>")"#, #""<gold>""#),
        Case(#"replaceAll("gold", "(o)", "<$" + "1>")"#, #""g<o>ld""#),
        Case(#"replaceAll(null, "a", "b")"#, "null"), Case(#"replaceAll("a", null, "b")"#, "null"),
        Case(#"replaceAll(5, "a", "b")"#, "refused: typeMismatch"),
        Case(#"split("a,b,c", ",")"#, #"["a","b","c"]"#), Case(#"split("a,b,,", ",")"#, #"["a","b"]"#),
        Case(#"split(",a", ",")"#, #"["","a"]"#), Case(#"split("", ",")"#, #"[""]"#), Case(#"split(",", ",")"#, "[]"),
        Case(#"split("abc", "")"#, #"["a","b","c"]"#), Case(#"split("abc", "x")"#, #"["abc"]"#),
        Case(#"split("a1b22c", "[0-9]+")"#, #"["a","b","c"]"#), Case(#"split(null, ",")"#, "null"),
        Case(#"split("a b\tc", "\\s")"#, #"["a","b","c"]"#), Case(#"split(1, ",")"#, "refused: typeMismatch"),
        Case(#"count(split(#{profile.tier}, "o"))"#, "2"), Case(#"in("b", split("a,b", ","))"#, "true"),
    ]

    @Test("A pattern that RE2 does not take is refused with its reason, at its place", arguments: refusals)
    func refusal(example: Refusal) throws {
        let error = try #require(throws: ExpressionError.self) {
            try Expression.compile(example.text, in: World.scope())
        }
        #expect(error.code == example.code)
        #expect(error.line == example.line && error.column == example.column)
        #expect(error.text == example.piece)
        #expect(error.suggestion == example.suggestion)
        #expect(error.message.hasSuffix("."))
    }

    private static let twice = "two conditions, such as matchRegExp(…) and not matchRegExp(…)"

    static let refusals: [Refusal] = [
        Refusal(#"matchRegExp("a", "(a)\\1")"#, .badPattern, 1, 22, #"\\1"#),
        Refusal(#"matchRegExp("a", "a(?=b)")"#, .badPattern, 1, 20, "(?=", twice),
        Refusal(#"matchRegExp("a", "a(?!b)")"#, .badPattern, 1, 20, "(?!", twice),
        Refusal(#"matchRegExp("a", "(?<=b)a")"#, .badPattern, 1, 19, "(?<=", twice),
        Refusal(#"matchRegExp("a", "(?<!b)a")"#, .badPattern, 1, 19, "(?<!", twice),
        Refusal(#"matchRegExp("a", "(?<n>a)")"#, .badPattern, 1, 19, "(?<n", "(?P<"),
        Refusal(#"matchRegExp("a", "(?>a)")"#, .badPattern, 1, 19, "(?>", "(?:"),
        Refusal(#"matchRegExp("a", "a*+b")"#, .badPattern, 1, 20, "*+", "*"),
        Refusal(#"matchRegExp("a", "a++")"#, .badPattern, 1, 20, "++", "+"),
        Refusal(#"matchRegExp("a", "a**")"#, .badPattern, 1, 20, "**", "*"),
        Refusal(#"matchRegExp("a", "*a")"#, .badPattern, 1, 19, "*", #"\*"#),
        Refusal(#"matchRegExp("a", "(a")"#, .badPattern, 1, 19, "(a", "(a)"),
        Refusal(#"matchRegExp("a", "a)")"#, .badPattern, 1, 19, "a)", #"\)"#),
        Refusal(#"matchRegExp("a", "x[a")"#, .badPattern, 1, 20, "[a", "[a]"),
        Refusal(#"matchRegExp("a", "[z-a]")"#, .badPattern, 1, 20, "z-a"),
        Refusal(#"matchRegExp("a", "\\p{Foo}")"#, .badPattern, 1, 19, #"\\p{Foo}"#),
        Refusal(#"matchRegExp("a", "x{1001}")"#, .badPattern, 1, 20, "{1001}"),
        Refusal(#"matchRegExp("a", "x{2,1}")"#, .badPattern, 1, 20, "{2,1}"),
        Refusal(#"matchRegExp("a", "(x{1000}){1000}")"#, .badPattern, 1, 21, "{1000}"),
        Refusal(#"matchRegExp("a", "(\\pL{500}){2}")"#, .badPattern, 1, 18, #""(\\pL{500}){2}""#),
        Refusal(#"matchRegExp("a", "a\\Z")"#, .badPattern, 1, 20, #"\\Z"#, #"\z"#),
        Refusal(#"matchRegExp("a", "a\\")"#, .badPattern, 1, 18, #""a\\""#, #"\\"#),
        Refusal(#"matchRegExp("a", "\u00e9\ud83d\ude00\\1")"#, .badPattern, 1, 37, #"\\1"#),
        Refusal(#"matchRegExp("a", "é" + "(?=c)")"#, .badPattern, 1, 18, #""é" + "(?=c)""#, twice),
        Refusal(#"split("a", "(")"#, .badPattern, 1, 13, "(", "()"),
        Refusal(#"replace("a", "a", "$1")"#, .badReplacement, 1, 20, "$1", "$0"),
        Refusal(#"replace("a", "(a)", "$2")"#, .badReplacement, 1, 22, "$2", "$1"),
        Refusal(#"replace("a", "(a)", "\\1")"#, .badReplacement, 1, 22, #"\\1"#, "$1"),
        Refusal(#"replace("a", "a", "5 $")"#, .badReplacement, 1, 22, "$", #"\$"#),
        Refusal(#"replaceAll("a", "a", "${x}")"#, .badReplacement, 1, 23, "${x}"),
        Refusal(#"replaceAll("a", "a", "${x")"#, .badReplacement, 1, 23, "${x"),
    ]

    @Test(
        "A pattern that makes other engines hang takes a moment",
        arguments: ["(a+)+$", "^(a|a)*$", "(a*)*b", "(.*)(.*)(.*)=$"])
    func linearTime(pattern: String) throws {
        let text = String(repeating: "a", count: 20_000) + "!"
        var context = EvaluationValues(now: 0)
        context.profile = ["text": .string(text)]
        let compiled = try Expression.compile(#"matchRegExp(#{profile.text}, "\#(pattern)")"#, in: ExpressionScope())
        let clock = ContinuousClock()
        var value: Value?
        let duration = try clock.measure { value = try compiled.evaluate(in: context) }
        #expect(value == .boolean(false))
        #expect(duration < .seconds(1), "a search of 20,000 characters took \(duration)")
    }

    @Test("A pattern that is computed is compiled once for several evaluations, and few are kept")
    func cache() throws {
        let cache = PatternCache()
        let first = try cache.pattern("a+")
        #expect(try cache.pattern("a+") === first)
        for number in 0..<PatternCache.countMax { _ = try cache.pattern("b{\(number)}") }
        #expect(try cache.pattern("a+") !== first)
        #expect(throws: PatternRefusal.self) { try cache.pattern("(") }
    }

    @Test("A pattern of more than 4 KiB is refused")
    func longPattern() {
        #expect(throws: Never.self) { _ = try Pattern(String(repeating: "a", count: 4096)) }
        #expect(throws: PatternRefusal.self) { try Pattern(String(repeating: "a", count: 4097)) }
    }

    @Test("Patterns are found in texts with every kind of byte")
    func bytes() throws {
        #expect(try Pattern("b").isFound(in: "a\0b"))
        #expect(try !Pattern("^b").isFound(in: "a\0b"))
        #expect(try Pattern("^😀.é$").isFound(in: "😀\0é"))
        #expect(try Pattern("é").match(in: Array("aéb".utf8), from: 0, groups: 0) == [1..<3])
    }
}
