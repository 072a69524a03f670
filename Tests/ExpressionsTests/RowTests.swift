import Models
import Testing

@testable import Expressions

@Suite("Rows")
struct RowTests {
    /// An expression and the JSON of its rows.
    static let pairs: [(String, String)] = [
        (
            "#{profile.tier} == \"gold\"",
            ##"{"operator":"and","not":false,"rows":[{"field":"#{profile.tier}","operator":"equals","value":"gold"}]}"##
        ),
        (
            "@event{o.total} >= 10.5 and (#{profile.vip} or not (inLastDays(#{profile.seen}, 30)))",
            ##"{"operator":"and","not":false,"rows":[{"field":"@event{o.total}","operator":"greaterOrEqual","value":10.5},{"operator":"or","not":false,"rows":[{"field":"#{profile.vip}","operator":"isTrue"},{"operator":"and","not":true,"rows":[{"field":"#{profile.seen}","operator":"inLastDays","value":30}]}]}]}"##
        ),
        (
            "not (in(#{profile.tier}, [\"a\", \"b\"]) or #{profile.x} is null)",
            ##"{"operator":"or","not":true,"rows":[{"field":"#{profile.tier}","operator":"in","value":["a","b"]},{"field":"#{profile.x}","operator":"isNull"}]}"##
        ),
        (
            "contain(#{profile.name}, \"a\\\"b\") and inAudience(\"vips\") and #{profile.no} == false",
            ##"{"operator":"and","not":false,"rows":[{"field":"#{profile.name}","operator":"contains","value":"a\"b"},{"operator":"inAudience","value":"vips"},{"field":"#{profile.no}","operator":"isFalse"}]}"##
        ),
        (
            "@event{o.at} < date(\"2021-02-19T08:00:00Z\") and in(5, #{profile.numbers})",
            ##"{"operator":"and","not":false,"rows":[{"field":"@event{o.at}","operator":"less","value":{"expression":"date(\"2021-02-19T08:00:00Z\")"}},{"field":"#{profile.numbers}","operator":"includes","value":5}]}"##
        ),
    ]

    @Test("An expression has its rows, and they have the expression", arguments: pairs)
    func both(text: String, json: String) throws {
        #expect(try RowGroup(text).json.text == json)
        #expect(try RowGroup(json: JSONValue.parse(json)).text == text)
    }

    @Test(
        "What rows say otherwise means the same",
        arguments: [
            ("10 < #{profile.x}", "#{profile.x} > 10"), ("null == #{profile.x}", "#{profile.x} is null"),
            ("#{profile.x} != null", "#{profile.x} is not null"), ("((#{profile.x}))", "#{profile.x}"),
            ("not not #{profile.x}", "not (not (#{profile.x}))"), ("(#{profile.x} == 1)", "#{profile.x} == 1"),
            ("inSegment('a')", "inAudience(\"a\")"), ("#{profile.x} == ((1 + 2))", "#{profile.x} == 1 + 2"),
            ("#{profile.x} == (1 == 2)", "#{profile.x} == (1 == 2)"),
        ])
    func normal(text: String, other: String) throws {
        #expect(try RowGroup(text).text == other)
    }

    @Test(
        "Where there are no rows it is said why, and where",
        arguments: [
            ("#{profile.a} == 1 -- why", "comment", 19), ("length(#{profile.a}) > 3", "computed", 1),
            ("if (true) then (true) else (false)", "if has no place", 1), ("true", "constant", 1),
            ("#{profile.a} == 1 and lower(\"a\")", "lower is no operator", 23), ("1 +", "too early", 4),
            ("#{profile.a} + 1", "computed", 1),
        ])
    func refusals(text: String, reason: String, column: Int) throws {
        let refusal = #expect(throws: RowRefusal.self) { try RowGroup(text) }
        #expect(refusal?.reason.contains(reason) == true, "\(refusal?.reason ?? "")")
        #expect(refusal?.column == column)
    }

    @Test(
        "Rows that are none are refused with their place",
        arguments: [
            (##"{}"##, "/operator"), (##"{"operator":"and","rows":[]}"##, "/rows"), (##"[]"##, ""),
            (##"{"operator":"and","rows":[{"field":"1","operator":"equals","value":1}]}"##, "/rows/0/field"),
            (##"{"operator":"and","rows":[{"field":"#{a.b} -- c","operator":"isNull"}]}"##, "/rows/0/field"),
            (##"{"operator":"and","rows":[{"field":"#{a.b}","operator":"like","value":1}]}"##, "/rows/0/operator"),
            (##"{"operator":"and","rows":[{"field":"#{a.b}","operator":"equals"}]}"##, "/rows/0/value"),
            (##"{"operator":"and","rows":[{"field":"#{a.b}","operator":"equals","value":null}]}"##, "/rows/0/value"),
            (##"{"operator":"and","rows":[{"field":"#{a.b}","operator":"isNull","value":1}]}"##, "/rows/0/value"),
            (##"{"operator":"and","rows":[{"field":"#{a.b}","operator":"less","value":{"expression":"1) or (1"}}]}"##, "/rows/0/value"),
            (##"{"operator":"and","rows":[{"operator":"inAudience","value":1}]}"##, "/rows/0/value"),
            (##"{"operator":"or","rows":[{"operator":"or","rows":[{"operator":"or","rows":[],"x":1}]}]}"##, "/rows/0/rows/0/x"),
        ])
    func problems(json: String, path: String) throws {
        let problem = #expect(throws: RowProblem.self) { try RowGroup(json: JSONValue.parse(json)) }
        #expect(problem?.path == path, "\(problem?.message ?? "")")
    }

    @Test("Every operator has a form as text that is read as itself", arguments: RowOperator.allCases)
    func operators(test: RowOperator) throws {
        let row =
            test == .inAudience
            ? Row("", test, .literal("a")) : Row("#{profile.x}", test, test.needsValue ? .literal(1) : nil)
        #expect(try RowGroup(RowGroup([.row(row)]).text) == RowGroup([.row(row)]))
    }
}
