import Definitions
import Engine
import Expressions
import JSONRPC
import Models

/// `expressions.*`: help while an expression is written.
struct ExpressionMethods {
    let book: JourneyBook
    let plans: PlanKeeper

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "expressions.check", summary: "The type of an expression and its warnings, or where it is wrong.",
                scope: .read,
                params: [
                    .required("expression", .string, "The text."),
                    .optional("expects", .string, "The type that is needed, such as boolean."),
                    .optional(
                        "context",
                        .object([
                            ("journey", .any), ("node", .string), ("event", .string), ("sources", .boolean),
                            ("expects", .string),
                        ]), "What is known: at a node of a journey's draft, or of an event."),
                ], result: .object([("type", .string), ("warnings", .array(of: .object))]),
                errors: [.expressionError, .notFound],
                example: RPCExample(
                    params: ["expression": "1 + 2 > 2", "expects": "boolean"],
                    result: ["type": "boolean", "warnings": []])
            ) { _, params throws(RPCError) in try await check(params) },
            RPCMethod(
                "expressions.evaluate", summary: "The value of an expression over the given values.", scope: .read,
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
                ], result: .object([("type", .string), ("value", .any)]), errors: [.expressionError],
                example: RPCExample(
                    params: [
                        "expression": "@event{orderPlaced.total} > 10",
                        "values": ["event": ["orderPlaced": ["total": 12]]],
                    ], result: ["type": "boolean", "value": true])
            ) { _, params throws(RPCError) in try evaluate(params) },
            RPCMethod(
                "expressions.functions", summary: "Every function with signatures, a sentence and an example.",
                scope: .read, result: .page(of: .object),
                example: RPCExample(params: [:], result: ["items": []])
            ) { _, _ throws(RPCError) in ["items": .array(FunctionTable.all.map(\.json))] })
    }

    private func expected(_ value: JSONValue?) throws(RPCError) -> ValueType? {
        guard let name = value?.stringValue else { return nil }
        if let type = ValueType(name: name) { return type }
        throw .invalidParams(path: "/expects", message: "\(name) is no type")
    }

    private func compile(_ text: String, _ scope: ExpressionScope) throws(RPCError) -> CompiledExpression {
        do { return try Expression.compile(text, in: scope) } catch { throw Self.rpcError(error) }
    }

    static func rpcError(_ error: ExpressionError) -> RPCError {
        .expressionError(line: error.line, column: error.column, message: error.message, suggestion: error.suggestion)
    }

    private func check(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        var scope = try await scope(params["context"]?.objectValue ?? JSONObject())
        scope.expects = try expected(params["expects"] ?? params["context"]?["expects"])
        let compiled = try compile(params["expression"]?.stringValue ?? "", scope)
        let warnings = compiled.warnings.map { warning -> JSONValue in
            [
                "code": .string("\(warning.code)"), "line": JSONValue(warning.line),
                "column": JSONValue(warning.column),
                "length": JSONValue(warning.length), "message": .string(warning.message),
            ]
        }
        return ["type": .string(compiled.type.description), "warnings": .array(warnings)]
    }

    /// What may be used: at a node of a journey, or with one event and all sources.
    private func scope(_ context: JSONObject) async throws(RPCError) -> ExpressionScope {
        let catalogue: Catalogue
        do { catalogue = try await plans.catalogue() } catch { throw RPCError(error) }
        let document: JSONObject
        switch context["journey"] {
        case .object(let object)?: document = object
        case .string(let name)?:
            let record = try await book.record(name)
            document = record.draft ?? record.versions.last?.document ?? JSONObject()
        default:
            // One event is a journey that begins with it, seen from behind its entry.
            guard let event = context["event"]?.stringValue else {
                return Plan.scope(at: nil, in: JourneyDocument(JSONObject()), catalogue: catalogue)
            }
            document = ["name": "check", "nodes": [["id": "entry", "type": "event", "event": .string(event)]]]
        }
        return Plan.scope(at: context["node"]?.stringValue, in: JourneyDocument(document), catalogue: catalogue)
    }

    private func evaluate(_ params: JSONObject) throws(RPCError) -> JSONValue {
        let values = params["values"] ?? [:]
        var scope: ExpressionScope
        do { scope = try ExpressionScope.inferred(from: values, types: params["types"]) } catch {
            throw Self.rpcError(error)
        }
        scope.expects = try expected(params["expects"])
        let compiled = try compile(params["expression"]?.stringValue ?? "", scope)
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
        do {
            let value = try compiled.evaluate(in: EvaluationValues(values: values, now: now, zone: zone))
            let type = compiled.type == .any ? value.type : compiled.type
            return ["type": .string(type.description), "value": value.json]
        } catch {
            switch error {
            case .error(let error):
                throw .expressionError(
                    line: error.line, column: error.column, message: error.message, suggestion: nil)
            case .needsLookups(let requests):
                let names = requests.map { "\($0.source).\($0.group)" }.joined(separator: ", ")
                throw .invalidParams(path: "/values/sources", message: "has no values for \(names)")
            }
        }
    }
}
