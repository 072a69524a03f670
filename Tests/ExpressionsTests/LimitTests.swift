import Models
import Testing

@testable import Expressions

/// What an evaluation may take and make. Each attack ends as an error, and soon.
@Suite("Limits of an evaluation")
struct LimitTests {
    static func profile() -> JSONObject {
        [
            "big": .string(String(repeating: "a", count: 600_000)),
            "short": .string(String(repeating: "a", count: 2000)),
            "long": .string(String(repeating: "a", count: 20_000)),
            "sharp": .string(String(repeating: "ß", count: 300_000)),
            "tower": .string("e" + String(repeating: "\u{301}", count: 100_000)),
            "many": JSONValueList.numbers(2000), "hundred": JSONValueList.numbers(100),
            "bigs": .array(Array(repeating: .string(String(repeating: "b", count: 100_000)), count: 100)),
            "nested": .array(Array(repeating: JSONValueList.numbers(1000), count: 200)),
            "objects": .array(Array(repeating: ["text": .string(String(repeating: "c", count: 100_000))], count: 100)),
        ]
    }

    @Test("What would be too large or take too long is an error", arguments: attacks)
    func attack(text: String, code: EvaluationError.Code) throws {
        var context = EvaluationValues(now: 0)
        context.profile = Self.profile()
        let compiled = try Expression.compile(text, in: ExpressionScope())
        let clock = ContinuousClock()
        let start = clock.now
        do throws(EvaluationFailure) {
            let value = try compiled.evaluate(in: context)
            Issue.record("It gives a value of weight \(value.weight).")
        } catch {
            guard case .error(let error) = error else { throw error }
            #expect(error.code == code)
            #expect(error.line == 1 && error.message.hasSuffix("."))
        }
        let duration = clock.now - start
        #expect(duration < .seconds(5), "it took \(duration)")
    }

    static let attacks: [(String, EvaluationError.Code)] = [
        ("#{profile.big} + #{profile.big}", .tooLong),
        ("concat(#{profile.big}, #{profile.big})", .tooLong),
        ("concat(#{profile.bigs})", .tooManySteps),
        (#"serializeList(#{profile.hundred}, #{profile.long}, false)"#, .tooLong),
        (#"replaceAll(#{profile.short}, "a", substr(#{profile.long}, 0, 700))"#, .tooLong),
        (#"replaceAll(#{profile.long}, "a", substr(#{profile.long}, 0, 700))"#, .tooLong),
        (#"replaceAll(#{profile.long}, "a", "b")"#, .tooManySteps),
        (
            #"replaceAll(#{profile.long}, "(.*)", "$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1")"#,
            .tooLong
        ),
        (#"padLeft("x", 10000, #{profile.tower})"#, .tooLong),
        ("toJSON([#{profile.big}, #{profile.big}])", .tooLong),
        ("toJSON(#{profile.objects})", .tooManySteps),
        ("urlEncode(#{profile.sharp})", .tooLong),
        ("base64(#{profile.big} + substr(#{profile.big}, 0, 300000))", .tooLong),
        (#"split(#{profile.big}, "")"#, .tooManySteps),
        (#"replaceAll(#{profile.long}, "a.*z|a", "b")"#, .tooManySteps),
        (#"matchRegExp(#{profile.big}, "(x+x+)+y|[a-z]{500}[0-9]{500}$")"#, .tooManySteps),
        (#"count(#{profile.many.all(matchRegExp("a", "x{100}" + currentDataPackField))}) > 0"#, .tooManySteps),
        ("distinct(#{profile.bigs})", .tooManySteps), ("sort(#{profile.bigs}, true)", .tooManySteps),
        ("count(#{profile.nested})", .tooManySteps),
        ("#{profile.nested} == #{profile.nested}", .tooManySteps),
        ("count(#{profile.many.all(#{profile.big} == #{profile.big})}) > 0", .tooManySteps),
        ("count(#{profile.many.all(count(#{profile.many}) > 0)}) > 0", .tooManySteps),
        (#"count(#{profile.hundred.all(contain(#{profile.big}, "b"))}) > 0"#, .tooManySteps),
    ]

    @Test("What is within the limits is a value")
    func within() throws {
        var context = EvaluationValues(now: 0)
        context.profile = Self.profile()
        func value(_ text: String) throws -> Value {
            try Expression.compile(text, in: ExpressionScope()).evaluate(in: context)
        }
        #expect(try value("length(#{profile.big} + #{profile.long})") == .integer(620_000))
        #expect(try value(#"listSize(split(#{profile.hundred.at(7)} + ",b", ","))"#) == .integer(2))
        #expect(try value(#"length(replaceAll(#{profile.long}, "a+", "b"))"#) == .integer(1))
        #expect(try value(#"matchRegExp(#{profile.big}, "b")"#) == .boolean(false))
        #expect(try value("length(padLeft(\"x\", 10000, \"é\"))") == .integer(10_000))
    }

    @Test("A pattern that is computed gives the same whenever it is kept or made")
    func computedPatterns() throws {
        var context = EvaluationValues(now: 0)
        context.profile = ["pattern": "a+"]
        let text = #"matchRegExp("caat", #{profile.pattern}) and matchRegExp("caat", #{profile.pattern} + "t")"#
        let compiled = try Expression.compile(text, in: ExpressionScope())
        for _ in 0..<3 { #expect(try compiled.evaluate(in: context) == .boolean(true)) }
    }
}
