import Models

extension Shape {
    /// Of a pasted sample: strings are strings, numbers integer or decimal, the items of a list have the type that
    /// covers all of them. Null and an empty list tell nothing, so they are any.
    ///
    /// - Parameter isOpen: whether fields that the sample does not have, at any depth, are allowed, of type any.
    package init(sample: JSONValue, isOpen: Bool = false) {
        guard case .object(let object) = sample else {
            self = .any
            return
        }
        var fields: [ExactText: ValueType] = [:]
        for (name, value) in object { fields[ExactText(name)] = ValueType(sample: value, isOpen: isOpen) }
        self.init(fields: fields, others: isOpen ? .any : nil)
    }

    /// What covers both: the fields of either.
    func merged(with other: Shape) -> Shape {
        let fields = fields.merging(other.fields) { $0.merged(with: $1) }
        // A field that only one of them limits may have any value in the other.
        let common = limits.compactMap { name, mine in
            other.limits[name].flatMap { mine.widened(by: $0) }.map { (name, $0) }
        }
        let limits = Dictionary(uniqueKeysWithValues: common)
        guard let one = others, let two = other.others else {
            return Shape(fields: fields, others: others ?? other.others, limits: limits)
        }
        return Shape(fields: fields, others: one.merged(with: two), limits: limits)
    }
}

extension ValueType {
    package init(sample: JSONValue, isOpen: Bool = false) {
        switch sample {
        case .null: self = .any
        case .bool: self = .boolean
        case .integer: self = .integer
        case .decimal, .exact: self = .decimal
        case .string: self = .string
        case .array(let items):
            let type = items.reduce(ValueType.null) { $0.merged(with: ValueType(sample: $1, isOpen: isOpen)) }
            self = .list(type.unlessNull)
        case .object: self = .object(Shape(sample: sample, isOpen: isOpen))
        }
    }

    /// What covers both; any where nothing else does.
    func merged(with other: ValueType) -> ValueType {
        switch (self, other) {
        case (.object(let one), .object(let other)): .object(one.merged(with: other))
        case (.list(let one), .list(let other)): .list(one.merged(with: other))
        default: joined(with: other) ?? .any
        }
    }
}
