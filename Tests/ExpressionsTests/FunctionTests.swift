import Models
import Testing

@testable import Expressions

@Suite("Functions")
struct FunctionTests {
    @Test("Each function's example gives the result that the table says", arguments: FunctionTable.all.map(\.name))
    func examples(name: String) throws {
        let entry = try #require(FunctionTable.named(name))
        let values = FunctionTable.exampleValues
        let outcome = try Expression.compile(entry.example, in: .inferred(from: values))
            .evaluate(in: EvaluationValues(values: values, now: World.now)).json.text
        if let result = entry.result { #expect(outcome == result, "\(entry.example)") }
        #expect(entry.example.contains(name) && entry.summary.hasSuffix("."))
        #expect(entry.signatures.allSatisfy { $0.hasPrefix(name + "(") })
    }

    @Test("Only what differs from call to call has no result in the table")
    func resultsAreGiven() {
        #expect(FunctionTable.all.filter { $0.result == nil }.map(\.name) == ["currentTimeInMillis"])
        #expect(Set(FunctionTable.all.map(\.name)).count == FunctionTable.all.count)
    }

    @Test("Functions on lists", arguments: lists)
    func listsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let lists: [Case] = [
        Case("avg([])", "null"), Case("avg([1, null, 3])", "2"), Case("avg(1, 2)", "1.5"), Case("avg(1, null)", "null"),
        Case("avg([\"a\"])", "refused: typeMismatch"), Case("avg(#{profile.numbers})", "2"),
        Case("avg(#{profile.no})", "null"),
        Case("count(#{profile.holes})", "2"), Case("countWithNull(#{profile.holes})", "3"),
        Case("countOnlyNull(#{profile.holes})", "1"),
        Case("count(null)", "null"), Case("count(5)", "refused: typeMismatch"), Case("count([])", "0"),
        Case("distinctCount([\"a\", \"b\", \"a\"])", "2"), Case("distinctCount(#{profile.orders}, \"state\")", "2"),
        Case("distinctCountWithNull([null, null])", "1"),
        Case("max([1, 7, 3])", "7"), Case("max(2, 2.5)", "2.5"), Case("max([])", "null"), Case("max([null, 4])", "4"),
        Case("min([date(\"2021-02-19\"), date(\"2020-02-19\")])", #""2020-02-19""#),
        Case("max(\"a\", \"b\")", "refused: typeMismatch"),
        Case("max(toDuration(\"PT1H\"), toDuration(\"PT61M\"))", #""PT1H1M""#),
        Case("max(1, date(\"2021-02-19\"))", "refused: typeMismatch"),
        Case("max(date(\"2021-02-19T08:00:00Z\"), date(\"2021-02-19T08:30:00+01:00\"))", #""2021-02-19T08:00:00Z""#),
        Case("sum([1, 2])", "3"), Case("sum([1, 2.5])", "3.5"), Case("sum(1, 2)", "3"), Case("sum([])", "0"),
        Case("sum([toDuration(\"PT1H\"), toDuration(\"PT1M\")])", #""PT1H1M""#),
        Case("sum([9223372036854775807, 1])", "error: overflow"),
        Case("sum([toDuration(#{profile.no})])", #""PT0S""#),
        Case("sum(@event{order.items.price})", "15"), Case("sum(#{profile.numbers})", "6"),
        Case("sum(#{profile.tier})", "refused: typeMismatch"),
        Case("distinct([1, 1.0, 2])", "[1,2]"), Case("countWithNull(distinct([1, null, null]))", "1"),
        Case("distinctWithNull([1, null, null])", "[1,null]"),
        Case("listSize(distinct(#{profile.orders}, \"state\"))", "2"),
        Case("listSize(filter(#{profile.orders}, \"state\", [\"open\"]))", "2"),
        Case("listSize(filter(#{profile.orders}, \"id\", [2.0]))", "1"),
        Case("getListItem([1, 2], 0)", "1"), Case("getListItem([1, 2], 2)", "null"),
        Case("getListItem([1, 2], -1)", "null"),
        Case("in(2, [1, 2])", "true"), Case("in(2.0, [1, 2])", "true"), Case("in(\"x\", [\"y\"])", "false"),
        Case("in(\"x\", null)", "false"),
        Case("in(null, [1])", "null"), Case("in(\"x\", [1])", "refused: typeMismatch"),
        Case("in(#{profile.tier}, [\"gold\", \"silver\"])", "true"),
        Case("in(#{profile.no}, [\"gold\"])", "null"), Case("in(\"gold\", #{profile.no})", "false"),
        Case("in(2, #{profile.numbers})", "true"),
        Case("intersect([1, 2, 3], [3, 2])", "[2,3]"), Case("intersect(null, [1])", "[]"),
        Case("intersect([\"a\"], [1])", "refused: typeMismatch"),
        Case("limit([1, 2, 3], 2)", "[1,2]"), Case("limit([1, 2, 3], 2, true)", "[1,2]"),
        Case("limit([1, 2, 3], 2, false)", "[2,3]"),
        Case("limit([1], 9)", "[1]"), Case("limit([1], -1)", "[]"), Case("limit([1])", "refused: wrongArguments"),
        Case("listSize([1, null])", "2"), Case("serializeList([1, 2.5, null], \"; \", false)", #""1; 2.5""#),
        Case("sort([2, 1, null, 3], true)", "[1,2,3]"), Case("sort([\"b\", \"a\"], true)", #"["a","b"]"#),
        Case("getListItem(sort(#{profile.orders}, \"total\", false), 0) is not null", "true"),
        Case("toJSON(sort(#{profile.orders}, \"total\", false).id)", "refused: unexpectedToken"),
        Case("coalesce(null, 1, 2)", "1"), Case("coalesce(null, null)", "null"),
        Case("coalesce(#{profile.no}, #{profile.tier})", #""gold""#),
        Case("coalesce(1, 9223372036854775807 + 1)", "1"), Case("toJSON(null)", #""null""#),
        Case("toJSON(@event{order.prices})", #""{\"EUR\":10,\"USD\":11}""#),
        Case("toJSON(\"a\")", #""\"a\"""#), Case("toJSON(date(\"2021-02-19\"))", #""\"2021-02-19\"""#),
    ]

    @Test("Functions that convert", arguments: conversions)
    func conversionsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let conversions: [Case] = [
        Case("toBool(\"true\")", "true"), Case("toBool(\"TRUE\")", "false"), Case("toBool(\"1\")", "false"),
        Case("toBool(0)", "false"),
        Case("toBool(0.1)", "true"), Case("toBool(true)", "true"), Case("toBool(null)", "null"),
        Case("toBool([1])", "refused: typeMismatch"),
        Case("toBool(#{profile.points})", "true"), Case("toBool(#{profile.orders})", "refused: typeMismatch"),
        Case("toDateOnly(\"2021-02-19\")", #""2021-02-19""#),
        Case("toDateOnly(\"2021-02-19T23:30:00-05:00\")", #""2021-02-19""#),
        Case("toDateOnly(\"soon\")", "null"), Case("toDateOnly(2021, 2, 19)", #""2021-02-19""#),
        Case("toDateOnly(2021, 2, 30)", "null"),
        Case("toDateOnly(date(\"2021-02-19T08:00:00\"))", #""2021-02-19""#),
        Case("toDateOnly(#{profile.birthday})", #""1990-05-17""#),
        Case("toDateTime(\"2021-02-19T08:00:00Z\")", #""2021-02-19T08:00:00Z""#),
        Case("toDateTime(\"2021-02-19T08:00:00\")", "null"),
        Case("toDateTime(\"2021-02-19\")", "null"), Case("toDateTime(0)", #""1970-01-01T00:00:00Z""#),
        Case("toDateTime(99999999999999999)", "error: outOfRange"),
        Case("toDateTime(-1)", #""1969-12-31T23:59:59.999Z""#),
        Case("toDateTime(\"Europe/Paris\", date(\"2021-07-19T08:00:00\"))", #""2021-07-19T08:00:00+02:00""#),
        Case("toDateTime(\"Europe/Paris\", date(\"2021-07-19\"))", #""2021-07-19T00:00:00+02:00""#),
        Case("toDateTime(\"Europe/Pari\", date(\"2021-07-19\"))", "refused: unknownZone"),
        Case("toDateTime(#{profile.tier}, date(\"2021-07-19\"))", "refused: notConstant"),
        Case("toDateTime(#{profile.lastVisit}) < now()", "true"),
        Case("#{profile.lastVisit} < now()", "refused: typeMismatch"),
        Case("toDateTimeOnly(\"2021-02-19T08:00:00\")", #""2021-02-19T08:00:00""#),
        Case("toDateTimeOnly(\"2021-02-19\")", #""2021-02-19T00:00:00""#),
        Case("toDateTimeOnly(date(\"2021-02-19T08:00:00+05:00\"))", #""2021-02-19T08:00:00""#),
        Case("toDateTimeOnly(\"x\")", "null"),
        Case("toDecimal(\"3.14\")", "3.14"), Case("toDecimal(\" 3\")", "null"), Case("toDecimal(\"nan\")", "null"),
        Case("toDecimal(\"0x10\")", "null"),
        Case("toDecimal(\"1e400\")", "null"), Case("toDecimal(true)", "1"), Case("toDecimal(5)", "5"),
        Case("toInteger(\"12\")", "12"), Case("toInteger(\"12.9\")", "12"), Case("toInteger(\"twelve\")", "null"),
        Case("toInteger(-2.9)", "-2"),
        Case("toInteger(false)", "0"), Case("toInteger(1e30)", "error: overflow"),
        Case("toInteger(date(\"1970-01-01T00:00:01Z\"))", "1000"),
        Case("toDuration(\"P1DT0.5S\")", #""P1DT0.5S""#), Case("toDuration(\"pt1,5s\")", #""PT1.5S""#),
        Case("toDuration(\"P1M\")", "null"),
        Case("toDuration(90000)", #""PT1M30S""#), Case("toDuration(\"\")", "null"),
        Case("toDuration(#{profile.span})", #""PT2H""#),
        Case("toString(1)", #""1""#), Case("toString(8 / 2)", #""4""#), Case("toString(2.5)", #""2.5""#),
        Case("toString(true)", #""true""#),
        Case("toString(date(\"2021-02-19T08:00:00+01:00\"))", #""2021-02-19T07:00:00Z""#),
        Case("toString(date(\"2021-02-19\"))", #""2021-02-19""#),
        Case("toString([1])", "refused: typeMismatch"), Case("toString(null)", "null"),
        Case("toString(date(\"2021-02-19T08:00:00\"))", #""2021-02-19T08:00:00""#),
    ]

    @Test("Functions on numbers and texts", arguments: texts)
    func textsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let texts: [Case] = [
        Case("round(2.5)", "3"), Case("round(-2.5)", "-2"), Case("round(2.4)", "2"),
        Case("round(0.49999999999999994)", "0"), Case("round(7)", "7"),
        Case("round(1e300)", "error: overflow"), Case("floor(-1.5)", "-2"), Case("ceil(-1.5)", "-1"),
        Case("abs(-3)", "3"),
        Case("abs(-9223372036854775808)", "error: overflow"), Case("power(2, 0.5) > 1.41", "true"),
        Case("power(-1, 0.5)", "error: overflow"),
        Case("random() >= 0", "true"), Case("random() == random()", "false"), Case("uuid() == uuid()", "false"),
        Case("substr(uuid(), 14, 15)", #""4""#),
        Case("concat(\"a\", \"b\", \"c\")", #""abc""#), Case("concat([\"a\", null, \"b\"])", #""ab""#),
        Case("concat(\"a\", null)", "null"), Case("concat(\"a\", 1)", "refused: typeMismatch"),
        Case("contain(\"banana\", \"nan\")", "true"), Case("contain(\"banana\", \"\")", "true"),
        Case("contain(\"banana\", \"x\")", "false"),
        Case("containIgnoreCase(\"BANANA\", \"nan\")", "true"), Case("startWith(\"banana\", \"ban\")", "true"),
        Case("startWith(\"a\", \"ab\")", "false"),
        Case("endWith(\"banana\", \"ana\")", "true"), Case("equalIgnoreCase(\"É\", \"é\")", "true"),
        Case("notEqualIgnoreCase(\"a\", \"b\")", "true"),
        Case("indexOf(\"banana\", \"na\")", "2"), Case("indexOf(\"banana\", \"x\")", "-1"),
        Case("lastIndexOf(\"banana\", \"na\")", "4"),
        Case("lastIndexOf(\"banana\", \"x\")", "-1"), Case("indexOf(\"aabaabaaab\", \"aaab\")", "6"),
        Case("indexOf(\"a\", \"\")", "0"),
        Case("length(\"👩‍👩‍👧é\")", "2"), Case("length(\"\")", "0"), Case("length(null)", "null"),
        Case("length(5)", "refused: typeMismatch"),
        Case("isEmpty(\"\")", "true"), Case("isEmpty(\"a\")", "false"), Case("isEmpty(null)", "false"),
        Case("isEmpty(#{profile.no})", "false"), Case("isNotEmpty(\"a\")", "true"),
        Case("lower(\"ÀB\")", #""àb""#), Case("upper(\"straße\")", #""STRASSE""#),
        Case("trim(\" \\t a b \\n\")", #""a b""#), Case("trim(\"  \")", #""""#),
        Case("capitalize(\"\")", #""""#), Case("padLeft(\"7\", 3, \"0\")", #""007""#),
        Case("padRight(\"7777\", 3, \"0\")", #""7777""#), Case("padLeft(\"7\", 99999, \"0\")", "error: outOfRange"),
        Case("substr(\"journey\", 2)", #""urney""#), Case("substr(\"journey\", 2, 4)", #""ur""#),
        Case("substr(\"journey\", -5, 2)", #""jo""#), Case("substr(\"journey\", 5, 99)", #""ey""#),
        Case("substr(\"journey\", 4, 2)", #""""#), Case("substr(\"a\", 9)", #""""#),
        Case("urlEncode(\"ä/?=~\")", #""%C3%A4%2F%3F%3D~""#), Case("base64(\"é\")", #""w6k=""#),
        Case("lower(#{profile.tier}) == \"gold\"", "true"), Case("upper(#{profile.orders})", "refused: typeMismatch"),
        Case("nothing(1)", "refused: unknownFunction"),
        Case("lower()", "refused: wrongArguments"), Case("lower(\"a\", \"b\")", "refused: wrongArguments"),
        Case("Lower(\"a\")", "refused: unknownFunction"),
    ]
}
