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
        registry.addComponent("RowGroup", Self.rowGroup)
        registry.add(check, evaluate, complete, toRows, fromRows, functions)
    }

    private var check: RPCMethod {
        RPCMethod(
            "expressions.check", summary: "The type of an expression and its warnings, or where it is wrong.",
            description: Self.errorDescription(ExpressionError.Code.allCases.map(\.rawValue)), scope: .read,
            params: [
                .required("expression", .string, "The text."),
                .optional("expects", .string, "The type that is needed, such as boolean."),
                .optional("context", Self.context, "What is known: at a node of a journey's draft, or of an event."),
            ],
            result: .object(
                [("type", .string), ("warnings", .array(of: Self.warning))], required: ["type", "warnings"]),
            errors: [.expressionError, .notFound],
            example: RPCExample(
                params: ["expression": "1 + 2 > 2", "expects": "boolean"],
                result: ["type": "boolean", "warnings": []])
        ) { _, params throws(RPCError) in
            var scope = try await scope(params["context"]?.objectValue ?? JSONObject())
            scope.expects = try Self.expected(params["expects"] ?? params["context"]?["expects"])
            let compiled = try Self.compile(params["expression"]?.stringValue ?? "", scope)
            return [
                "type": .string(compiled.type.description), "warnings": .array(compiled.warnings.map(\.json)),
            ]
        }
    }

    private var functions: RPCMethod {
        RPCMethod(
            "expressions.functions", summary: "Every function with signatures, a sentence and an example.",
            scope: .read, result: .page(of: .object),
            example: RPCExample(params: [:], result: ["items": []])
        ) { _, _ throws(RPCError) in ["items": .array(FunctionTable.all.map(\.json))] }
    }

    // MARK: Parameters

    /// Where an expression stands.
    static let context: RPCSchema = .object([
        ("journey", RPCSchema.any.described("The name of a journey, or its document.")),
        ("node", RPCSchema.string.described("The node's id; without it, all that the journey's nodes give.")),
        ("event", RPCSchema.string.described("Without a journey: the one event that has occurred.")),
        ("own", RPCSchema.boolean.described("Whether it looks at the event itself, as rules, keys and filters do.")),
        ("sources", .boolean),
        ("audience", RPCSchema.boolean.described("Whether bare paths mean the profile, as in rules of audiences.")),
        ("expects", RPCSchema.string.described("The type that is needed.")),
    ])

    private static let warning: RPCSchema = .object([
        ("code", .string), ("line", .integer), ("column", .integer), ("length", .integer), ("text", .string),
        ("message", .string), ("suggestion", .string),
    ])

    static func expected(_ value: JSONValue?) throws(RPCError) -> ValueType? {
        guard let name = value?.stringValue else { return nil }
        if let type = ValueType(name: name) { return type }
        throw .invalidParams(path: "/expects", message: "\(name) is no type")
    }

    /// What may be used: at a node of a journey, or with one event and all sources.
    func scope(_ context: JSONObject) async throws(RPCError) -> ExpressionScope {
        try await place(context).scope
    }

    /// The scope with the configuration that it is made of.
    func place(_ context: JSONObject) async throws(RPCError) -> (scope: ExpressionScope, catalogue: Catalogue) {
        let catalogue: Catalogue
        do { catalogue = try await plans.catalogue() } catch { throw RPCError(error) }
        let document = JourneyDocument(try await journey(context))
        var scope = Plan.scope(at: context["node"]?.stringValue, in: document, catalogue: catalogue)
        scope.barePathsAreProfile = context["audience"] == true
        // The rule of an audience is over the profile alone.
        if scope.barePathsAreProfile { scope.experienceEvents = nil }
        if context["own"] == true, let event = ownEvent(context, document) {
            let alone = Plan.scope(at: nil, in: JourneyDocument(Self.journey(of: event)), catalogue: catalogue)
            scope.events[event] = alone.events[event]
            scope.ownEvent = event
        }
        return (scope, catalogue)
    }

    private func journey(_ context: JSONObject) async throws(RPCError) -> JSONObject {
        switch context["journey"] {
        case .object(let object)?: return object
        case .string(let name)?:
            let record = try await book.record(name)
            return record.draft ?? record.versions.last?.document ?? JSONObject()
        default:
            // One event is a journey that begins with it, seen from behind its entry.
            return context["event"]?.stringValue.map { Self.journey(of: $0) } ?? JSONObject()
        }
    }

    private static func journey(of event: String) -> JSONObject {
        ["name": "check", "nodes": [["id": "entry", "type": "event", "event": .string(event)]]]
    }

    /// That of the node, or the one that is named.
    private func ownEvent(_ context: JSONObject, _ document: JourneyDocument) -> String? {
        if let node = document.nodes.first(where: { .string($0.id) == context["node"] }),
            case .event(let step) = node.body
        {
            return step.event
        }
        return context["event"]?.stringValue
    }

    // MARK: Errors

    /// What the data of −32013 holds.
    static func errorDescription(_ codes: [String]) -> String {
        "The data of -32013 is {code, line, column, length, text, message, expected?, suggestion?}: line and column "
            + "count from 1, column and length in characters. Codes: \(codes.joined(separator: ", "))."
    }

    static func compile(_ text: String, _ scope: ExpressionScope) throws(RPCError) -> CompiledExpression {
        do { return try Expression.compile(text, in: scope) } catch { throw rpcError(error) }
    }

    static func rpcError(_ error: ExpressionError) -> RPCError {
        expressionError(error.line, error.column, error.message, error.json)
    }

    /// −32013 whose data is all that is known of the error: `{code, line, column, length, text, message, expected?,
    /// suggestion?}` and what the method adds.
    static func expressionError(
        _ line: Int, _ column: Int, _ message: String, _ data: JSONValue, adding more: JSONObject = [:]
    ) -> RPCError {
        var object = data.objectValue ?? [:]
        object.merge(more)
        return RPCError(.expressionError, "The expression is wrong at \(line):\(column): \(message)", data: object)
    }
}
