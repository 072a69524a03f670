import Models
import Testing

@testable import JSONSchema

@Suite("Schemas that cannot be taken")
struct CompilingTests {
    @Test(
        "A wrong keyword is refused at its place",
        arguments: [
            (#"3"#, ""), (#"{"properties": {"a": 1}}"#, "/properties/a"), (#"{"type": "text"}"#, "/type"),
            (#"{"type": []}"#, "/type"), (#"{"type": ["string", "string"]}"#, "/type"), (#"{"minLength": -1}"#, "/minLength"),
            (#"{"maxItems": 1.5}"#, "/maxItems"), (#"{"minimum": "1"}"#, "/minimum"), (#"{"multipleOf": 0}"#, "/multipleOf"),
            (#"{"required": "a"}"#, "/required"), (#"{"required": ["a", "a"]}"#, "/required"),
            (#"{"required": [1]}"#, "/required"), (#"{"enum": 1}"#, "/enum"), (#"{"properties": []}"#, "/properties"),
            (#"{"items": [{}]}"#, "/items"), (#"{"allOf": []}"#, "/allOf"), (#"{"allOf": {}}"#, "/allOf"),
            (#"{"uniqueItems": 1}"#, "/uniqueItems"), (#"{"format": 1}"#, "/format"), (#"{"pattern": "(a"}"#, "/pattern"),
            (#"{"patternProperties": {"a(?=b)/": {}}}"#, "/patternProperties/a(?=b)~1"),
            (#"{"dependentRequired": {"a": 1}}"#, "/dependentRequired"), (#"{"$anchor": "1"}"#, "/$anchor"),
            (#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#, "/$defs/b/$anchor"),
            (#"{"$defs": {"a": {"$id": "x"}, "b": {"$id": "x"}}}"#, "/$defs/b/$id"), (#"{"$id": "a#b"}"#, "/$id"),
            (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema"),
        ])
    func keywords(schema: String, pointer: String) throws {
        let document = try JSONValue.parse(schema)
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(document) }
        #expect(error?.pointer == pointer)
    }

    @Test(
        "A reference that leads nowhere, outside, or round in a circle is refused",
        arguments: [
            (##"{"$ref": "#/$defs/a"}"##, "/$ref"), (##"{"$ref": "#name"}"##, "/$ref"), (##"{"items": {"$ref": "#/%zz"}}"##, "/items/$ref"),
            (##"{"$ref": "https://example.com/other.json"}"##, "/$ref"), (##"{"properties": {"a": {"$ref": "file:///etc/passwd"}}}"##, "/properties/a/$ref"),
            (##"{"$dynamicRef": "#nothing"}"##, "/$dynamicRef"), (##"{"$ref": 1}"##, "/$ref"), (##"{"$ref": "#"}"##, ""),
            (##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}"##, "/$defs/b/allOf/0"),
            (##"{"anyOf": [{"type": "string"}, {"not": {"$ref": "#"}}]}"##, "/anyOf/1/not"),
        ])
    func references(schema: String, pointer: String) throws {
        let document = try JSONValue.parse(schema)
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(document) }
        #expect(error?.pointer == pointer)
    }

    @Test("A reference outside says what to do instead")
    func remote() {
        let error = #expect(throws: SchemaError.self) { try CompiledSchema(["$ref": "https://example.com/a"]) }
        #expect(error?.reason.contains("copy that schema to $defs") == true)
    }

    @Test("Keywords of XDM and unknown ones are annotations")
    func annotations() throws {
        let schema = try CompiledSchema([
            "meta:extends": [1], "xdm:type": 3, "something": ["$ref": "#/nowhere"], "type": "object",
        ])
        #expect(schema.isValid([:]))
    }

    @Test("A schema may be nested and chained as far as the bounds say, and no further")
    func bounds() throws {
        let nested = (0...SchemaBounds.nestingMax).reduce(JSONValue.bool(true)) { inner, _ in ["items": inner] }
        #expect(throws: SchemaError.self) { try CompiledSchema(nested) }
        let links = (0..<5_000).map { ("d\($0)", JSONValue.object(["$ref": .string("#/$defs/d\($0 + 1)")])) }
        let chain: JSONValue = ["$ref": "#/$defs/d0", "$defs": .object(JSONObject(links + [("d5000", ["type": "string"])]))]
        let schema = try CompiledSchema(chain)
        #expect(schema.validate("a").map(\.path) == [""])
        let many = JSONValue.array(Array(repeating: true, count: SchemaBounds.nodesMax + 1))
        #expect(throws: SchemaError.self) { try CompiledSchema(["anyOf": many]) }
    }

    @Test("References that multiply end at a bound", .timeLimit(.minutes(1)))
    func multiplication() throws {
        let levels = (0..<60).map { level in
            ("d\(level)", JSONValue.object(["allOf": [["$ref": .string("#/$defs/d\(level + 1)")], ["$ref": .string("#/$defs/d\(level + 1)")]]]))
        }
        let bomb: JSONValue = ["$ref": "#/$defs/d0", "$defs": .object(JSONObject(levels + [("d60", true)]))]
        var check = SchemaCheck(tree: try CompiledSchema(bomb).tree, isReporting: false, checksMax: 50_000)
        let isValid = check.run(1)
        #expect(!isValid)
        #expect(check.problems.map(\.path) == [""])
        #expect(check.exhausted?.contains("steps") == true)
    }
}
