import Models
import Testing

@testable import Expressions

@Suite("Look-ups")
struct LookupTests {
    static let scope: ExpressionScope = {
        var scope = ExpressionScope()
        for source in ["a", "b", "c"] {
            scope.sources[source] = [
                "g": .init(shape: .any, parameters: ["x", "y"], optional: ["x", "y"])
            ]
        }
        scope.hasJourney = true
        return scope
    }()

    /// The sources that an evaluation asks for, or the value that it gives without.
    private func round(_ text: String, _ known: [String: JSONValue] = [:], failed: Set<String> = []) throws -> String {
        var context = EvaluationValues(now: 0)
        context.profile = ["no": false, "yes": true, "text": "x", "list": [1, 2, 3]]
        for (source, data) in known {
            context.lookups[LookupRequest(source: source, group: "g", parameters: [:]).key] = .data(data)
        }
        for source in failed {
            context.lookups[LookupRequest(source: source, group: "g", parameters: [:]).key] = .failed
        }
        do {
            return try Expression.compile(text, in: Self.scope).evaluate(in: context).json.text
        } catch EvaluationFailure.needsLookups(let requests) {
            return "asks " + requests.map(\.source).joined(separator: " ")
        } catch EvaluationFailure.error(let error) {
            return "error: \(error.code.rawValue)"
        }
    }

    @Test(
        "One round asks for all that the value depends on, and for nothing else",
        arguments: [
            Case("#{a.g.v}", "asks a"), Case("#{a.g.v} == 1 and #{b.g.v} == 2", "asks a b"),
            Case("#{a.g.v} == 1 or #{b.g.v} == 2", "asks a b"), Case("#{a.g.v} + #{a.g.w} > 1", "asks a"),
            Case("false and #{a.g.v}", "false"), Case("#{a.g.v} and false", "false"),
            Case("#{profile.no} and #{a.g.v}", "false"),
            Case("#{a.g.v} and #{profile.no}", "false"), Case("true or #{a.g.v}", "true"),
            Case("#{a.g.v} or #{profile.yes}", "true"),
            Case("#{a.g.v} == 1 and #{b.g.v} == 2 and #{profile.no}", "false"),
            Case("not (#{a.g.v} and false)", "true"),
            Case("(#{a.g.v} and #{profile.no}) or #{b.g.v}", "asks b"), Case("#{profile.yes} and #{a.g.v}", "asks a"),
            Case("null and #{a.g.v}", "asks a"), Case("#{a.g.v} and null", "asks a"),
            Case("if (#{profile.yes}) then (#{a.g.v}) else (#{b.g.v})", "asks a"),
            Case("if (#{profile.no}) then (#{a.g.v}) else (#{b.g.v})", "asks b"),
            Case("if (#{a.g.v}) then (#{b.g.v}) else (1)", "asks a"),
            Case("if (#{a.g.v}) then (#{b.g.v}) else (#{b.g.v} + 1)", "asks a b"),
            Case("if (#{a.g.v}) then (#{b.g.v}) else (#{c.g.v})", "asks a"),
            Case("if (#{a.g.v}) then (2) else (2)", "2"),
            Case("[#{a.g.v}, #{b.g.v}]", "asks a b"), Case("concat(#{a.g.v}, #{b.g.v})", "asks a b"),
            Case("coalesce(#{profile.text}, #{a.g.v})", #""x""#), Case("coalesce(#{a.g.v}, #{b.g.v})", "asks a"),
            Case("#{a.g.v, defaultValue: #{b.g.v}}", "asks a"),
            Case("#{profile.none, defaultValue: #{b.g.v}}", "asks b"),
            Case("#{a.g.v, params: {x: #{b.g.v}}} == #{c.g.v}", "asks b c"),
            Case("#{a.g.v, params: {x: #{profile.no}}}", "asks a"),
            Case("#{profile.list.all(currentDataPackField > #{a.g.v})}", "asks a"),
            Case("#{profile.list.at(#{a.g.v})}", "asks a"),
            Case("#{profile.none.all(currentDataPackField > #{a.g.v})}", "null"),
            Case("#{a.g.v.all(currentDataPackField > #{b.g.v})}", "asks a"),
            Case("#{a.g.v} is null", "asks a"), Case("- #{a.g.v}", "asks a"), Case("#{a.g.v} > #{b.g.v}", "asks a b"),
            // An error beside an unknown counts only if the unknown does not decide.
            Case("#{a.g.v} and #{profile.text} > 5", "asks a"),
            Case("#{profile.text} > 5 and #{a.g.v}", "error: typeMismatch"),
            Case("#{a.g.v} + (0 - #{profile.text})", "error: typeMismatch"),
        ])
    func firstRound(example: Case) throws {
        #expect(try round(example.text) == example.outcome)
    }

    @Test(
        "The next round goes on with the answers",
        arguments: [
            Case("#{a.g.v} == 1 and #{b.g.v} == 2", "asks b"), Case("#{a.g.v} == 2 and #{b.g.v} == 2", "false"),
            Case("#{a.g.v} + 1", "2"), Case("#{a.g.none} is null", "true"),
            Case("if (#{a.g.v} == 1) then (#{b.g.v}) else (3)", "asks b"),
            Case("#{a.g.v} == 1 and #{profile.text} > 5", "error: typeMismatch"),
            Case("#{a.g.list.all(currentDataPackField > 1)}", "[2]"),
            Case("#{c.g.v} == 1", "error: lookupFailed"), Case("false and #{c.g.v} == 1", "false"),
            Case("#{c.g.v, defaultValue: 1}", "error: lookupFailed"),
        ])
    func secondRound(example: Case) throws {
        let answer: JSONValue = ["v": 1, "list": [1, 2]]
        #expect(try round(example.text, ["a": answer], failed: ["c"]) == example.outcome)
    }

    @Test("A request's key does not depend on the order of its parameters")
    func keys() throws {
        func requests(_ text: String) throws -> [LookupRequest] {
            do {
                _ = try Expression.compile(text, in: Self.scope).evaluate(in: EvaluationValues(now: 0))
                return []
            } catch EvaluationFailure.needsLookups(let requests) {
                return requests
            }
        }
        let one = try requests("#{a.g.v, params: {y: 1, x: \"s\"}}")
        #expect(one == (try requests("#{a.g.w, params: {x: \"s\", y: 2 / 2}}")))
        #expect(one[0].key == #"["a","g",{"x":"s","y":1}]"#)
        #expect(Array(one[0].parameters.keys) == ["x", "y"])
        #expect(try requests("#{a.g.v, params: {x: 1}} == #{a.g.v, params: {x: 2}}").count == 2)
        #expect(try requests("#{a.g.v, params: {x: date(\"2021-02-19\")}}")[0].parameters["x"] == "2021-02-19")
    }

    @Test("One round asks for at most 64 look-ups")
    func requestLimit() throws {
        var context = EvaluationValues(now: 0)
        context.profile = ["list": JSONValueList.numbers(65)]
        let compiled = try Expression.compile(
            "#{profile.list.all(#{a.g.v, params: {x: currentDataPackField}} == 1)}", in: Self.scope)
        do throws(EvaluationFailure) {
            _ = try compiled.evaluate(in: context)
            Issue.record("It needs 65 look-ups.")
        } catch {
            guard case .error(let error) = error else { throw error }
            #expect(error.code == .tooManyLookups)
        }
    }

    @Test("A draw is the same in each round, and another with another seed or place")
    func draws() throws {
        var context = EvaluationValues(now: 0)
        context.seed = 7
        let text = "(#{a.g.v} == 1 or random() < 0) or random() >= 0 and toString(random()) + \"!\" == #{a.g.w}"
        let compiled = try Expression.compile(text, in: Self.scope)
        #expect(throws: EvaluationFailure.self) { try compiled.evaluate(in: context) }
        func draw(_ text: String, seed: UInt64) throws -> JSONValue {
            context.seed = seed
            return try Expression.compile(text, in: Self.scope).evaluate(in: context).json
        }
        #expect(try draw("random()", seed: 7) == draw("random()", seed: 7))
        #expect(try draw("random()", seed: 7) != draw("random()", seed: 8))
        #expect(try draw("[random(), random()]", seed: 7)[0] != draw("[random(), random()]", seed: 7)[1])
        // The second place draws the same whether or not the first was reached.
        #expect(
            try draw("[random(), random()]", seed: 7)[1] == draw("if (false) then (random()) else (random())", seed: 7))
        #expect(try draw("substr(uuid(), 14, 15)", seed: 9) == "4")
    }
}
