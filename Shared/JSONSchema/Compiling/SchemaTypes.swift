import Models

/// The types of JSON Schema as bits.
struct SchemaTypes: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let null = SchemaTypes(rawValue: 1)
    static let boolean = SchemaTypes(rawValue: 2)
    static let object = SchemaTypes(rawValue: 4)
    static let array = SchemaTypes(rawValue: 8)
    static let number = SchemaTypes(rawValue: 16)
    static let integer = SchemaTypes(rawValue: 32)
    static let string = SchemaTypes(rawValue: 64)

    static let named: [(name: String, type: SchemaTypes)] = [
        ("object", .object), ("array", .array), ("string", .string), ("integer", .integer), ("number", .number),
        ("boolean", .boolean), ("null", .null),
    ]

    /// The types that a value has: a whole number is an integer and a number, however it is written.
    @inline(__always)
    init(of value: JSONValue) {
        switch value {
        case .null: self = .null
        case .bool: self = .boolean
        case .integer, .exact: self = [.integer, .number]
        case .decimal(let number): self = number.isWhole ? [.integer, .number] : .number
        case .string: self = .string
        case .array: self = .array
        case .object: self = .object
        }
    }

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// In the order of ``named``.
    var names: [String] { Self.named.filter { contains($0.type) }.map(\.name) }
}

extension Double {
    /// Whether it has no fraction. Past 2^53 no double has one.
    var isWhole: Bool { !(magnitude < 0x1p53) || Double(Int64(self)) == self }
}
