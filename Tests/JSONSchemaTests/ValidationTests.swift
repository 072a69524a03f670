import Models
import Testing

@testable import JSONSchema

/// What 2020-12 has and draft 7, whose public cases are at hand everywhere, has not.
@Suite("Keywords of 2020-12")
struct ValidationTests {
    struct Case: Sendable, CustomStringConvertible {
        let schema: String
        let valid: [String]
        let invalid: [String]
        var description: String { schema }

        init(_ schema: String, valid: [String], invalid: [String]) {
            self.schema = schema
            self.valid = valid
            self.invalid = invalid
        }
    }

    private func hold(_ item: Case) throws {
        let schema = try CompiledSchema(try JSONValue.parse(item.schema))
        for (texts, isValid) in [(item.valid, true), (item.invalid, false)] {
            for text in texts {
                let value = try JSONValue.parse(text)
                #expect(schema.isValid(value) == isValid, "\(text)")
                #expect(schema.validate(value).isEmpty == isValid, "\(text)")
            }
        }
    }

    @Test(
        "Arrays",
        arguments: [
            Case(#"{"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}"#, valid: [#"["a", 1]"#, #"["a"]"#, "[]"], invalid: [#"["a", 1, 2]"#, "[1]"]),
            Case(#"{"contains": {"type": "integer"}, "minContains": 2, "maxContains": 3}"#, valid: ["[1, 2]", #"[1, "a", 2, 3]"#], invalid: ["[1]", "[1, 2, 3, 4]"]),
            Case(#"{"contains": {"type": "integer"}, "minContains": 0}"#, valid: ["[]", #"["a"]"#], invalid: []),
            Case(#"{"prefixItems": [true], "contains": {"type": "string"}, "unevaluatedItems": false}"#, valid: [#"[1, "a"]"#], invalid: [#"[1, "a", 2]"#]),
            Case(#"{"anyOf": [{"prefixItems": [{"const": 1}, true]}, {"prefixItems": [{"const": 1}]}], "unevaluatedItems": {"type": "string"}}"#, valid: [#"[1, 2, "a"]"#], invalid: ["[1, 2, 3]"]),
            Case(#"{"uniqueItems": true}"#, valid: [#"[1, "1", true, [1], {"a": 1}]"#, #"["\u00e9", "e\u0301"]"#], invalid: ["[1, 1.0]", #"[{"a": 1, "b": 2}, {"b": 2.0, "a": 1}]"#]),
        ])
    func arrays(item: Case) throws { try hold(item) }

    @Test(
        "Objects",
        arguments: [
            Case(#"{"dependentRequired": {"card": ["address"]}}"#, valid: ["{}", #"{"address": 1}"#, #"{"card": 1, "address": 2}"#], invalid: [#"{"card": 1}"#]),
            Case(#"{"dependentSchemas": {"card": {"required": ["address"]}}}"#, valid: ["{}"], invalid: [#"{"card": 1}"#]),
            Case(#"{"allOf": [{"properties": {"a": true}}], "properties": {"b": true}, "unevaluatedProperties": false}"#, valid: [#"{"a": 1, "b": 2}"#], invalid: [#"{"c": 1}"#]),
            Case(#"{"if": {"properties": {"kind": {"const": "x"}}, "required": ["kind"]}, "then": {"properties": {"x": true}}, "else": {"properties": {"y": true}}, "unevaluatedProperties": false}"#, valid: [#"{"kind": "x", "x": 1}"#, #"{"y": 1}"#], invalid: [#"{"kind": "x", "y": 1}"#, #"{"kind": "z"}"#]),
            Case(#"{"anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": true}}], "unevaluatedProperties": {"type": "integer"}}"#, valid: [#"{"a": 1, "b": "x"}"#, #"{"a": "x", "b": "y"}"#], invalid: [#"{"a": "x", "c": "y"}"#]),
            Case(#"{"not": {"properties": {"a": true}, "required": ["a"]}, "unevaluatedProperties": false}"#, valid: ["{}"], invalid: [#"{"b": 1}"#]),
            Case(#"{"propertyNames": {"maxLength": 2}, "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": {"type": "string"}}"#, valid: [#"{"xa": 1, "b": "c"}"#], invalid: [#"{"xa": "1"}"#, #"{"abc": "d"}"#, #"{"b": 1}"#]),
        ])
    func objects(item: Case) throws { try hold(item) }

    @Test(
        "References inside the document",
        arguments: [
            Case(##"{"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "string"}}, "maxLength": 2}"##, valid: [#""ab""#], invalid: [#""abc""#, "1"]),
            Case(##"{"properties": {"child": {"$ref": "#"}}, "additionalProperties": false}"##, valid: [#"{"child": {"child": {}}}"#], invalid: [#"{"child": {"x": 1}}"#]),
            Case(##"{"$id": "https://example.com/root/", "$defs": {"x": {"$id": "item", "$anchor": "i", "type": "integer"}}, "properties": {"a": {"$ref": "item"}, "b": {"$ref": "/root/item#i"}, "c": {"$ref": "https://example.com/root/./x/../item"}}}"##, valid: [#"{"a": 1, "b": 2, "c": 3}"#], invalid: [#"{"a": "1"}"#, #"{"b": "1"}"#, #"{"c": "1"}"#]),
            Case(##"{"$id": "urn:x:list", "$ref": "urn:x:base", "$defs": {"item": {"$dynamicAnchor": "item", "type": "integer"}, "base": {"$id": "urn:x:base", "items": {"$dynamicRef": "#item"}, "$defs": {"any": {"$dynamicAnchor": "item"}}}}}"##, valid: ["[1, 2]"], invalid: [#"["a"]"#]),
            Case(##"{"$ref": "https://json-schema.org/draft/2020-12/schema"}"##, valid: [#"{"type": "string", "properties": {"a": {"minLength": 1}}}"#, "true"], invalid: [#"{"properties": {"a": {"minLength": -1}}}"#, "1", #"{"allOf": []}"#]),
        ])
    func references(item: Case) throws { try hold(item) }

    @Test(
        "Numbers are exact",
        arguments: [
            Case(#"{"type": "integer"}"#, valid: ["1", "1.0", "1e3", "-0.0", "123456789012345678901234567890", "1e300"], invalid: ["1.5", "1e-3", #""1""#]),
            Case(#"{"multipleOf": 0.01}"#, valid: ["19.99", "0", "0.07", "1.1", "4.35", "1e300", "123456789012345678901234567890"], invalid: ["0.001", "19.995", "1e-300"]),
            Case(#"{"multipleOf": 3}"#, valid: ["9", "9.0", "123456789012345678901234567890", "3e30", "-9"], invalid: ["10", "123456789012345678901234567891", "4e30"]),
            Case(#"{"const": 9007199254740993}"#, valid: ["9007199254740993"], invalid: ["9007199254740992", "9007199254740992.0"]),
            Case(#"{"const": 1e20}"#, valid: ["100000000000000000000", "1e20"], invalid: ["100000000000000000001"]),
            Case(#"{"maximum": 18446744073709551615}"#, valid: ["18446744073709551615", "-18446744073709551616", "1.5"], invalid: ["18446744073709551616", "1e20"]),
            Case(#"{"exclusiveMinimum": -0.5, "exclusiveMaximum": 9223372036854775807}"#, valid: ["0", "9223372036854775806"], invalid: ["-0.5", "9223372036854775807", "1e19"]),
        ])
    func numbers(item: Case) throws { try hold(item) }

    @Test(
        "Strings are compared and counted by code points",
        arguments: [
            Case(#"{"const": "\u00e9"}"#, valid: [#""\u00e9""#], invalid: [#""e\u0301""#]),
            Case(#"{"minLength": 2, "maxLength": 2}"#, valid: [#""🐲🐲""#, #""e\u0301""#], invalid: [#""🐲""#, #""abc""#]),
        ])
    func strings(item: Case) throws { try hold(item) }

    @Test("Objects of many members and schemas of many properties are held like small ones")
    func large() throws {
        let names = (0..<200).map { "name\($0)" }
        let schema = try CompiledSchema([
            "required": JSONValue(names), "properties": .object(JSONObject(names.map { ($0, ["type": "integer"]) })),
        ])
        #expect(schema.isValid(.object(JSONObject(names.reversed().map { ($0, 1) }))))
        #expect(schema.validate(.object(JSONObject(names.dropLast().map { ($0, 1) }))).map(\.path) == ["/name199"])
    }
}
