import Models
import Testing

@testable import Expressions

@Suite("Shapes")
struct ShapeTests {
    private func type(_ schema: JSONValue, _ path: String...) -> String? {
        Shape(schema: schema).type(at: path)?.description
    }

    @Test("A schema's properties have the types that it gives")
    func properties() {
        let schema: JSONValue = [
            "type": "object",
            "properties": [
                "text": ["type": "string"], "whole": ["type": "integer"], "number": ["type": "number"],
                "flag": ["type": "boolean"], "at": ["type": "string", "format": "date-time"],
                "day": ["type": "string", "format": "date"], "span": ["type": "string", "format": "duration"],
                "mail": ["type": "string", "format": "email"], "maybe": ["type": ["string", "null"]],
                "either": ["type": ["string", "integer"]], "open": ["type": "object"], "anything": [:], "yes": true,
                "map": ["type": "object", "additionalProperties": ["type": "integer"]],
                "state": ["enum": ["open", "paid"]], "kind": ["const": 5],
                "items": [
                    "type": "array", "items": ["type": "object", "properties": ["price": ["type": "number"]]],
                ],
                "tuple": ["type": "array", "prefixItems": [["type": "integer"], ["type": "number"]], "items": false],
            ],
        ]
        let expected = [
            "text": "string", "whole": "integer", "number": "decimal", "flag": "boolean", "at": "dateTime",
            "day": "dateOnly", "span": "duration", "mail": "string", "maybe": "string", "either": "any",
            "open": "object", "anything": "any", "yes": "any", "map": "object", "state": "string", "kind": "integer",
            "items": "list<object>", "tuple": "list<decimal>",
        ]
        for (name, description) in expected { #expect(type(schema, name) == description, "\(name)") }
        #expect(type(schema, "other") == nil)
        #expect(type(schema, "items", "price") == "list<decimal>")
        #expect(type(schema, "items", "prize") == nil)
        #expect(type(schema, "open", "what", "ever") == "any")
        #expect(type(schema, "map", "x") == "integer")
    }

    @Test("References and combinations are followed, and ones without end stop")
    func combinations() {
        let schema: JSONValue = [
            "$defs": [
                "name": ["type": "string"],
                "person": [
                    "type": "object",
                    "properties": ["name": ["$ref": "#/$defs/name"], "boss": ["$ref": "#/$defs/person"]],
                ],
            ],
            "allOf": [["$ref": "#/$defs/person"], ["properties": ["age": ["type": "integer"]]]],
            "anyOf": [["properties": ["a": ["type": "string"]]], ["properties": ["b": ["type": "string"]]]],
        ]
        #expect(type(schema, "name") == "string")
        #expect(type(schema, "boss", "boss", "name") == "string")
        #expect(type(schema, "age") == "integer")
        #expect(type(schema, "a") == "string" && type(schema, "b") == "string")
        #expect(type(schema, "nobody") == nil)
        var wide: JSONValue = ["type": "string"]
        var definitions: JSONObject = ["d0": wide]
        for level in 1...20 {
            wide = [
                "properties": [
                    "l": ["$ref": .string("#/$defs/d\(level - 1)")], "r": ["$ref": .string("#/$defs/d\(level - 1)")],
                ]
            ]
            definitions["d\(level)"] = wide
        }
        #expect(type(["$defs": .object(definitions), "$ref": "#/$defs/d20"], "l") == "object")
    }

    @Test("A sample shows the types of its fields")
    func sample() {
        let shape = Shape(sample: [
            "tier": "gold", "points": 120, "rate": 0.5, "on": true, "none": nil, "at": "2021-02-19T08:00:00Z",
            "list": [1, 2.5], "empty": [], "objects": [["a": 1], ["b": "x"]],
        ])
        let types = shape.fields.mapValues(\.description)
        #expect(
            types == [
                "tier": "string", "points": "integer", "rate": "decimal", "on": "boolean", "none": "any",
                "at": "string",
                "list": "list<decimal>", "empty": "list<any>", "objects": "list<object>",
            ])
        #expect(shape.type(at: ["objects", "b"]) == .list(.string))
        #expect(shape.type(at: ["other"]) == nil)
        #expect(Shape(sample: 5) == .any)
    }

    @Test("Chosen fields stay with everything below them")
    func restricted() throws {
        let shape = Shape(sample: ["a": ["b": 1, "c": ["d": 2]], "items": [["x": 1, "y": 2]], "z": 1])
        let chosen = shape.restricted(to: [["a", "c"], ["items", "x"], ["nothing"]])
        #expect(chosen.type(at: ["a", "c", "d"]) == .integer && chosen.type(at: ["items", "x"]) == .list(.integer))
        #expect(
            chosen.type(at: ["a", "b"]) == nil && chosen.type(at: ["z"]) == nil
                && chosen.type(at: ["items", "y"]) == nil)
        #expect(shape.restricted(to: [["a"], ["a", "b"]]).type(at: ["a", "c", "d"]) == .integer)
        #expect(Shape.path("a.'b c'.\"d\"") == ["a", "b c", "d"])
        #expect(Shape.path("a..b") == nil && Shape.path("a b") == nil && Shape.path("3h") == nil)
    }

    @Test(
        "Types are written and read by name",
        arguments: [
            "any", "null", "string", "integer", "decimal", "boolean", "dateOnly", "dateTimeOnly", "dateTime",
            "duration", "object",
            "list<string>", "list<list<any>>",
        ])
    func names(name: String) {
        #expect(ValueType(name: name)?.description == name)
        #expect(ValueType(name: name + "?") == nil)
    }

    @Test("Types given beside values take their place")
    func inferredTypes() throws {
        let values: JSONValue = [
            "event": ["order": ["at": "2021-02-19T08:00:00Z", "items": [["due": "2021-02-19"]]]], "profile": [:],
        ]
        let types: JSONValue = [
            "event": ["order": ["at": "dateTime", "items": ["due": "dateOnly"]]],
            "profile": ["points": "list<integer>"],
        ]
        let scope = try ExpressionScope.inferred(from: values, types: types)
        #expect(scope.events["order"]?.type(at: ["at"]) == .dateTime)
        #expect(scope.events["order"]?.type(at: ["items", "due"]) == .list(.dateOnly))
        #expect(scope.profile.type(at: ["points"]) == .list(.integer))
        let value = try Expression.compile(
            "@event{order.at} < now() and getYear(@event{order.items.first().due}) == 2021", in: scope
        )
        .evaluate(in: EvaluationValues(values: values, now: World.now))
        #expect(value.isTrue)
        #expect(throws: ExpressionError.self) {
            try ExpressionScope.inferred(from: values, types: ["profile": ["x": "datetime"]])
        }
    }
}
