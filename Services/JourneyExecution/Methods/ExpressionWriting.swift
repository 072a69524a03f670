import Engine
import Expressions
import JSONRPC
import Models

/// `expressions.complete`, `.toRows` and `.fromRows`: what the editor's two forms ask.
extension ExpressionMethods {
    var complete: RPCMethod {
        RPCMethod(
            "expressions.complete", summary: "What may be written at the cursor, in an expression that may be broken.",
            description: """
                Offsets are UTF-16 code units from the begin, as a browser's text field tells them (selectionStart). \
                An item's insert takes the place of replace, which is the word at the cursor. Items that fit the type \
                needed there come first, then in the order of their labels; at most 200, and more: true where there \
                are more.
                """, scope: .read,
            params: [
                .required("expression", .string, "The text as it is so far."),
                .required("cursor", .integer(0...16_384), "In UTF-16 code units; beyond the text it is the end."),
                .optional("context", Self.context, "Where the expression stands."),
            ],
            result: .object(
                [("items", .array(of: Self.item)), ("replace", Self.range), ("more", .boolean)],
                required: ["items", "replace"]),
            errors: [.notFound],
            example: RPCExample(
                params: ["expression": "1 + rou", "cursor": 7],
                result: [
                    "items": [
                        [
                            "label": "round", "kind": "function", "insert": "round(", "type": "integer",
                            "documentation": "…", "signature": "round(number: numeric) → integer",
                        ]
                    ], "replace": ["from": 4, "to": 7],
                ])
        ) { _, params throws(RPCError) in
            let context = params["context"]?.objectValue ?? JSONObject()
            var (scope, catalogue) = try await place(context)
            scope.expects = try Self.expected(context["expects"])
            let text = params["expression"]?.stringValue ?? ""
            let cursor = Int(params["cursor"]?.integerValue ?? 0)
            return Completion(text, cursor: cursor, in: scope) { catalogue.note($0) }.json
        }
    }

    private static let range: RPCSchema = .object([("from", .integer), ("to", .integer)], required: ["from", "to"])

    private static let item: RPCSchema = .object(
        [
            ("label", .string),
            (
                "kind",
                .choice(
                    "field", "event", "source", "group", "action", "function", "keyword", "attribute", "audience",
                    "parameter", "method", "item")
            ),
            ("insert", .string), ("type", .string), ("documentation", .string), ("signature", .string),
        ], required: ["label", "kind", "insert"])

    // MARK: Rows

    static let rowGroup: RPCSchema = [
        "type": "object", "required": ["operator", "rows"],
        "description": "Rows that are joined by and or or; each is a row, or a group again.",
        "properties": [
            "operator": ["type": "string", "enum": ["and", "or"]], "not": ["type": "boolean"],
            "rows": [
                "type": "array", "minItems": 1,
                "items": [
                    "anyOf": [
                        ["$ref": "#/components/schemas/RowGroup"],
                        [
                            "type": "object", "required": ["operator"],
                            "properties": [
                                "field": ["type": "string", "description": "The text of a reference."],
                                "operator": [
                                    "type": "string", "enum": JSONValue(RowOperator.allCases.map(\.rawValue)),
                                ],
                                "value": [
                                    "description": "A literal, a list of literals, or {\"expression\": text}."
                                ],
                            ],
                        ],
                    ]
                ],
            ],
        ],
    ]

    private static let exampleRows: JSONValue = [
        "operator": "and", "not": false,
        "rows": [["field": "#{profile.tier}", "operator": "equals", "value": "gold"]],
    ]

    var toRows: RPCMethod {
        RPCMethod(
            "expressions.toRows", summary: "The simple form of a condition, or the reason why it has none.",
            description: """
                Nothing is checked but the form, unless a context is given: then a wrong expression is -32013, and \
                types says of which type each field is there. A text that is no expression has a reason too.
                """, scope: .read,
            params: [
                .required("expression", .string, "The text."),
                .optional("context", Self.context, "Where the expression stands."),
            ],
            result: .object([
                ("rows", .component("RowGroup")), ("types", .object), ("reason", .string), ("line", .integer),
                ("column", .integer), ("length", .integer),
            ]), errors: [.expressionError, .notFound],
            example: RPCExample(
                params: ["expression": "#{profile.tier} == \"gold\""], result: ["rows": Self.exampleRows])
        ) { _, params throws(RPCError) in
            let text = params["expression"]?.stringValue ?? ""
            let rows: RowGroup
            do throws(RowRefusal) { rows = try RowGroup(text) } catch { return error.json }
            guard let context = params["context"]?.objectValue else { return ["rows": rows.json] }
            let scope = try await scope(context)
            _ = try Self.compile(text, scope)
            var types: JSONObject = [:]
            for field in rows.fields {
                if let compiled = try? Expression.compile(field, in: scope) {
                    types[field] = .string(compiled.type.description)
                }
            }
            return ["rows": rows.json, "types": .object(types)]
        }
    }

    var fromRows: RPCMethod {
        RPCMethod(
            "expressions.fromRows", summary: "The text of a condition in its simple form.",
            description: "The text has the same rows again, in their normal form, and nothing of it is checked yet.",
            scope: .read, params: [.required("rows", .component("RowGroup"), "The outermost group.")],
            result: .object([("expression", .string)], required: ["expression"]),
            example: RPCExample(
                params: ["rows": Self.exampleRows], result: ["expression": "#{profile.tier} == \"gold\""])
        ) { _, params throws(RPCError) in
            let rows: RowGroup
            do throws(RowProblem) { rows = try RowGroup(json: params["rows"] ?? .null) } catch {
                throw .invalidParams(path: "/rows\(error.path)", message: error.message)
            }
            let text = rows.text
            // Many rows may be longer, or deeper, than an expression can be.
            do throws(RowRefusal) { _ = try RowGroup(text) } catch {
                throw .invalidParams(path: "/rows", message: "are no expression: \(error.reason)")
            }
            return ["expression": .string(text)]
        }
    }
}
