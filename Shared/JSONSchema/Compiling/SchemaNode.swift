import Models

/// A subschema, compiled. Other subschemas are their places in ``SchemaTree/nodes``, so that references may go round.
final class SchemaNode: Sendable {
    let location: SchemaLocation
    let resource: Int
    /// Of the schemas true and false.
    let always: Bool?
    /// Empty: any.
    let types: SchemaTypes
    let values: ValueRules?
    let numbers: NumberRules?
    let strings: StringRules?
    let arrays: ArrayRules?
    let objects: ObjectRules?
    let combination: CombinationRules?
    let annotations: SchemaAnnotations

    init(
        location: SchemaLocation, resource: Int, always: Bool? = nil, types: SchemaTypes = [],
        values: ValueRules? = nil, numbers: NumberRules? = nil, strings: StringRules? = nil,
        arrays: ArrayRules? = nil, objects: ObjectRules? = nil, combination: CombinationRules? = nil,
        annotations: SchemaAnnotations = SchemaAnnotations()
    ) {
        self.location = location
        self.resource = resource
        self.always = always
        self.types = types
        self.values = values
        self.numbers = numbers
        self.strings = strings
        self.arrays = arrays
        self.objects = objects
        self.combination = combination
        self.annotations = annotations
    }

    /// Whether it asks which members or items other subschemas have looked at.
    var asksForMarks: Bool { objects?.unevaluated != nil || arrays?.unevaluated != nil }
}

/// What people and samples read, and validation does not.
struct SchemaAnnotations: Sendable {
    var title: String?
    var description: String?
    var examples: [JSONValue] = []
    var fallback: JSONValue?
}
