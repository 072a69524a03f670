import Models

@testable import JSONSchema

/// Puts schemas of draft 7 into the words of 2020-12, where the same things are called and placed differently.
enum Draft7 {
    private static let lists = ["allOf", "anyOf", "oneOf"]
    private static let tables = ["definitions", "properties", "patternProperties"]

    static func translated(_ schema: JSONValue) -> JSONValue {
        guard case .object(let object) = schema else { return schema }
        // In draft 7 nothing beside a reference counts.
        if let reference = object["$ref"]?.stringValue {
            var alone: JSONObject = ["$ref": .string(address(reference))]
            if let definitions = object["definitions"] { alone["$defs"] = table(definitions) }
            return .object(alone)
        }
        var result = JSONObject()
        for (keyword, value) in object { translate(keyword, value, object, into: &result) }
        return .object(result)
    }

    private static func translate(_ keyword: String, _ value: JSONValue, _ object: JSONObject, into result: inout JSONObject) {
        switch keyword {
        case "$schema": result[keyword] = .string(Metaschema.address)
        case "$id":
            if let id = value.stringValue, id.hasPrefix("#") {
                result["$anchor"] = .string(String(id.dropFirst()))
            } else {
                result[keyword] = value
            }
        case "items":
            if case .array(let parts) = value {
                if !parts.isEmpty { result["prefixItems"] = .array(parts.map(translated)) }
                if let rest = object["additionalItems"] { result["items"] = translated(rest) }
            } else {
                result[keyword] = translated(value)
            }
        case "additionalItems": break
        case "dependencies": translateDependencies(value, into: &result)
        case "definitions": result["$defs"] = table(value)
        case _ where lists.contains(keyword): result[keyword] = .array((value.arrayValue ?? []).map(translated))
        case _ where tables.contains(keyword): result[keyword] = table(value)
        case _ where SchemaIndex.single.contains(keyword): result[keyword] = translated(value)
        default: result[keyword] = value
        }
    }

    private static func table(_ value: JSONValue) -> JSONValue {
        guard case .object(let parts) = value else { return value }
        return .object(JSONObject(parts.map { ($0.key, translated($0.value)) }))
    }

    private static func translateDependencies(_ value: JSONValue, into result: inout JSONObject) {
        for (name, dependency) in value.objectValue ?? [:] {
            let keyword = dependency.arrayValue == nil ? "dependentSchemas" : "dependentRequired"
            var table = result[keyword]?.objectValue ?? [:]
            table[name] = translated(dependency)
            result[keyword] = .object(table)
        }
    }

    private static func address(_ reference: String) -> String {
        if reference.hasPrefix("http://json-schema.org/draft-07/schema") { return Metaschema.address }
        return reference.replacing("/definitions/", with: "/$defs/").replacing("#/items/", with: "#/prefixItems/")
    }
}
