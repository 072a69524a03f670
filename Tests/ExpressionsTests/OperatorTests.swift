import Testing

@testable import Expressions

@Suite("Literals and operators")
struct OperatorTests {
    @Test("Literals have the value that they write", arguments: literals)
    func literalsTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let literals: [Case] = [
        Case("null", "null"), Case("true", "true"), Case("false", "false"),
        Case("42", "42"), Case("0", "0"), Case("007", "7"), Case("-42", "-42"),
        Case("9223372036854775807", "9223372036854775807"), Case("-9223372036854775808", "-9223372036854775808"),
        Case("9223372036854775808", "refused: numberOutOfRange"),
        Case("99999999999999999999", "refused: numberOutOfRange"),
        Case("3.14", "3.14"), Case("3.0", "3"), Case("1e3", "1000"), Case("2.5e-1", "0.25"),
        Case("1e999", "refused: numberOutOfRange"), Case("3.", "refused: unexpectedToken"),
        Case("1a", "refused: unexpectedToken"),
        Case(#""a""#, #""a""#), Case("'a'", #""a""#), Case(#"'"'"#, #""\"""#), Case(#""""#, #""""#),
        Case(#""\\ \" \' \n \t \r""#, #""\\ \" ' \n \t \r""#), Case(#""\u00e9""#, "\"é\""),
        Case(#""\ud83d\ude00""#, "\"😀\""), Case(#""\ud83d""#, "refused: unknownEscape"),
        Case(#""\x""#, "refused: unknownEscape"), Case(#""\u12g4""#, "refused: unknownEscape"),
        Case(#""a"#, "refused: unterminatedString"), Case(#""\"#, "refused: unknownEscape"),
        Case("\"two\nlines\"", #""two\nlines""#),
        Case(#"date("2021-02-19")"#, #""2021-02-19""#),
        Case(#"date("2021-02-19T08:00:00")"#, #""2021-02-19T08:00:00""#),
        Case(#"date("2021-02-19T08:00:00Z")"#, #""2021-02-19T08:00:00Z""#),
        Case(#"date("2021-02-19T08:00:00.250+02:00")"#, #""2021-02-19T08:00:00.250+02:00""#),
        Case(#"date("2021-02-19T08:00:00+01:00[Europe/Paris]")"#, #""2021-02-19T08:00:00+01:00""#),
        Case(#"date("2021-02-30")"#, "refused: invalidDate"), Case(#"date("soon")"#, "refused: invalidDate"),
        Case("date(1)", "refused: notConstant"), Case("date()", "refused: notConstant"),
        Case(#"toDuration("P2DT3H4M")"#, #""P2DT3H4M""#), Case(#"toDuration("-PT-6H+3M")"#, #""PT5H57M""#),
        Case("[1, 2, 3]", "[1,2,3]"), Case("[]", "[]"), Case("[1, 2.5]", "[1,2.5]"), Case("[1, null]", "[1,null]"),
        Case(#"[1, "a"]"#, "refused: typeMismatch"), Case("[[1], [2]]", "[[1],[2]]"),
        Case("1 -- the rest is said to readers", "1"), Case("-- first\n1 -- second\n + 2", "3"),
    ]

    @Test("Arithmetic follows types and precedence", arguments: arithmetic)
    func arithmeticTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let arithmetic: [Case] = [
        Case("1 + 2 * 3", "7"), Case("(1 + 2) * 3", "9"), Case("10 - 3 - 2", "5"), Case("2 * 3 % 4", "2"),
        Case("-2 + 5", "3"), Case("- (2 + 5)", "-7"), Case("3 - -2", "5"), Case("2 * -3", "-6"),
        Case("3 * 4.0", "12"), Case("8 / 2", "4"), Case("7 / 2", "3.5"), Case("7 % 3", "1"), Case("-7 % 3", "-1"),
        Case("7.5 % 2", "1.5"), Case("1 / 0", "0"), Case("1 % 0", "0"), Case("1.5 / 0.0", "0"),
        Case("9223372036854775807 + 1", "error: overflow"), Case("-9223372036854775808 - 1", "error: overflow"),
        Case("4611686018427387904 * 2", "error: overflow"), Case("- (-9223372036854775808)", "error: overflow"),
        Case("-9223372036854775808 % -1", "0"), Case("1e308 * 10", "error: overflow"),
        Case(#""a" + "b""#, #""ab""#), Case(#""a" + 1"#, #""a1""#), Case(#"1 + "a""#, #""1a""#),
        Case(#""x" + 8 / 2"#, #""x4""#), Case(#""x" + 2.5"#, #""x2.5""#), Case(#""is " + true"#, #""is true""#),
        Case(#""at " + date("2021-02-19T08:00:00+02:00")"#, #""at 2021-02-19T06:00:00Z""#),
        Case(#""for " + toDuration("PT90S")"#, #""for PT1M30S""#),
        Case(#""a" + [1]"#, "refused: typeMismatch"), Case(#""a" - "b""#, "refused: typeMismatch"),
        Case(#""a" * 2"#, "refused: typeMismatch"), Case("true + 1", "refused: typeMismatch"),
        Case("null + 1", "null"), Case("1 * null", "null"), Case(#""a" + null"#, "null"), Case("-null", "null"),
        Case("#{profile.missing} + 1", "null"), Case("#{profile.points} + 1", "121"),
        Case(#"#{profile.tier} + "!""#, #""gold!""#), Case("#{profile.tier} * 2", "refused: typeMismatch"),
        Case("- #{profile.tier}", "refused: typeMismatch"), Case("- #{profile.points}", "-120"),
        Case(#"date("2021-02-19T08:00:00Z") + toDuration("PT1H")"#, #""2021-02-19T09:00:00Z""#),
        Case(#"toDuration("P1D") + date("2021-02-19T08:00:00Z")"#, #""2021-02-20T08:00:00Z""#),
        Case(#"date("2021-02-19T08:00:00") - toDuration("P1D")"#, #""2021-02-18T08:00:00""#),
        Case(#"date("2021-02-19T08:00:00Z") - date("2021-02-19T06:00:00+01:00")"#, #""PT3H""#),
        Case(#"toDuration("PT1H") - toDuration("PT90M")"#, #""-PT30M""#),
        Case(#"- toDuration("PT1H")"#, #""-PT1H""#),
        Case(#"toDuration("PT1H") - date("2021-02-19T08:00:00Z")"#, "refused: typeMismatch"),
        Case(#"date("2021-02-19") + toDuration("P1D")"#, "refused: typeMismatch"),
        Case(#"date("9999-12-30T00:00:00Z") + toDuration("P9D")"#, "error: overflow"),
    ]

    @Test("Comparisons and logic follow the rules of null", arguments: logic)
    func logicTable(example: Case) throws {
        #expect(try World.outcome(example.text) == example.outcome)
    }

    static let logic: [Case] = [
        Case("1 == 1.0", "true"), Case("1 != 1.0", "false"), Case("2 > 1.5", "true"), Case("1.5 >= 1.5", "true"),
        Case("9007199254740993 == 9007199254740992.0", "false"), Case("9007199254740993 > 9007199254740992.0", "true"),
        Case("9223372036854775807 < 1e19", "true"), Case("-9223372036854775808 > -1e19", "true"),
        Case(#""a" < "b""#, "true"), Case(#""a" == 'a'"#, "true"), Case(#""a" == "A""#, "false"),
        Case("true == true", "true"), Case("true != false", "true"), Case("true > false", "refused: typeMismatch"),
        Case("[1, 2] == [1, 2.0]", "true"), Case("[1, 2] == [2, 1]", "false"),
        Case("[1] < [2]", "refused: typeMismatch"),
        Case(#"1 == "1""#, "refused: typeMismatch"), Case(#"1 < "2""#, "refused: typeMismatch"),
        Case(#"date("2021-02-19T08:00:00Z") == date("2021-02-19T09:00:00+01:00")"#, "true"),
        Case(#"date("2021-02-19") < date("2021-02-20")"#, "true"),
        Case(#"date("2021-02-19") < date("2021-02-20T00:00:00")"#, "refused: typeMismatch"),
        Case(#"toDuration("PT60M") == toDuration("PT1H")"#, "true"),
        Case(#"date("2021-02-19T08:00:00Z") > "2021""#, "refused: typeMismatch"),
        Case("null == null", "true"), Case("null != null", "false"), Case("1 == null", "false"),
        Case("1 != null", "true"),
        Case("1 > null", "false"), Case("null <= null", "false"),
        Case("#{profile.no} == #{profile.nothing}", "false"), Case("#{profile.no} != #{profile.nothing}", "false"),
        Case("#{profile.no} != 1", "true"), Case("#{profile.no} == 1", "false"), Case("#{profile.no} == null", "true"),
        Case("null == #{profile.no}", "true"), Case("#{profile.tier} != null", "true"),
        Case("1 + 1 == 2 and 3 > 2", "true"), Case("true or false and false", "true"),
        Case("(true or false) and false", "false"), Case("not true or true", "true"),
        Case("not (true or true)", "false"),
        Case("not 1 == 2", "true"), Case("not not true", "true"), Case("true == not false", "refused: unexpectedToken"),
        Case("false and 9223372036854775807 + 1 == 0", "false"), Case("true or 9223372036854775807 + 1 == 0", "true"),
        Case("9223372036854775807 + 1 == 0 and false", "error: overflow"),
        Case("null and true", "null"), Case("null and false", "false"), Case("null or true", "true"),
        Case("null or false", "null"), Case("not null", "null"),
        Case("1 and true", "refused: typeMismatch"), Case(#"not "a""#, "refused: typeMismatch"),
        Case("#{profile.tier} and true", "refused: typeMismatch"), Case("#{profile.no} and true", "null"),
        Case("1 is null", "false"), Case("null is null", "true"), Case("1 is not null", "true"),
        Case("#{profile.no} is null and true", "true"), Case("not #{profile.no} is null", "false"),
        Case("[1, null] has null", "true"), Case("[1] has null", "false"), Case("#{profile.holes} has null", "true"),
        Case("1 has null", "refused: typeMismatch"), Case("#{profile.no} has null", "null"),
        Case("1 is numeric", "true"), Case("1 is integer", "true"), Case("1 is decimal", "false"),
        Case("1.5 is decimal", "true"), Case("1.5 is integer", "false"), Case(#""1" is numeric"#, "false"),
        Case("null is numeric", "false"), Case("1 + 1.0 is decimal", "true"), Case("1 is", "refused: unexpectedEnd"),
        Case("1 is not numeric", "refused: unexpectedToken"), Case("1 is nul", "refused: unexpectedToken"),
        Case(#"if (true) then ("a") else ("b")"#, #""a""#), Case(#"if (1 > 2) then ("a") else ("b")"#, #""b""#),
        Case("if (null) then (1) else (2)", "2"), Case("if (true) then (1) else (2.5)", "1"),
        Case(#"if (true) then (1) else ("b")"#, "refused: typeMismatch"),
        Case("if (1) then (1) else (2)", "refused: typeMismatch"),
        Case("if (true) then (1) else (2) + 10", "11"), Case("if (false) then (1) else (null)", "null"),
        Case("if (true) then 1 else 2", "1"), Case("if (true) then (1)", "refused: unexpectedEnd"),
        Case("if (true) (1) else (2)", "refused: unexpectedToken"),
        Case("if (false) then (9223372036854775807 + 1) else (2)", "2"),
        Case("1 == 1 == true", "true"),
    ]
}
