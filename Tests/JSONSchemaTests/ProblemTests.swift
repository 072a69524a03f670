import Models
import Testing

@testable import JSONSchema

@Suite("Problems of values")
struct ProblemTests {
    static let order: JSONValue = [
        "type": "object", "required": ["_id", "order"], "additionalProperties": false,
        "properties": [
            "_id": ["type": "string", "minLength": 1],
            "order": [
                "type": "object", "required": ["id", "total"],
                "properties": [
                    "id": ["type": "string", "pattern": "^[A-Z]+$"], "total": ["type": "number", "minimum": 0],
                    "currency": ["enum": ["EUR", "USD"]],
                    "items": ["type": "array", "items": ["required": ["sku"], "properties": ["quantity": ["type": "integer"]]]],
                ],
            ],
            "at": ["type": "string", "format": "date-time"], "a/b~c": ["type": "null"],
        ],
    ]

    @Test("Every offending place is named, with what is expected there")
    func places() throws {
        let problems = try CompiledSchema(Self.order).validate([
            "_id": "", "order": ["id": "x1", "total": "12", "currency": "CHF", "items": [["sku": 1], ["quantity": 1.5]]],
            "at": "yesterday", "a/b~c": 1, "ordr": 1,
        ])
        #expect(
            problems == [
                Problem(path: "/_id", message: "must have at least 1 character, but has 0"),
                Problem(path: "/order/id", message: "must match the pattern ^[A-Z]+$"),
                Problem(path: "/order/total", message: "must be a number, but is a string: send it without quotes"),
                Problem(path: "/order/currency", message: #"must be one of "EUR", "USD""#),
                Problem(path: "/order/items/1/quantity", message: "must be an integer, but is a number with a fraction: send it without a fraction"),
                Problem(path: "/order/items/1/sku", message: "is required but missing: add it"),
                Problem(path: "/at", message: "must be a date and time with its zone as in RFC 3339, such as 2026-01-31T09:30:00Z"),
                Problem(path: "/a~1b~0c", message: "must be null, but is an integer"),
                Problem(path: "/ordr", message: #"is no member that the schema allows here: remove it, or write "order""#),
            ])
    }

    @Test("A missing member is named at its own place, with its type")
    func missing() throws {
        let schema = try CompiledSchema(Self.order)
        #expect(schema.validate(["_id": "1", "order": ["id": "A"]]) == [
            Problem(path: "/order/total", message: "is required but missing: add a number")
        ])
        #expect(schema.validate([:]).map(\.path) == ["/_id", "/order"])
    }

    @Test("No problem holds a value")
    func noValues() throws {
        let secret = "4929-secret"
        let schema = try CompiledSchema([
            "properties": [
                "a": ["type": "integer"], "b": ["enum": ["x"]], "c": ["const": "x"], "d": ["pattern": "^x$"], "e": ["format": "email"],
                "f": ["maxLength": 2], "g": ["not": ["type": "string"]], "h": ["anyOf": [["const": 1], ["maxLength": 1]]],
                "i": ["oneOf": [["type": "string"], ["minLength": 1]]], "j": ["contains": ["const": 1]], "k": ["uniqueItems": true],
            ]
        ])
        var event = JSONObject("abcdefghi".map { (String($0), .string(secret)) })
        event["j"] = [.string(secret)]
        event["k"] = [.string(secret), .string(secret)]
        let problems = schema.validate(.object(event))
        #expect(Set(problems.map(\.path)) == Set("abcdefghijk".map { "/\($0)" }))
        #expect(!problems.map(\.description).joined().contains(secret))
    }

    @Test("Of alternatives the nearest is explained")
    func alternatives() throws {
        let schema = try CompiledSchema([
            "oneOf": [["type": "string"], ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]]]
        ])
        #expect(schema.validate([:]) == [
            Problem(path: "", message: #"fits none of 2 alternatives ("oneOf"); for the nearest, number 2: /id is required but missing: add a string"#)
        ])
        let both = try CompiledSchema(["oneOf": [["minimum": 1], ["maximum": 5]]])
        #expect(both.validate(3).first?.message == #"must fit exactly one of 2 alternatives ("oneOf"), but fits numbers 1, 2"#)
    }

    @Test("No more problems are reported than the bound says")
    func bounded() throws {
        let schema = try CompiledSchema(["items": ["type": "string"]])
        #expect(schema.validate(.array(Array(repeating: 1, count: 1_000))).count == SchemaBounds.problemsMax)
    }
}
