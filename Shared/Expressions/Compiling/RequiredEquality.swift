import Models

/// A part `@event{event.path} == constant` of an expression that cannot be true unless it holds.
package struct RequiredEquality: Sendable, Hashable {
    package let event: String
    package let path: [String]
    /// A string, an integer, a decimal or a boolean.
    package let constant: Value
    package let indexKey: IndexKey

    init?(event: String, path: [String], constant: Value) {
        guard let key = IndexKey(constant.json), !constant.isNull else { return nil }
        switch constant {
        case .string, .integer, .decimal, .boolean: break
        default: return nil
        }
        self.event = event
        self.path = path
        self.constant = constant
        indexKey = key
    }

    /// Whether the part holds for the value at the path; nil is a missing field.
    package func matches(_ value: JSONValue?) -> Bool {
        value.flatMap(IndexKey.init) == indexKey
    }
}

/// A scalar as a dictionary's key, alike for all values that are equal to `==`: 5 and 5.0 are one.
package enum IndexKey: Sendable, Hashable {
    case string(ExactText)
    case boolean(Bool)
    case integer(Int64)
    case decimal(Double)

    /// nil for null, lists and objects, which equal no constant.
    package init?(_ json: JSONValue) {
        switch json {
        case .string(let value): self = .string(ExactText(value))
        case .bool(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .decimal(let value): self = Int64(exactly: value).map(IndexKey.integer) ?? .decimal(value)
        case .exact(let digits):
            guard let value = Double(digits) else { return nil }
            self = .decimal(value)
        case .null, .array, .object: return nil
        }
    }
}
