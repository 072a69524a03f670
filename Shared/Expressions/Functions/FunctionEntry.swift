import Models

/// One function of the language: how it is called, what it says of itself, and what it does. This is the one place
/// that the checker, the evaluator, the help and the test of all examples read.
package struct FunctionEntry: Sendable {
    package enum Group: String, Sendable, CaseIterable {
        case aggregation, conversion, date, list, math, string, audience, value

        /// As a heading.
        package var title: String {
            switch self {
            case .aggregation: "Counting and adding up"
            case .conversion: "Conversion"
            case .date: "Dates and times"
            case .list: "Lists"
            case .math: "Numbers"
            case .string: "Texts"
            case .audience: "Audiences"
            case .value: "Values and encodings"
            }
        }
    }

    /// What null as an argument means.
    enum Nulls {
        /// The result is null, and the evaluator is not called.
        case giveNull
        /// The evaluator takes them.
        case accepted
        /// The arguments are evaluated one after the other, until one is not null.
        case skipped
    }

    /// On what the result depends besides the arguments.
    enum Dependence {
        case arguments, time, seed, audiences
        /// The zone of the journey.
        case zone
    }

    typealias Evaluator = @Sendable (_ arguments: Arguments, _ run: inout Run) throws(FunctionFailure) -> Value

    package let name: String
    package let group: Group
    let forms: [Signature]
    /// One sentence.
    package let summary: String
    package let example: String
    /// What the example gives, as JSON text; nil where it is another each time.
    package let result: String?
    let nulls: Nulls
    let dependence: Dependence
    let evaluate: Evaluator

    init(
        _ name: String, _ group: Group, _ forms: [Signature], _ summary: String, example: String, result: String?,
        nulls: Nulls = .giveNull, dependence: Dependence = .arguments, evaluate: @escaping Evaluator
    ) {
        self.name = name
        self.group = group
        self.forms = forms
        self.summary = summary
        self.example = example
        self.result = result
        self.nulls = nulls
        self.dependence = dependence
        self.evaluate = evaluate
    }

    /// How it may be called, one text for each form: `limit(list: list, count: integer, fromStart?: boolean) → list`.
    package var signatures: [String] { forms.map { name + $0.description } }

    /// As `expressions.functions` gives it.
    package var json: JSONValue {
        [
            "name": .string(name), "group": .string(group.rawValue), "signatures": JSONValue(signatures),
            "summary": .string(summary), "example": .string(example), "result": JSONValue(result),
        ]
    }
}

/// Why a function has no result with its arguments.
struct FunctionFailure: Error {
    let code: EvaluationError.Code
    let message: String

    init(_ code: EvaluationError.Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
