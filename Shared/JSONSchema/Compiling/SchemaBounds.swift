/// What a schema, and a look at a value with it, may cost at most.
package enum SchemaBounds {
    /// Subschemas of a schema, those of the metaschema where it is referred to included.
    package static let nodesMax = 20_000
    /// Subschemas inside each other in the document.
    package static let nestingMax = 100
    /// Problems reported for one value.
    package static let problemsMax = 100
    /// Subschemas entered inside each other while a value is checked: more is a schema that goes in circles.
    package static let depthMax = 512
    /// Subschemas applied while one value is checked: more is refused, for references can multiply without end.
    package static let checksMax = 2_000_000
    /// Names and constants of a schema that one message lists.
    package static let listedMax = 12
    /// Fields that ``SchemaFields`` lists, and members and items that ``SchemaSample`` makes.
    package static let fieldsMax = 2_000
}
