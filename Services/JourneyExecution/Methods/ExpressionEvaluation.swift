import Expressions
import JSONRPC
import Models

/// `expressions.evaluate`: an expression tried over given values, with those of its parts.
extension ExpressionMethods {
    var evaluate: RPCMethod {
        RPCMethod(
            "expressions.evaluate", summary: "The value of an expression over the given values.",
            description: """
                Errors of checking and of evaluation are -32013; with parts, data.parts of an error of evaluation says \
                how far it came. A part has value, error, notEvaluated (an operator before it had decided) or omitted \
                (the values of all parts together are longer than 256 KiB); times, where it was evaluated for several \
                items, of which the last one's value is shown. At most 1,000 parts are looked at. \
                \(Self.errorDescription(EvaluationError.Code.allCases.map(\.rawValue))) Those of checking as of \
                expressions.check.
                """, scope: .read,
            params: [
                .required("expression", .string, "The text."),
                .optional(
                    "values", .object,
                    "{event: {Name: {…}}, profile, sources: {Source: {Group: {…}}}, actions, journey}"
                ),
                .optional("types", .object, "Types of fields, where they differ from what the values show."),
                .optional("now", .timestamp, "The time that now() gives; default: now."),
                .optional("timezone", .string, "The journey's zone; default UTC."),
                .optional("expects", .string, "The type that is needed."),
                .optional("parts", .boolean, "Whether the value of every part is answered too."),
                .optional("seed", .integer, "What random() and uuid() are drawn from; default 0."),
            ],
            result: .object(
                [("type", .string), ("value", .any), ("parts", .array(of: Self.part))], required: ["type", "value"]),
            errors: [.expressionError],
            example: RPCExample(
                params: [
                    "expression": "@event{orderPlaced.total} > 10",
                    "values": ["event": ["orderPlaced": ["total": 12]]], "parts": true,
                ],
                result: [
                    "type": "boolean", "value": true,
                    "parts": [
                        [
                            "line": 1, "column": 1, "length": 30, "text": "@event{orderPlaced.total} > 10",
                            "type": "boolean", "value": true,
                        ],
                        [
                            "line": 1, "column": 1, "length": 25, "text": "@event{orderPlaced.total}",
                            "type": "integer", "value": 12,
                        ],
                    ],
                ])
        ) { _, params throws(RPCError) in try evaluate(params) }
    }

    private static let part: RPCSchema = .object(
        [
            ("line", .integer), ("column", .integer), ("length", .integer), ("text", .string), ("type", .string),
            ("value", .any), ("error", .object), ("notEvaluated", .boolean), ("omitted", .boolean),
            ("times", .integer),
        ], required: ["line", "column", "length", "text", "type"])

    private func evaluate(_ params: JSONObject) throws(RPCError) -> JSONValue {
        let text = params["expression"]?.stringValue ?? ""
        let values = params["values"] ?? [:]
        var scope: ExpressionScope
        do { scope = try ExpressionScope.inferred(from: values, types: params["types"]) } catch {
            throw Self.rpcError(error)
        }
        scope.expects = try Self.expected(params["expects"])
        let facts = try facts(params, values)
        guard params["parts"] == true else {
            let compiled = try Self.compile(text, scope)
            do { return Self.answer(try compiled.evaluate(in: facts), compiled.type, nil) } catch {
                throw Self.failed(error, nil)
            }
        }
        let tried: TriedExpression
        do { tried = try TriedExpression(text, in: scope) } catch { throw Self.rpcError(error) }
        let (result, parts) = tried.evaluate(in: facts)
        let shown = Part.json(parts)
        do { return Self.answer(try result.get(), tried.compiled.type, shown) } catch {
            throw Self.failed(error, shown)
        }
    }

    private func facts(_ params: JSONObject, _ values: JSONValue) throws(RPCError) -> EvaluationValues {
        var now = book.clock()
        if let text = params["now"]?.stringValue {
            guard let time = ISO8601.parseDateTime(text) else {
                throw .invalidParams(path: "/now", message: "is no ISO 8601 time with zone or offset")
            }
            now = time.instant
        }
        guard let zone = Zone(identifier: params["timezone"]?.stringValue ?? "UTC") else {
            throw .invalidParams(path: "/timezone", message: "is no time zone that is known here")
        }
        var facts = EvaluationValues(values: values, now: now, zone: zone)
        facts.seed = UInt64(bitPattern: params["seed"]?.integerValue ?? 0)
        return facts
    }

    private static func answer(_ value: Value, _ type: ValueType, _ parts: JSONValue?) -> JSONValue {
        var answer: JSONObject = [:]
        answer["type"] = .string((type == .any ? value.type : type).description)
        answer["value"] = value.json
        if let parts { answer["parts"] = parts }
        return .object(answer)
    }

    private static func failed(_ failure: EvaluationFailure, _ parts: JSONValue?) -> RPCError {
        switch failure {
        case .error(let error):
            return expressionError(
                error.line, error.column, error.message, error.json, adding: parts.map { ["parts": $0] } ?? [:])
        case .needsLookups(let requests):
            let names = requests.map { "\($0.source).\($0.group)" }.joined(separator: ", ")
            return .invalidParams(path: "/values/sources", message: "has no values for \(names)")
        }
    }
}
