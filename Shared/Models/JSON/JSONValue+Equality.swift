// Values are equal where they are written alike: a text by its bytes, an integer and a decimal never.
extension JSONValue {
    package static func == (one: JSONValue, other: JSONValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.integer(let one), .integer(let other)): one == other
        case (.decimal(let one), .decimal(let other)): one == other
        case (.exact(let one), .exact(let other)): one == other
        case (.string(let one), .string(let other)): one.hasBytes(of: other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value):
            hasher.combine(1)
            hasher.combine(value)
        case .integer(let value):
            hasher.combine(2)
            hasher.combine(value)
        case .decimal(let value):
            hasher.combine(3)
            hasher.combine(value)
        case .exact(let digits):
            hasher.combine(4)
            hasher.combine(digits)
        case .string(let text):
            hasher.combine(5)
            text.hashBytes(into: &hasher)
        case .array(let items):
            hasher.combine(6)
            hasher.combine(items)
        case .object(let object):
            hasher.combine(7)
            hasher.combine(object)
        }
    }
}
