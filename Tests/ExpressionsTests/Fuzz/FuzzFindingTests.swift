import Models
import Testing

@testable import Expressions

/// What random expressions brought to light.
@Suite("Findings of the fuzz")
struct FuzzFindingTests {
    private static let scope: ExpressionScope = {
        var scope = ExpressionScope()
        scope.profile = Shape(fields: [
            "d": .decimal, "i": .integer, "ds": .list(.decimal), "is": .list(.integer), "none": .decimal,
            "nones": .list(.decimal),
        ])
        return scope
    }()

    @Test(
        "An integer that stands for a decimal becomes one",
        arguments: [
            "max(#{profile.d}, count([1]))", "min(9, #{profile.d})", "coalesce(#{profile.none}, 1)",
            "coalesce(#{profile.none}, #{profile.i})",
        ])
    func decimals(text: String) throws {
        let value = try evaluate(text, .decimal)
        #expect(FuzzEvaluation.isOf(value, .decimal, strictly: true), "\(value)")
    }

    @Test(
        "Integers of a list that stands for decimals become such",
        arguments: [
            "coalesce(#{profile.nones}, [1])", "if (true) then (#{profile.is}) else (#{profile.ds})",
            "#{profile.nones, defaultValue: [1, 2]}", "[[1], [2.5]]",
        ])
    func lists(text: String) throws {
        let type: ValueType = text.hasPrefix("[") ? .list(.list(.decimal)) : .list(.decimal)
        let value = try evaluate(text, type)
        #expect(FuzzEvaluation.isOf(value, type, strictly: true), "\(value)")
    }

    private func evaluate(_ text: String, _ type: ValueType) throws -> Value {
        let compiled = try Expression.compile(text, in: Self.scope)
        #expect(compiled.type == type)
        var facts = EvaluationValues(now: 0)
        facts.profile = ["d": 0.5, "i": 7, "ds": [0.5], "is": [3, 4]]
        return try compiled.evaluate(in: facts)
    }
}
