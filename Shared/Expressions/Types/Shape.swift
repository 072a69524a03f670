import Models

/// Which fields an object has, and of what types.
package struct Shape: Sendable, Hashable {
    /// Every field is allowed, of type any.
    package static let any = Shape(fields: [:], others: .any)

    package let fields: [ExactText: ValueType]
    /// The type of the fields that are not named: any in an open object, the values' type in a map. nil: there are
    /// none.
    package let others: ValueType?
    /// What is known of the values of fields beyond their types, from a schema.
    package let limits: [ExactText: ValueLimits]

    package init(fields: [ExactText: ValueType], others: ValueType? = nil, limits: [ExactText: ValueLimits] = [:]) {
        self.fields = fields
        self.others = others
        self.limits = limits
    }

    /// The type of one field; nil where there is no such field.
    package func type(of field: String) -> ValueType? {
        fields[ExactText(field)] ?? others
    }

    /// The type at the end of a path; a path that crosses a list gives a list. nil where there is no such path.
    package func type(at path: [String]) -> ValueType? {
        path.reduce(ValueType.object(self)) { $0?.field($1) }
    }

    /// With the chosen paths alone, each with everything below it. Paths that do not exist are left out.
    package func restricted(to paths: [[String]]) -> Shape {
        var kept: [ExactText: ValueType] = [:]
        let byField = Dictionary(grouping: paths.filter { !$0.isEmpty }, by: { ExactText($0[0]) })
        for (field, paths) in byField {
            guard let type = type(of: field.text) else { continue }
            let rests = paths.map { Array($0.dropFirst()) }
            kept[field] = rests.contains([]) ? type : type.restricted(to: rests)
        }
        return Shape(
            fields: kept, others: paths.contains([]) ? others : nil, limits: limits.filter { kept[$0.key] != nil })
    }

    /// The segments of a path as it stands in an expression, `a.b.'c d'`; nil where it is malformed.
    package static func path(_ text: String) -> [String]? {
        var scanner = Scanner(text)
        guard let path = try? scanner.fieldPath(), scanner.isAtEnd else { return nil }
        return path
    }
}

extension ValueType {
    /// The type of a field of this, through lists; nil where there is no such field.
    func field(_ name: String) -> ValueType? {
        switch self {
        case .any: .any
        case .object(let shape): shape.type(of: name)
        case .list(let item): item.field(name).map(ValueType.inList)
        default: nil
        }
    }

    /// A list of these; of lists it is the one list of all their items, as a path across two arrays gives it.
    static func inList(_ type: ValueType) -> ValueType {
        if case .list = type { return type }
        return .list(type)
    }

    fileprivate func restricted(to paths: [[String]]) -> ValueType {
        switch self {
        case .object(let shape): .object(shape.restricted(to: paths))
        case .list(let item): .list(item.restricted(to: paths))
        default: self
        }
    }
}
