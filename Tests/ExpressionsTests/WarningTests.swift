import Models
import Testing

@testable import Expressions

@Suite("Warnings")
struct WarningTests {
    typealias Code = ExpressionWarning.Code

    static let schema: JSONValue = [
        "type": "object",
        "$defs": ["tier": ["enum": ["gold", "silver", nil]]],
        "properties": [
            "tier": ["$ref": "#/$defs/tier"], "plan": ["type": "string", "const": "basic"],
            "age": ["type": "integer", "minimum": 0, "maximum": 120],
            "rate": ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1],
            "level": ["enum": [1, 2, 3]], "name": ["type": "string"],
            "either": ["anyOf": [["const": "a"], ["enum": ["b", "c"]]]],
            "open": ["anyOf": [["const": "a"], ["type": "string"]]],
            "both": ["type": "integer", "minimum": 0, "allOf": [["minimum": 5]]],
            "orders": [
                "type": "array",
                "items": [
                    "type": "object",
                    "properties": ["state": ["enum": ["open", "paid"]], "total": ["type": "number"]],
                ],
            ],
        ],
    ]

    static func compiled(_ text: String) throws -> CompiledExpression {
        var scope = ExpressionScope()
        scope.profile = Shape(schema: schema)
        scope.audiences = ["goldCustomers"]
        return try Expression.compile(text, in: scope)
    }

    @Test("What the schema leaves no value for is never true", arguments: comparisons)
    func contradictions(text: String, isNeverTrue: Bool) throws {
        let compiled = try Self.compiled(text)
        #expect(compiled.warnings.map(\.code) == (isNeverTrue ? [.neverTrue] : []))
        #expect(compiled.isNeverTrue == isNeverTrue)
    }

    static let comparisons: [(String, Bool)] = [
        (#"#{profile.tier} == "gold""#, false), (#"#{profile.tier} == "golden""#, true),
        (#""Gold" == #{profile.tier}"#, true), (#"#{profile.tier} != "golden""#, false),
        (#"#{profile.plan} == "basic""#, false), (#"#{profile.plan} == "pro""#, true),
        ("#{profile.age} == 120", false), ("#{profile.age} == 121", true), ("#{profile.age} == -1", true),
        ("#{profile.age} > 119", false), ("#{profile.age} > 120", true), ("#{profile.age} >= 120", false),
        ("#{profile.age} >= 120.5", true), ("#{profile.age} < 1", false), ("#{profile.age} < 0", true),
        ("#{profile.age} <= 0", false), ("#{profile.age} <= -1", true), ("0 > #{profile.age}", true),
        ("121 <= #{profile.age}", true), ("0 <= #{profile.age}", false),
        ("#{profile.rate} == 0", true), ("#{profile.rate} <= 0", true), ("#{profile.rate} <= 0.1", false),
        ("#{profile.rate} >= 1", true), ("#{profile.rate} == 1.0", true), ("#{profile.rate} > 0.9", false),
        ("#{profile.level} == 2", false), ("#{profile.level} == 2.0", false), ("#{profile.level} == 4", true),
        (#"#{profile.either} == "c""#, false), (#"#{profile.either} == "d""#, true),
        (#"#{profile.open} == "d""#, false), ("#{profile.both} == 4", true), ("#{profile.both} == 5", false),
        (#"#{profile.name} == "x""#, false), ("#{profile.tier} > null", true),
        (#"#{profile.tier, defaultValue: "none"} == "none""#, false),
        (#"in(#{profile.tier}, ["bronze", "iron"])"#, true), (#"in(#{profile.tier}, ["bronze", "gold"])"#, false),
        (#"in(#{profile.age}, [130, 140])"#, true),
    ]

    @Test("A condition is never true when its parts leave no way", arguments: conditions)
    func neverTrueConditions(text: String, isNeverTrue: Bool) throws {
        #expect(try Self.compiled(text).isNeverTrue == isNeverTrue)
    }

    static let conditions: [(String, Bool)] = [
        (#"#{profile.name} == "a" and #{profile.age} > 120"#, true),
        (#"#{profile.name} == "a" or #{profile.age} > 120"#, false),
        (#"#{profile.age} < 0 or #{profile.age} > 120"#, true), (#"not (#{profile.age} > 120)"#, false),
        ("1 > 2", true), ("null == 1", true), ("1 < 2", false), ("toBool(null)", true),
    ]

    @Test("A condition inside a path is warned of like any other")
    func conditionsInPaths() throws {
        let compiled = try Self.compiled(#"count(#{profile.orders.all(currentDataPackField.state == "sent")}) > 1"#)
        #expect(compiled.warnings.map(\.code) == [.neverTrue])
        #expect(compiled.warnings.first?.text == #"currentDataPackField.state == "sent""#)
        let constant = try Self.compiled("count(#{profile.orders.all(1 == 1)}) > 1")
        #expect(constant.warnings.map(\.code) == [.constantCondition])
    }

    @Test("A warning says where, why and what was probably meant")
    func words() throws {
        let warning = try #require(
            try Self.compiled("true and\n #{profile.tier} == \"gould\"").warnings.first { $0.code == .neverTrue })
        #expect(warning.line == 2 && warning.column == 2 && warning.length == 26)
        #expect(warning.message == #"This is never true: The schema allows only "gold", "silver" here."#)
        #expect(warning.suggestion == "\"gold\"")
    }

    @Test("An audience that does not exist is warned of, and nobody is its member")
    func audiences() throws {
        #expect(try Self.compiled(#"inAudience("goldCustomers")"#).warnings.isEmpty)
        let compiled = try Self.compiled(#"inSegment("goldCustomer")"#)
        #expect(compiled.warnings.map(\.code) == [.unknownAudience])
        #expect(compiled.warnings.first?.suggestion == "\"goldCustomers\"")
        #expect(try compiled.evaluate(in: EvaluationValues(now: 0)) == .boolean(false))
        #expect(try Expression.compile(#"inAudience("any")"#, in: ExpressionScope()).warnings.isEmpty)
    }

    @Test("Limits of a schema survive the choice of fields")
    func restriction() throws {
        let shape = Shape(schema: Self.schema).restricted(to: [["tier"], ["orders", "state"]])
        #expect(shape.limits["tier"]?.cases == ["gold", "silver"] && shape.limits["age"] == nil)
        guard case .list(.object(let item))? = shape.fields["orders"] else { throw Missing() }
        #expect(item.limits["state"]?.cases == ["open", "paid"])
    }

    private struct Missing: Error {}

    @Test(
        "Types that nothing compares are an error, not a warning",
        arguments: ["1 == \"1\"", "true == 1", "date(\"2021-02-19\") == 5", "[1] == 1", "now() > \"x\""])
    func literalTypes(text: String) {
        #expect(throws: ExpressionError.self) { try Self.compiled(text) }
    }
}
