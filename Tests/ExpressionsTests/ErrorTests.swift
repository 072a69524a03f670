import Models
import Testing

@testable import Expressions

/// A text that is refused, and what is said about it.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let code: ExpressionError.Code
    let line: Int
    let column: Int
    let piece: String
    let suggestion: String?

    init(
        _ text: String, _ code: ExpressionError.Code, _ line: Int, _ column: Int, _ piece: String,
        _ suggestion: String? = nil
    ) {
        self.text = text
        self.code = code
        self.line = line
        self.column = column
        self.piece = piece
        self.suggestion = suggestion
    }

    var testDescription: String { text }
}

@Suite("Errors")
struct ErrorTests {
    @Test("A refusal says where, what and what to write instead", arguments: refusals)
    func refusal(example: Refusal) throws {
        let error = try #require(throws: ExpressionError.self) {
            try Expression.compile(example.text, in: World.scope())
        }
        #expect(error.code == example.code)
        #expect(error.line == example.line)
        #expect(error.column == example.column)
        #expect(error.text == example.piece)
        #expect(error.length == example.piece.count)
        #expect(error.suggestion == example.suggestion)
        #expect(error.message.hasSuffix("."))
    }

    static let refusals: [Refusal] = [
        Refusal("", .unexpectedEnd, 1, 1, ""),
        Refusal("1 +", .unexpectedEnd, 1, 4, ""),
        Refusal("1 2", .unexpectedToken, 1, 3, "2"),
        Refusal("1 == 1 AND 2 == 2", .unexpectedToken, 1, 8, "AND", "and"),
        Refusal("1 == 1 nad 2 == 2", .unexpectedToken, 1, 8, "nad", "and"),
        Refusal("1 == 1 && 2 == 2", .unexpectedCharacter, 1, 8, "&&", "and"),
        Refusal("1 == 1 || 2 == 2", .unexpectedCharacter, 1, 8, "||", "or"),
        Refusal("1 = 1", .unexpectedCharacter, 1, 3, "=", "=="),
        Refusal("1 <> 1", .unexpectedCharacter, 1, 3, "<>", "!="),
        Refusal("!true", .unexpectedCharacter, 1, 1, "!", "not"),
        Refusal("\"é\" + ü", .unexpectedCharacter, 1, 7, "ü"),
        Refusal("(1 + 2", .unexpectedEnd, 1, 7, ""),
        Refusal("1 +\n  lowr(\"A\")", .unknownFunction, 2, 3, "lowr", "lower"),
        Refusal("-- a comment\n\n  tier", .unknownName, 3, 3, "tier", "\"tier\""),
        Refusal("order.total > 1", .unknownName, 1, 1, "order", "@event{order.total}"),
        Refusal("profile.tier", .unknownName, 1, 1, "profile", "#{profile.tier}"),
        Refusal("weather.now.temp", .unknownName, 1, 1, "weather", "#{weather.now.temp}"),
        Refusal("sms.id", .unknownName, 1, 1, "sms", "@action{sms.id}"),
        Refusal("True", .unknownName, 1, 1, "True", "true"),
        Refusal("NULL", .unknownName, 1, 1, "NULL", "null"),
        Refusal("lower", .unknownName, 1, 1, "lower", "lower(…)"),
        Refusal("@event{ordr.total}", .unknownEvent, 1, 8, "ordr", "order"),
        Refusal("@evnt{order.total}", .unexpectedToken, 1, 1, "@evnt", "@event{"),
        Refusal("@event{order.3h}", .unexpectedToken, 1, 14, "3h", "'3h'"),
        Refusal("@event{order.total, defaultvalue: 1}", .unexpectedToken, 1, 21, "defaultvalue", "defaultValue"),
        Refusal("#{wether.now.temp}", .unknownSource, 1, 3, "wether", "weather"),
        Refusal("#{weather.mow.temp}", .unknownGroup, 1, 11, "mow", "now"),
        Refusal("@action{sns.id}", .unknownAction, 1, 9, "sns", "sms"),
        Refusal("@journey{journeyUid}", .unknownAttribute, 1, 10, "journeyUid", "journeyUID"),
        Refusal("@event{order.items.frist()}", .unknownFunction, 1, 20, "frist", "first"),
        Refusal(
            "@event{order.items.all(currentDataPackField.sku == 1)}", .wrongItem, 1, 24, "currentDataPackField",
            "currentEventField"),
        Refusal("1 == \"1\"", .typeMismatch, 1, 1, "1 == \"1\"", "toInteger(\"1\")"),
        Refusal(
            "now() > \"2021-02-19T08:00:00Z\"", .typeMismatch, 1, 1, "now() > \"2021-02-19T08:00:00Z\"",
            "date(\"2021-02-19T08:00:00Z\")"),
        Refusal(
            "#{profile.lastVisit} < now()", .typeMismatch, 1, 1, "#{profile.lastVisit} < now()",
            "toDateTime(#{profile.lastVisit})"),
        Refusal("toDuration(\"PT1H\") * 2", .typeMismatch, 1, 1, "toDuration(\"PT1H\") * 2"),
        Refusal("[1, \"a\"]", .typeMismatch, 1, 5, "\"a\"", "toInteger(\"a\")"),
        Refusal(
            "inLastHours(#{profile.lastVisit}, 1)", .typeMismatch, 1, 13, "#{profile.lastVisit}",
            "toDateTime(#{profile.lastVisit})"),
        Refusal("now(\"Europe/Pariss\")", .unknownZone, 1, 5, "\"Europe/Pariss\"", "\"Europe/Paris\""),
        Refusal("nowWithDelta(1, \"hour\")", .wrongArguments, 1, 17, "\"hour\"", "\"hours\""),
        Refusal(
            "date(#{profile.birthday})", .notConstant, 1, 1, "date(#{profile.birthday})",
            "toDateTime(#{profile.birthday})"),
    ]

    @Test("A field that a closed schema does not have is refused with the nearest one")
    func unknownField() throws {
        var scope = ExpressionScope()
        scope.events["order"] = Shape(sample: ["customer": ["name": "a"], "items": [["price": 1]]])
        func error(_ text: String) throws -> ExpressionError {
            try #require(throws: ExpressionError.self) { try Expression.compile(text, in: scope) }
        }
        let first = try error("true and\n@event{order.customer.nmae} == \"x\"")
        #expect(first.code == .unknownField && first.line == 2 && first.column == 23)
        #expect(first.suggestion == "name" && first.expected == "name")
        #expect(try error("@event{order.items.prise}").suggestion == "price")
        #expect(try error("#{profile.x, params: {a: 1}}").code == .unknownParameter)
    }

    @Test("Parameters of a source are checked against its definition")
    func parameters() throws {
        var scope = ExpressionScope()
        scope.sources["loyalty"] = [
            "account": .init(shape: .any, parameters: ["memberId", "year"], optional: ["year"])
        ]
        func code(_ text: String) -> ExpressionError.Code? {
            do {
                _ = try Expression.compile(text, in: scope)
                return nil
            } catch {
                return error.code
            }
        }
        #expect(code("#{loyalty.account.tier, params: {memberId: 1}}") == nil)
        #expect(code("#{loyalty.account.tier, params: {year: 2, memberId: 1}}") == nil)
        #expect(code("#{loyalty.account.tier}") == .missingParameter)
        #expect(code("#{loyalty.account.tier, params: {year: 1}}") == .missingParameter)
        #expect(code("#{loyalty.account.tier, params: {memberID: 1}}") == .unknownParameter)
        #expect(code("@journey{journeyUID}") == .notAvailable)
        #expect(code("#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.x}") == .notAvailable)
    }

    @Test("A result of another type than expected is refused, and one that shows late fails")
    func expectedType() throws {
        var scope = ExpressionScope()
        scope.expects = .boolean
        let error = try #require(throws: ExpressionError.self) { try Expression.compile("1 + 1", in: scope) }
        #expect(error.code == .typeMismatch && error.expected == "boolean" && error.text == "1 + 1")
        var context = EvaluationValues(now: 0)
        context.profile = ["flag": true, "text": "x", "at": "2021-02-19T08:00:00Z"]
        #expect(try Expression.compile("#{profile.flag}", in: scope).evaluate(in: context) == .boolean(true))
        #expect(try Expression.compile("#{profile.none}", in: scope).evaluate(in: context) == .null)
        #expect(throws: EvaluationFailure.self) {
            try Expression.compile("#{profile.text}", in: scope).evaluate(in: context)
        }
        scope.expects = .decimal
        #expect(try Expression.compile("2", in: scope).evaluate(in: context) == .decimal(2))
        scope.expects = .dateTime
        let time = try Expression.compile("#{profile.at}", in: scope).evaluate(in: context)
        #expect(time == .dateTime(DateTime(instant: 1_613_721_600_000)))
    }

    @Test("An evaluation error says where it happened")
    func evaluationError() throws {
        let compiled = try Expression.compile(
            "true and\n  #{profile.points} + 9223372036854775807 > 1", in: World.scope())
        do throws(EvaluationFailure) {
            _ = try compiled.evaluate(in: EvaluationValues(values: World.values, now: World.now))
            Issue.record("It overflows.")
        } catch {
            guard case .error(let error) = error else { throw error }
            #expect(error.code == .overflow && error.line == 2 && error.column == 3)
            #expect(error.text == "#{profile.points} + 9223372036854775807")
        }
    }

    @Test(
        "What can hardly be meant is warned of",
        arguments: [
            ("1 == 1", [ExpressionWarning.Code.constantCondition]),
            ("#{profile.points} > 1 and true", [.constantCondition]),
            ("#{profile.points} / 0 > 1", [.divisionByZero]), ("#{profile.points} % 0 > 1", [.divisionByZero]),
            ("toDuration(\"P1M\") is null", [.alwaysNull, .constantCondition]),
            ("#{profile.points} > null", [.neverTrue]),
            ("setHours(date(\"2021-02-19T08:00:00\"), 24) is null", [.alwaysFails]),
            ("if (1 > 2) then (1) else (#{profile.points})", [.constantCondition]), ("#{profile.points} > 1", []),
        ])
    func warnings(text: String, codes: [ExpressionWarning.Code]) throws {
        #expect(try Expression.compile(text, in: World.scope()).warnings.map(\.code) == codes)
    }

    @Test("Sixteen kibibytes, 64 levels and 100,000 steps are the limits")
    func limits() throws {
        let scope = try World.scope()
        func code(_ text: String) -> ExpressionError.Code? {
            do {
                _ = try Expression.compile(text, in: scope)
                return nil
            } catch {
                return error.code
            }
        }
        func nested(_ levels: Int, _ open: String, _ inner: String, _ close: String) -> String {
            String(repeating: open, count: levels) + inner + String(repeating: close, count: levels)
        }
        #expect(code(String(repeating: " ", count: 16 * 1024 - 1) + "1") == nil)
        #expect(code(String(repeating: " ", count: 16 * 1024) + "1") == .tooLong)
        #expect(code(nested(63, "(", "1", ")")) == nil)
        #expect(code(nested(64, "(", "1", ")")) == .tooDeep)
        #expect(code(nested(5000, "(", "1", ")")) == .tooDeep)
        #expect(code(nested(4000, "not ", "true", "")) == .tooDeep)
        #expect(code(nested(5000, "- ", "1", "")) == .tooDeep)
        #expect(code(nested(100, "[", "1", "]")) == .tooDeep)
        #expect(code(nested(100, "lower(", "\"a\"", ")")) == .tooDeep)
        #expect(code("1" + String(repeating: " == 1", count: 3000)) == .tooDeep)
        // Long chains of one operator are flat.
        #expect(code("1" + String(repeating: " + 1", count: 4000)) == nil)
        #expect(code("true" + String(repeating: " and true", count: 1700)) == nil)
        let many = JSONValueList.numbers(400)
        var context = EvaluationValues(now: 0)
        context.profile = ["many": many]
        let compiled = try Expression.compile(
            "count(#{profile.many.all(currentDataPackField > count(#{profile.many.all(currentDataPackField > 0)}))})",
            in: scope)
        do throws(EvaluationFailure) {
            _ = try compiled.evaluate(in: context)
            Issue.record("It takes more than 100,000 steps.")
        } catch {
            guard case .error(let error) = error else { throw error }
            #expect(error.code == .tooManySteps)
        }
    }
}
