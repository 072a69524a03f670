import Models

// Alike in type and value: texts by their bytes. What `==` of expressions takes for the same is `isSame(as:)`.
extension Value {
    package static func == (one: Value, other: Value) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.string(let one), .string(let other)): one.hasBytes(of: other)
        case (.integer(let one), .integer(let other)): one == other
        case (.decimal(let one), .decimal(let other)): one == other
        case (.boolean(let one), .boolean(let other)): one == other
        case (.dateOnly(let one), .dateOnly(let other)): one == other
        case (.dateTimeOnly(let one), .dateTimeOnly(let other)): one == other
        case (.dateTime(let one), .dateTime(let other)): one == other
        case (.duration(let one), .duration(let other)): one == other
        case (.list(let one), .list(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .string(let text): text.hashBytes(into: &hasher)
        case .integer(let value), .duration(let value): hasher.combine(value)
        case .decimal(let value): hasher.combine(value)
        case .boolean(let value): hasher.combine(value)
        case .dateOnly(let value): hasher.combine(value)
        case .dateTimeOnly(let value): hasher.combine(value)
        case .dateTime(let value): hasher.combine(value)
        case .list(let items): hasher.combine(items)
        case .object(let object): hasher.combine(object)
        }
    }
}
