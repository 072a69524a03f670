import Models

/// What one part of an expression gave when it was tried.
package struct Part: Sendable {
    package enum Outcome: Sendable {
        case value(Value)
        case error(EvaluationError)
        /// An operator before it had decided, or it waits for a look-up.
        case notEvaluated
    }

    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// In characters.
    package let length: Int
    package let text: String
    /// As it was checked; of what is known at run time only, the type of its value.
    package let type: ValueType
    package let outcome: Outcome
    /// How often it was evaluated: a condition inside a path once for each item. The outcome is the last one's.
    package let times: Int
}

/// An expression whose parts can be looked at, to see why it gives what it gives. It does the same as the compiled one,
/// more slowly: what is constant is computed each time, and each value is kept.
package struct TriedExpression: Sendable {
    /// Parts that are looked at; the rest of a longer expression is evaluated without being noted.
    package static let partsMax = 1_000

    package let compiled: CompiledExpression
    private let plans: [Plan]

    struct Plan: Sendable {
        let span: Span
        let type: ValueType
    }

    /// Parses, checks and compiles an expression as ``Expression/compile(_:in:)`` does, with all its parts kept.
    package init(_ text: String, in scope: ExpressionScope) throws(ExpressionError) {
        let syntax = try Parser.parse(text)
        var compiler = Compiler(text, scope)
        compiler.traced = []
        compiled = try compiler.expression(syntax, text)
        plans = compiler.traced ?? []
    }

    /// The value, or why there is none, and what each part gave, in the order of the text, the outer before the inner.
    package func evaluate(
        in facts: some EvaluationContext
    ) -> (result: Result<Value, EvaluationFailure>, parts: [Part]) {
        let tracer = TracingContext(facts, parts: plans.count)
        var run = Run(context: tracer)
        let result: Result<Value, EvaluationFailure>
        do {
            let value = try compiled.root.evaluate(&run)
            result = value.map { .success($0) } ?? .failure(.needsLookups(run.requests))
        } catch {
            result = .failure(.error(compiled.located(error)))
        }
        let order = plans.indices.sorted { one, other in
            let (one, other) = (plans[one].span, plans[other].span)
            return (one.start, -one.end) < (other.start, -other.end)
        }
        return (result, order.map { part($0, tracer) })
    }

    private func part(_ place: Int, _ tracer: TracingContext) -> Part {
        let plan = plans[place]
        let position = TextPosition(of: plan.span, in: Array(compiled.text.utf8))
        var type = plan.type
        let outcome: Part.Outcome
        switch tracer.outcomes[place] {
        case .value(let value)?:
            if type == .any { type = value.type }
            outcome = .value(value)
        case .fault(let fault)?: outcome = .error(compiled.located(fault))
        case nil: outcome = .notEvaluated
        }
        return Part(
            line: position.line, column: position.column, length: position.length, text: position.piece, type: type,
            outcome: outcome, times: tracer.begun[place])
    }
}

extension Compiler {
    /// With a node that tells what it gives, where parts are looked at and this is one: literals are none.
    mutating func noted(_ piece: Piece, _ syntax: Syntax) -> Piece {
        guard let count = traced?.count, count < TriedExpression.partsMax, !syntax.isLiteral else { return piece }
        traced?.append(TriedExpression.Plan(span: syntax.span, type: piece.type))
        var piece = piece
        piece.node = TracedNode(piece.node, place: count)
        return piece
    }
}

extension Syntax {
    /// Whether it stands for one value by its text alone: dates and lists of literals too.
    var isLiteral: Bool {
        switch kind {
        case .literal: true
        case .list(let items): items.allSatisfy(\.isLiteral)
        case .call("date", _, _): true
        default: false
        }
    }
}

extension Part {
    /// Bytes of the values of all parts together; a value that would go beyond is left out and says so.
    package static let valueBytesMax = 256 * 1024

    /// As `expressions.evaluate` answers parts: `{line, column, length, text, type}` and one of `value`, `error`,
    /// `notEvaluated: true` and `omitted: true` (the value is too long); `times` where it is not 1.
    package static func json(_ parts: [Part]) -> JSONValue {
        var bytesLeft = valueBytesMax
        return .array(parts.map { $0.json(&bytesLeft) })
    }

    private func json(_ bytesLeft: inout Int) -> JSONValue {
        var object: JSONObject = [:]
        object["line"] = JSONValue(line)
        object["column"] = JSONValue(column)
        object["length"] = JSONValue(length)
        object["text"] = .string(text)
        object["type"] = .string(type.description)
        switch outcome {
        case .value(let value):
            let json = value.json
            let bytes = json.bytes.count
            if bytes <= bytesLeft {
                bytesLeft -= bytes
                object["value"] = json
            } else {
                object["omitted"] = true
            }
        case .error(let error): object["error"] = error.json
        case .notEvaluated: object["notEvaluated"] = true
        }
        if times > 1 { object["times"] = JSONValue(times) }
        return .object(object)
    }
}
