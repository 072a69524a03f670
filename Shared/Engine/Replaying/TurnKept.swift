import Expressions
import Models

/// Expressions that read the person's kept events: what they came to is part of what the instance saw.
///
/// One item an evaluation: `{"value":true}`, `{"error":"typeMismatch","message":"…"}`, `{"ask":[{"source","group",
/// "parameters"}]}`, or `{"large":bytes}` where the value is too large to be recorded.
extension Turn {
    /// Bytes of a value that is recorded.
    private static let answerBytesMax = 16_384

    /// The value with what the context holds. Where the instance is run again, an expression over the kept events comes
    /// to what it came to then.
    func value(
        of expression: PlanExpression, for instance: String, _ plan: Plan
    ) throws(EvaluationFailure) -> Value {
        guard expression.readsKeptEvents, keepsInput(of: plan) else {
            return try expression.compiled.evaluate(in: context)
        }
        if surroundings != nil, let recorded = context.recordedAnswers.popFirst() {
            context.keptAnswers[instance, default: []].append(recorded)
            return try Self.value(recorded, of: expression)
        }
        do throws(EvaluationFailure) {
            let value = try expression.compiled.evaluate(in: context)
            context.keptAnswers[instance, default: []].append(Self.recorded(value))
            return value
        } catch {
            context.keptAnswers[instance, default: []].append(Self.recorded(error))
            throw error
        }
    }

    private static func recorded(_ value: Value) -> JSONValue {
        let json = value.json
        // Roughly counted first, since most are a truth or a number.
        guard json.weight > answerBytesMax else { return ["value": json] }
        return ["large": JSONValue(json.bytes.count)]
    }

    private static func recorded(_ failure: EvaluationFailure) -> JSONValue {
        switch failure {
        case .error(let error): ["error": .string(error.code.rawValue), "message": .string(error.message)]
        case .needsLookups(let requests):
            [
                "ask": .array(
                    requests.map {
                        [
                            "source": .string($0.source), "group": .string($0.group),
                            "parameters": .object($0.parameters),
                        ]
                    })
            ]
        }
    }

    private static func value(
        _ recorded: JSONValue, of expression: PlanExpression
    ) throws(EvaluationFailure) -> Value {
        if let asked = recorded["ask"]?.arrayValue {
            throw .needsLookups(
                asked.map {
                    LookupRequest(
                        source: $0["source"]?.stringValue ?? "", group: $0["group"]?.stringValue ?? "",
                        parameters: $0["parameters"]?.objectValue ?? [:])
                })
        }
        if let code = recorded["error"]?.stringValue.flatMap(EvaluationError.Code.init) {
            throw .error(EvaluationError(code: code, message: recorded["message"]?.stringValue ?? ""))
        }
        let value = Value(json: recorded["value"] ?? .null)
        return value.conformed(to: expression.compiled.type) ?? value
    }
}
