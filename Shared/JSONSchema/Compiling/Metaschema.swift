import Models

/// The schema of schemas, in one document, for schemas that refer to it.
enum Metaschema {
    static let address = "https://json-schema.org/draft/2020-12/schema"

    private static let here: JSONValue = ["$dynamicRef": "#meta"]
    private static let list: JSONValue = ["type": "array", "minItems": 1, "items": here]
    private static let table: JSONValue = ["type": "object", "additionalProperties": here]
    private static let text: JSONValue = ["type": "string"]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let count: JSONValue = ["type": "integer", "minimum": 0]
    private static let number: JSONValue = ["type": "number"]
    private static let names: JSONValue = ["type": "array", "items": text, "uniqueItems": true]
    private static let anchor: JSONValue = ["type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$"]
    private static let reference: JSONValue = ["type": "string", "format": "uri-reference"]
    private static let typeName: JSONValue = [
        "enum": ["array", "boolean", "integer", "null", "number", "object", "string"]
    ]
    private static let types: JSONValue = [
        "anyOf": [typeName, ["type": "array", "items": typeName, "minItems": 1, "uniqueItems": true]]
    ]

    static let document: JSONValue = [
        "$schema": .string(address), "$id": .string(address), "$dynamicAnchor": "meta", "type": ["object", "boolean"],
        "properties": .object(core.merged(with: applicator).merged(with: validation).merged(with: annotations)),
    ]

    private static let core: JSONObject = [
        "$id": ["type": "string", "format": "uri-reference", "pattern": "^[^#]*#?$"],
        "$schema": ["type": "string", "format": "uri"], "$ref": reference, "$dynamicRef": reference, "$anchor": anchor,
        "$dynamicAnchor": anchor, "$comment": text, "$defs": table,
        "$vocabulary": ["type": "object", "additionalProperties": flag], "definitions": table,
    ]
    private static let applicator: JSONObject = [
        "prefixItems": list, "items": here, "contains": here, "additionalProperties": here, "properties": table,
        "patternProperties": ["type": "object", "additionalProperties": here, "propertyNames": ["format": "regex"]],
        "dependentSchemas": table, "propertyNames": here, "if": here, "then": here, "else": here, "allOf": list,
        "anyOf": list, "oneOf": list, "not": here, "unevaluatedItems": here, "unevaluatedProperties": here,
    ]
    private static let validation: JSONObject = [
        "type": types, "const": true, "enum": ["type": "array"],
        "multipleOf": ["type": "number", "exclusiveMinimum": 0], "maximum": number, "exclusiveMaximum": number,
        "minimum": number, "exclusiveMinimum": number, "maxLength": count, "minLength": count,
        "pattern": ["type": "string", "format": "regex"], "maxItems": count, "minItems": count, "uniqueItems": flag,
        "maxContains": count, "minContains": count, "maxProperties": count, "minProperties": count, "required": names,
        "dependentRequired": ["type": "object", "additionalProperties": names],
    ]
    private static let annotations: JSONObject = [
        "title": text, "description": text, "default": true, "deprecated": flag, "readOnly": flag, "writeOnly": flag,
        "examples": ["type": "array"], "format": text, "contentEncoding": text, "contentMediaType": text,
        "contentSchema": here,
    ]
}

extension JSONObject {
    fileprivate func merged(with other: JSONObject) -> JSONObject {
        var result = self
        result.merge(other)
        return result
    }
}
