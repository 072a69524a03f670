import Models
import Testing

@testable import JSONSchema

@Suite("Schemas for people: inferred ones, fields, samples")
struct DesigningTests {
    @Test("A sample becomes a schema with types, formats and what is required, its array items merged")
    func inference() throws {
        let sample: JSONValue = [
            "_id": "1", "timestamp": "2026-01-01T10:00:00Z", "email": "ada@example.com", "birthday": "1990-05-01", "note": nil,
            "vip": true, "items": [["sku": "a", "price": 1], ["sku": "b", "price": 2.5, "gift": true]], "tags": [], "mixed": [1, "a", nil],
        ]
        let expected: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object",
            "required": ["_id", "timestamp"],
            "properties": [
                "_id": ["type": "string"], "timestamp": ["type": "string", "format": "date-time"],
                "email": ["type": ["string", "null"]], "birthday": ["type": ["string", "null"], "format": "date"],
                "note": true, "vip": ["type": ["boolean", "null"]],
                "items": [
                    "type": ["array", "null"],
                    "items": [
                        "type": ["object", "null"],
                        "properties": [
                            "sku": ["type": ["string", "null"]], "price": ["type": ["number", "null"]], "gift": ["type": ["boolean", "null"]],
                        ],
                    ],
                ],
                "tags": true, "mixed": ["type": ["array", "null"], "items": ["type": ["string", "number", "null"]]],
            ],
        ]
        #expect(SchemaInference.infer(sample: sample) == expected)
    }

    /// Changes of ``real``, each as the next event may have them; nil takes a member away.
    static let next: [(String, JSONValue?)] = [
        ("total", 19.99), ("total", nil), ("discount", 5), ("discount", "5%"), ("discount", nil), ("tags", ["new"]), ("tags", .null),
        ("items", [["sku": "c", "price": 7.25]]), ("items", []), ("items", [.null, ["sku": nil]]), ("extra", ["a": 1]), ("email", .null),
        ("email", ""), ("flag", nil), ("nested", ["a": ["b": 1]]), ("nested", nil), ("orderId", 7), ("orderId", 7.0), ("mixed", [true]),
    ]
    static let real: JSONValue = [
        "_id": "1", "timestamp": "2026-01-01T00:00:00Z", "who": "a", "total": 20, "discount": nil, "tags": [], "day": "2026-01-01",
        "items": [["sku": "a", "price": 5], ["sku": "b", "price": 5.5, "note": "n"]], "mixed": [1, "a", false], "nested": ["a": [:]],
        "flag": true, "email": "a@b.co", "orderId": 1001,
    ]

    @Test("The next real event is taken by the schema that was made of one", arguments: next)
    func nextOne(name: String, value: JSONValue?) throws {
        let schema = try CompiledSchema(SchemaInference.infer(sample: Self.real, keyPaths: [["who"]]))
        var object = Self.real.objectValue ?? [:]
        object[name] = value
        #expect(schema.validate(.object(object)).isEmpty)
    }

    @Test("What the key reads, _id and timestamp are required where the sample has them, and are not null", arguments: ["_id", "timestamp", "who"])
    func required(name: String) throws {
        let schema = try CompiledSchema(SchemaInference.infer(sample: Self.real, keyPaths: [["who"]]))
        for value in [nil, .null] as [JSONValue?] {
            var object = Self.real.objectValue ?? [:]
            object[name] = value
            #expect(schema.validate(.object(object)).count == 1)
        }
    }

    @Test("A number that is an id by its name, or that the key reads, is an integer; prices are numbers")
    func ids() throws {
        let sample: JSONValue = [
            "id": 1, "orderId": 2, "orderID": 3, "order_id": 4, "paid": 5, "price": 6, "customer": ["number": 7, "age": 8], "_id": 9,
        ]
        let schema = SchemaInference.infer(sample: sample, keyPaths: [["customer", "number"]])
        let properties = schema["properties"]
        for name in ["id", "orderId", "orderID", "order_id"] {
            #expect(properties?[name]?["type"] == ["integer", "null"], "\(name)")
        }
        for name in ["paid", "price"] { #expect(properties?[name]?["type"] == ["number", "null"], "\(name)") }
        #expect(properties?["_id"]?["type"] == "integer")
        #expect(properties?["customer"]?["properties"]?["number"]?["type"] == "integer")
        #expect(properties?["customer"]?["properties"]?["age"]?["type"] == ["number", "null"])
        #expect(properties?["customer"]?["required"] == ["number"] && schema["required"] == ["customer", "_id"])
    }

    @Test("Every sample is valid against the schema made of it")
    func inferenceHolds() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let sample = Self.value(&random, depth: 4)
            let schema = try CompiledSchema(SchemaInference.infer(sample: sample))
            #expect(schema.validate(sample).isEmpty, "seed \(seed): \(sample.text)")
        }
        let deep = (0..<120).reduce(JSONValue.integer(1)) { inner, _ in ["a": [inner]] }
        #expect(try CompiledSchema(SchemaInference.infer(sample: deep)).isValid(deep))
    }

    static let order: JSONValue = [
        "type": "object", "required": ["_id", "order"],
        "properties": [
            "_id": ["type": "string"], "timestamp": ["type": "string", "format": "date-time", "title": "When"],
            "order": ["$ref": "#/$defs/order"], "tags": ["type": "array", "items": ["type": "string"]], "anything": true,
        ],
        "$defs": [
            "order": [
                "allOf": [["type": "object", "required": ["total"], "properties": ["total": ["type": "number"]]]],
                "properties": [
                    "items": ["type": "array", "items": ["type": "object", "required": ["sku"], "properties": ["sku": ["type": ["string", "null"]]]]],
                    "parent": ["$ref": "#/$defs/order"],
                ],
            ]
        ],
    ]

    @Test("The fields of a schema are listed with path, type and whether they are required")
    func fields() throws {
        let fields = SchemaFields.fields(of: try CompiledSchema(Self.order))
        #expect(
            fields == [
                SchemaField(path: "_id", type: "string", required: true),
                SchemaField(path: "timestamp", type: "string", required: false, format: "date-time", title: "When"),
                SchemaField(path: "order", type: "object", required: true),
                SchemaField(path: "order.items", type: "array", required: false),
                SchemaField(path: "order.items[].sku", type: "string, null", required: false),
                SchemaField(path: "order.parent", type: "object", required: false),
                SchemaField(path: "order.parent.items", type: "array", required: false),
                SchemaField(path: "order.parent.items[].sku", type: "string, null", required: false),
                SchemaField(path: "order.parent.parent", type: "object", required: false),
                SchemaField(path: "order.parent.total", type: "number", required: false),
                SchemaField(path: "order.total", type: "number", required: true),
                SchemaField(path: "tags", type: "array", required: false),
                SchemaField(path: "tags[]", type: "string", required: false),
                SchemaField(path: "anything", type: "any", required: false),
            ])
    }

    @Test("Fields of alternatives are listed and not required")
    func alternatives() throws {
        let schema = try CompiledSchema([
            "oneOf": [["properties": ["a": ["type": "string"]], "required": ["a"]], ["properties": ["a": ["type": "integer"], "b": true]]]
        ])
        #expect(SchemaFields.fields(of: schema) == [
            SchemaField(path: "a", type: "string", required: false), SchemaField(path: "b", type: "any", required: false),
        ])
    }

    @Test("A sample is complete, takes what the schema gives, and is valid")
    func sample() throws {
        let schema = try CompiledSchema([
            "type": "object", "required": ["_id"],
            "properties": [
                "_id": ["type": "string", "examples": ["order-1"]], "timestamp": ["type": "string", "format": "date-time"],
                "currency": ["enum": ["EUR", "USD"]], "country": ["type": "string", "default": "KR"], "kind": ["const": "x"],
                "count": ["type": "integer", "minimum": 5], "total": ["type": "number"], "paid": ["type": "boolean"],
                "items": ["type": "array", "items": ["type": "object", "properties": ["sku": ["type": "string", "pattern": "^[A-Z]{3}-\\d+$"]]]],
            ],
        ])
        let sample = SchemaSample.sample(of: schema)
        #expect(
            sample == [
                "_id": "order-1", "timestamp": "2026-01-31T09:30:00Z", "currency": "EUR", "country": "KR", "kind": "x",
                "count": 5, "total": 1.5, "paid": true, "items": [["sku": "AAA-1"]],
            ])
        #expect(schema.validate(sample).isEmpty)
    }

    @Test(
        "A sample is valid",
        .timeLimit(.minutes(1)),
        arguments: [
            #"true"#, #"{}"#, #"{"type": "null"}"#, #"{"type": ["integer", "null"]}"#, #"{"minimum": 3.5, "maximum": 3.6}"#,
            #"{"type": "integer", "exclusiveMinimum": 10, "multipleOf": 7}"#, #"{"type": "number", "maximum": -3}"#,
            #"{"type": "number", "multipleOf": 0.05, "minimum": 0.92}"#, #"{"type": "string", "minLength": 40, "maxLength": 41}"#,
            #"{"type": "string", "maxLength": 1}"#, #"{"type": "string", "pattern": "^[a-f0-9]{8,}$", "minLength": 12}"#,
            #"{"type": "array", "minItems": 3, "uniqueItems": true, "items": {"type": "integer"}}"#,
            #"{"type": "array", "minItems": 2, "uniqueItems": true, "items": {"enum": ["a", "b", "c"]}}"#,
            #"{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}"#,
            #"{"type": "array", "contains": {"const": "x"}}"#, #"{"maxItems": 0}"#,
            #"{"oneOf": [{"type": "object", "required": ["a"], "properties": {"a": {"const": 1}}}, {"type": "string"}]}"#,
            #"{"type": "object", "properties": {"a": {"const": 1}}, "oneOf": [{"properties": {"a": {"const": 2}}}, {"required": ["b"]}]}"#,
            #"{"type": "object", "required": ["k", "x"], "properties": {"k": {"enum": ["p", "q"]}}, "if": {"properties": {"k": {"const": "p"}}}, "then": {"properties": {"x": {"type": "integer"}}}}"#,
            #"{"allOf": [{"type": "object", "properties": {"a": {"type": "string"}}}, {"properties": {"a": {"minLength": 9}}}]}"#,
            #"{"type": "object", "properties": {"a": true, "b": true, "c": true}, "maxProperties": 1, "required": ["b"]}"#,
            ##"{"type": "object", "properties": {"next": {"$ref": "#"}, "all": {"type": "array", "items": {"$ref": "#"}}}}"##,
        ])
    func samples(schema: String) throws {
        let schema = try CompiledSchema(try JSONValue.parse(schema))
        let sample = SchemaSample.sample(of: schema)
        #expect(schema.validate(sample).isEmpty, "\(sample.text)")
    }

    @Test("A schema that multiplies has a sample and a list of fields of bounded size", .timeLimit(.minutes(1)))
    func bounded() throws {
        let levels = (0..<40).map { level in
            (
                "d\(level)",
                JSONValue.object(["properties": ["a": ["$ref": .string("#/$defs/d\(level + 1)")], "b": ["$ref": .string("#/$defs/d\(level + 1)")]]])
            )
        }
        let schema = try CompiledSchema(["$ref": "#/$defs/d0", "$defs": .object(JSONObject(levels + [("d40", true)]))])
        #expect(SchemaFields.fields(of: schema).count <= SchemaBounds.fieldsMax)
        #expect(schema.isValid(SchemaSample.sample(of: schema)))
    }

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSONValue {
        switch Int.random(in: 0..<(depth == 0 ? 6 : 10), using: &random) {
        case 0: return nil
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: -5...5, using: &random))
        case 3: return .decimal(Double(Int.random(in: -9...9, using: &random)) / 2)
        case 4: return .string(["a", "2026-01-01", "a@b.c", "2026-01-01T00:00:00Z", ""].randomElement(using: &random) ?? "")
        case 5: return .exact("123456789012345678901234567890")
        case 6, 7: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth - 1) })
        default:
            return .object(JSONObject((0..<Int.random(in: 0...4, using: &random)).map { _ in
                (["a", "b", "c", "d/e"].randomElement(using: &random) ?? "a", value(&random, depth: depth - 1))
            }))
        }
    }
}
