import Models

/// A JSON Schema (2020-12) of a parameter or a result, as the discovery document shows it.
///
/// Parameters are checked against the part of it that ``ParameterShape`` knows.
package struct RPCSchema: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    package let json: JSONObject

    package init(_ json: JSONObject) { self.json = json }

    package init(dictionaryLiteral elements: (String, JSONValue)...) { json = JSONObject(elements) }

    /// The same with a sentence that says what it is.
    package func described(_ description: String) -> RPCSchema {
        var json = json
        json["description"] = .string(description)
        return RPCSchema(json)
    }
}

extension RPCSchema {
    package static let any: RPCSchema = [:]
    package static let string: RPCSchema = ["type": "string"]
    package static let integer: RPCSchema = ["type": "integer"]
    package static let number: RPCSchema = ["type": "number"]
    package static let boolean: RPCSchema = ["type": "boolean"]
    package static let object: RPCSchema = ["type": "object"]
    package static let name: RPCSchema = ["type": "string", "minLength": 1, "maxLength": 64]
    package static let timestamp: RPCSchema = ["type": "string", "format": "date-time"]
    package static let duration: RPCSchema = ["type": "string", "format": "duration"]
    package static let revision: RPCSchema = ["type": "integer", "minimum": 0]
    package static let cursor: RPCSchema = ["type": "string", "maxLength": 4096]
    package static let limit: RPCSchema = ["type": "integer", "minimum": 1, "maximum": 1000]

    package static func integer(_ range: ClosedRange<Int64>) -> RPCSchema {
        ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
    }

    package static func choice(_ words: String...) -> RPCSchema { choice(words) }

    package static func choice(_ words: [String]) -> RPCSchema {
        ["type": "string", "enum": JSONValue(words)]
    }

    package static func array(of items: RPCSchema) -> RPCSchema {
        ["type": "array", "items": .object(items.json)]
    }

    package static func object(_ properties: [(String, RPCSchema)], required: [String] = []) -> RPCSchema {
        var json: JSONObject = [
            "type": "object",
            "properties": .object(JSONObject(properties.map { ($0.0, JSONValue.object($0.1.json)) })),
        ]
        if !required.isEmpty { json["required"] = JSONValue(required) }
        return RPCSchema(json)
    }

    /// The answer of a list: `{items, cursor?}`.
    package static func page(of items: RPCSchema) -> RPCSchema {
        object([("items", array(of: items)), ("cursor", cursor)], required: ["items"])
    }

    /// A schema that is kept once in the document, under `components.schemas`.
    package static func component(_ name: String) -> RPCSchema {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    package static func nullable(_ schema: RPCSchema) -> RPCSchema {
        ["anyOf": [.object(schema.json), ["type": "null"]]]
    }
}
