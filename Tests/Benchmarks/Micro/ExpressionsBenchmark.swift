import Expressions
import Models

/// Evaluating and compiling the condition of the standard journey, and some larger ones.
enum ExpressionsBenchmark {
    private struct Facts: EvaluationContext {
        let now: Int64 = 1_767_225_600_000
        let profile: JSONObject
        let order: JSONValue

        func event(_ name: String) -> JSONValue? { name == "orderPlaced" ? order : nil }
    }

    private static let others = [
        ##"#{profile.tier} == "gold" and @event{orderPlaced.order.total} > 50"##,
        ##"concat("Thank you, ", #{profile.firstName})"##,
        #"sum(@event{orderPlaced.order.items.price}) > 10"#,
        #"inLastDays(now(), 3)"#,
        #"getHour(now("Europe/Paris")) < 12"#,
        ##"matchRegExp(#{profile.firstName}, "^[A-Z][a-z]+$")"##,
    ]

    static func run() throws -> Report {
        let event = try JSONValue.parse(StandardJourney.eventBody(person: 4_711, run: "bench"))
        var scope = ExpressionScope()
        scope.events["orderPlaced"] = Shape(sample: event)
        let facts = Facts(profile: StandardJourney.attributes(person: 4_711), order: event)
        var report = Report("expressions")
        try add(StandardJourney.condition, scope, facts, &report, evaluateTarget: "≤ 1", compileTarget: "≤ 50")
        for text in others { try add(text, scope, facts, &report) }
        report.settings = ["processor time of one thread, best of 5 rounds"]
        return report
    }

    private static func add(
        _ text: String, _ scope: ExpressionScope, _ facts: Facts, _ report: inout Report,
        evaluateTarget: String = "", compileTarget: String = ""
    ) throws {
        let compiled = try Expression.compile(text, in: scope)
        _ = try compiled.evaluate(in: facts)
        var kept = 0
        let evaluate = ThreadTime.microseconds(calls: 100_000) {
            if let value = try? compiled.evaluate(in: facts), !value.isNull { kept += 1 }
        }
        let compile = ThreadTime.microseconds(calls: 2_000) {
            if (try? Expression.compile(text, in: scope)) != nil { kept += 1 }
        }
        report.add("evaluate \(text), µs", Figure.fraction(evaluate), target: evaluateTarget)
        report.add("compile it, µs", Figure.fraction(compile, 1), target: compileTarget)
        report.isSound = report.isSound && kept == 5 * 102_000
    }
}
