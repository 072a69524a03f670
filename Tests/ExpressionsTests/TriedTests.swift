import Models
import Testing

@testable import Expressions

@Suite("Trying expressions")
struct TriedTests {
    private func parts(_ text: String) throws -> (result: Result<Value, EvaluationFailure>, parts: [Part]) {
        let tried = try TriedExpression(text, in: World.scope())
        return tried.evaluate(in: EvaluationValues(values: World.values, now: World.now))
    }

    /// `text = value` of each part, in order.
    private func shown(_ text: String) throws -> [String] {
        try parts(text).parts.map { part in
            let outcome =
                switch part.outcome {
                case .value(let value): value.json.text
                case .error(let error): "error \(error.code.rawValue)"
                case .notEvaluated: "not evaluated"
                }
            return "\(part.text): \(part.type) = \(outcome)" + (part.times > 1 ? " ×\(part.times)" : "")
        }
    }

    @Test("Every part tells its value, the outer before the inner, literals left out")
    func values() throws {
        #expect(
            try shown("@event{order.total} + 1 > 42 and #{profile.tier} == \"gold\"") == [
                "@event{order.total} + 1 > 42 and #{profile.tier} == \"gold\": boolean = true",
                "@event{order.total} + 1 > 42: boolean = true", "@event{order.total} + 1: decimal = 61.5",
                "@event{order.total}: decimal = 60.5", "#{profile.tier} == \"gold\": boolean = true",
                "#{profile.tier}: string = \"gold\"",
            ])
    }

    @Test(
        "What is not reached is marked",
        arguments: [
            ("false or true or @event{order.gift}", "@event{order.gift}"),
            ("if (true) then (1) else (length(\"a\"))", "(length(\"a\"))"),
            ("coalesce(1, length(\"a\"))", "length(\"a\")"),
        ])
    func notEvaluated(text: String, part: String) throws {
        #expect(try shown(text).contains { $0.hasPrefix(part) && $0.hasSuffix("not evaluated") })
    }

    @Test("Parts of constants are computed too")
    func constants() throws {
        #expect(try shown("1 + 2 * 3") == ["1 + 2 * 3: integer = 7", "2 * 3: integer = 6"])
        #expect(try shown("date(\"2021-02-19\")") == [])
        #expect(try shown("[1, -2]") == [])
    }

    @Test("A condition in a path tells what the last item gave, and how many there were")
    func items() throws {
        let shown = try shown("count(#{profile.numbers.all(currentDataPackField > 1)})")
        #expect(shown.contains("currentDataPackField > 1: boolean = true ×3"))
        #expect(shown.contains("currentDataPackField: integer = 2 ×3"))
    }

    @Test("An error stands at each part that it ended, and what came before has its value")
    func errors() throws {
        let shown = try shown("#{profile.points} + 9223372036854775807 > length(\"a\")")
        #expect(shown[0].hasSuffix("error overflow"))
        #expect(shown[1].hasSuffix("error overflow"))
        #expect(shown[2] == "#{profile.points}: integer = 120")
        #expect(shown[3].hasSuffix("not evaluated"))
    }

    @Test("Places count lines and characters")
    func places() throws {
        let parts = try parts("\"é\" ==\n  lower(\"É\")").parts
        #expect(parts.map(\.line) == [1, 2])
        #expect(parts.map(\.column) == [1, 3])
        #expect(parts.map(\.length) == [19, 10])
    }

    @Test("Values that are long together are left out")
    func bounds() throws {
        var values = World.values.objectValue ?? [:]
        values["profile"] = ["text": .string(String(repeating: "a", count: 200_000))]
        let text = "#{profile.text} == #{profile.text}"
        let tried = try TriedExpression(text, in: try ExpressionScope.inferred(from: .object(values)))
        let parts = tried.evaluate(in: EvaluationValues(values: .object(values), now: 0)).parts
        let json = Part.json(parts).arrayValue ?? []
        #expect(json.map { $0["omitted"] ?? false } == [false, false, true])
        #expect(json[2]["value"] == nil)
    }

    @Test("More parts than a thousand are evaluated without being noted")
    func many() throws {
        let text = Array(repeating: "(1+1)", count: 1_500).joined(separator: "+")
        let (result, parts) = try parts(text)
        #expect(try result.get() == .integer(3_000))
        #expect(parts.count == TriedExpression.partsMax)
    }
}
