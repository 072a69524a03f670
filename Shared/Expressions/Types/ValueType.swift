/// The type of an expression, a field or a parameter.
package indirect enum ValueType: Sendable, Hashable {
    /// Known at run time only.
    case any
    /// The type of the literal `null` alone.
    case null
    case string, integer, decimal, boolean, dateOnly, dateTimeOnly, dateTime, duration
    case list(ValueType)
    case object(Shape)

    /// Of a name as ``description`` writes it, of objects without their fields: `string`, `list<decimal>`, `object`;
    /// nil for another text.
    package init?(name: String) {
        if name.hasPrefix("list<"), name.hasSuffix(">") {
            guard let item = ValueType(name: String(name.dropFirst(5).dropLast())) else { return nil }
            self = .list(item)
            return
        }
        switch name {
        case "any": self = .any
        case "null": self = .null
        case "string": self = .string
        case "integer": self = .integer
        case "decimal": self = .decimal
        case "boolean": self = .boolean
        case "dateOnly": self = .dateOnly
        case "dateTimeOnly": self = .dateTimeOnly
        case "dateTime": self = .dateTime
        case "duration": self = .duration
        case "object": self = .object(.any)
        case "list": self = .list(.any)
        default: return nil
        }
    }

    var isNumeric: Bool { self == .integer || self == .decimal }

    /// Whether it is decimal, or a list of such: integers that stand for them must be converted.
    var hasDecimal: Bool {
        if case .list(let item) = self { return item.hasDecimal }
        return self == .decimal
    }

    /// Whether a value of the type can be written by `toString` and joined to a string by `+`.
    var isScalar: Bool {
        switch self {
        case .list, .object, .null: false
        default: true
        }
    }

    /// The type that covers both: itself and any give any, integer and decimal give decimal, null gives the other one.
    /// nil where there is none.
    func joined(with other: ValueType) -> ValueType? {
        switch (self, other) {
        case (let one, let other) where one == other: one
        case (.null, let type), (let type, .null): type
        case (.any, _), (_, .any): .any
        case (.integer, .decimal), (.decimal, .integer): .decimal
        case (.list(let one), .list(let other)): one.joined(with: other).map(ValueType.list)
        case (.object, .object): .object(.any)
        default: nil
        }
    }

    /// any where this is null: of a list of nothing but nulls nothing is known.
    var unlessNull: ValueType { self == .null ? .any : self }

    /// Whether a value of this type may stand where the other is expected; what depends on the value counts as yes.
    func fits(_ expected: ValueType) -> Bool {
        switch (self, expected) {
        case (.any, _), (_, .any), (.null, _): true
        case (.integer, .decimal), (.object, .object): true
        case (.list(let item), .list(let expectedItem)): item.fits(expectedItem)
        default: self == expected
        }
    }
}

extension ValueType: CustomStringConvertible {
    package var description: String {
        switch self {
        case .any: "any"
        case .null: "null"
        case .string: "string"
        case .integer: "integer"
        case .decimal: "decimal"
        case .boolean: "boolean"
        case .dateOnly: "dateOnly"
        case .dateTimeOnly: "dateTimeOnly"
        case .dateTime: "dateTime"
        case .duration: "duration"
        case .list(let item): "list<\(item)>"
        case .object: "object"
        }
    }
}
