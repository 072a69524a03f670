import Models

extension Shape {
    /// The shape of profiles: without a profile schema every path is accepted; of several schemas, a field is what the
    /// first that has it says.
    package init(profileSchemas schemas: [SchemaDefinition]) {
        if schemas.isEmpty {
            self = .any
            return
        }
        var fields: [ExactText: ValueType] = [:]
        var others: ValueType?
        var limits: [ExactText: ValueLimits] = [:]
        for schema in schemas {
            let shape = Shape(schema: schema.schema)
            limits.merge(shape.limits.filter { fields[$0.key] == nil }) { first, _ in first }
            fields.merge(shape.fields) { first, _ in first }
            others = others ?? shape.others
        }
        self.init(fields: fields, others: others, limits: limits)
    }
}
