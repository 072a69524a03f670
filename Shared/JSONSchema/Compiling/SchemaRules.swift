import Models

/// `const` and `enum`.
final class ValueRules: Sendable {
    let constant: JSONValue?
    let allowed: [JSONValue]?

    init(constant: JSONValue?, allowed: [JSONValue]?) {
        self.constant = constant
        self.allowed = allowed
    }
}

/// `minimum` and the like; the bounds are numbers.
final class NumberRules: Sendable {
    let minimum, exclusiveMinimum, maximum, exclusiveMaximum: JSONValue?
    let multipleOf: SchemaDivisor?

    init(
        minimum: JSONValue?, exclusiveMinimum: JSONValue?, maximum: JSONValue?, exclusiveMaximum: JSONValue?,
        multipleOf: SchemaDivisor?
    ) {
        self.minimum = minimum
        self.exclusiveMinimum = exclusiveMinimum
        self.maximum = maximum
        self.exclusiveMaximum = exclusiveMaximum
        self.multipleOf = multipleOf
    }
}

/// Lengths in code points, `pattern` and `format`.
final class StringRules: Sendable {
    let minLength, maxLength: Int?
    let pattern: LinearRegex?
    let format: SchemaFormat?

    init(minLength: Int?, maxLength: Int?, pattern: LinearRegex?, format: SchemaFormat?) {
        self.minLength = minLength
        self.maxLength = maxLength
        self.pattern = pattern
        self.format = format
    }
}

final class ArrayRules: Sendable {
    let prefix: [Int]
    let items: Int?
    let contains: Int?
    let minContains: Int
    let maxContains: Int?
    let minItems, maxItems: Int?
    let isUnique: Bool
    let unevaluated: Int?

    init(
        prefix: [Int], items: Int?, contains: Int?, minContains: Int, maxContains: Int?, minItems: Int?,
        maxItems: Int?, isUnique: Bool, unevaluated: Int?
    ) {
        self.prefix = prefix
        self.items = items
        self.contains = contains
        self.minContains = minContains
        self.maxContains = maxContains
        self.minItems = minItems
        self.maxItems = maxItems
        self.isUnique = isUnique
        self.unevaluated = unevaluated
    }
}

final class ObjectRules: Sendable {
    /// A name of `properties` (with its subschema) or of `required`.
    struct Property: Sendable {
        let name: String
        let node: Int?
        let isRequired: Bool
    }

    let properties: [Property]
    /// Places in ``properties``, where there are more than a few.
    private let places: [ExactText: Int]
    /// A bit for each required property, where ``properties`` has at most 64.
    let requiredMask: UInt64?
    let patterns: [(regex: LinearRegex, node: Int)]
    let additional, names, unevaluated: Int?
    let minProperties, maxProperties: Int?
    let dependentRequired: [(name: String, needs: [String])]
    let dependentSchemas: [(name: String, node: Int)]

    init(
        properties: [Property], patterns: [(regex: LinearRegex, node: Int)], additional: Int?, names: Int?,
        unevaluated: Int?, minProperties: Int?, maxProperties: Int?,
        dependentRequired: [(name: String, needs: [String])], dependentSchemas: [(name: String, node: Int)]
    ) {
        self.properties = properties
        places =
            properties.count <= 6
            ? [:]
            : Dictionary(
                properties.enumerated().map { (ExactText($1.name), $0) }, uniquingKeysWith: { first, _ in first })
        requiredMask =
            properties.count > 64
            ? nil : properties.enumerated().reduce(0) { $0 | ($1.element.isRequired ? 1 << UInt64($1.offset) : 0) }
        self.patterns = patterns
        self.additional = additional
        self.names = names
        self.unevaluated = unevaluated
        self.minProperties = minProperties
        self.maxProperties = maxProperties
        self.dependentRequired = dependentRequired
        self.dependentSchemas = dependentSchemas
    }

    /// Whether each member must be looked at.
    var looksAtMembers: Bool { !properties.isEmpty || !patterns.isEmpty || additional != nil || names != nil }

    /// The place of a property. Members mostly come in the schema's order, so the one after the last found is tried
    /// first.
    @inline(__always)
    func place(of name: String, after last: inout Int) -> Int? {
        if last + 1 < properties.count, properties[last + 1].name.hasBytes(of: name) {
            last += 1
            return last
        }
        let found = places.isEmpty ? properties.firstIndex { $0.name.hasBytes(of: name) } : places[ExactText(name)]
        if let found { last = found }
        return found
    }
}

/// What other subschemas say of the same value.
final class CombinationRules: Sendable {
    /// A `$dynamicRef` whose target hangs on the resources entered: the name, and the target where none has it.
    struct Dynamic: Sendable {
        let anchor: String
        let fallback: Int
    }

    let reference: Int?
    let dynamic: Dynamic?
    let allOf, anyOf, oneOf: [Int]
    let not, condition, consequence, alternative: Int?

    init(
        reference: Int?, dynamic: Dynamic?, allOf: [Int], anyOf: [Int], oneOf: [Int], not: Int?, condition: Int?,
        consequence: Int?, alternative: Int?
    ) {
        self.reference = reference
        self.dynamic = dynamic
        self.allOf = allOf
        self.anyOf = anyOf
        self.oneOf = oneOf
        self.not = not
        self.condition = condition
        self.consequence = consequence
        self.alternative = alternative
    }

    var nodes: [Int] {
        [reference, dynamic?.fallback, not, condition, consequence, alternative].compactMap { $0 } + allOf + anyOf
            + oneOf
    }
}
