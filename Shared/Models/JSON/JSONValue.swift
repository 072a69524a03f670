/// One JSON value, as RFC 8259 has it, with integers kept exact and the order of objects kept.
///
/// A number without fraction and exponent is an ``integer(_:)`` when it fits into 64 signed bits and an
/// ``exact(_:)`` when it does not; every other number is a ``decimal(_:)``, the nearest IEEE double, but for whole ones
/// up to 2^64 − 1 that would be written with other digits then: they are ``exact(_:)``, too.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// A finite double. It is written with the fewest digits that read back as the same double.
    case decimal(Double)
    /// An integer that neither 64 signed bits nor a double hold: `-?[1-9][0-9]*`.
    case exact(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

// MARK: - Access

extension JSONValue {
    /// The member of an object; nil where this is no object or has no such member.
    package subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { return object[key] }
        return nil
    }

    /// The item of an array, from 0; nil where this is no array or is shorter.
    package subscript(index: Int) -> JSONValue? {
        if case .array(let items) = self, items.indices.contains(index) { return items[index] }
        return nil
    }

    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    package var integerValue: Int64? {
        if case .integer(let value) = self { return value }
        return nil
    }

    /// The number as a double: of an integer, a decimal or an exact integer (which may lose digits).
    package var decimalValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        case .exact(let digits): Double(digits)
        default: nil
        }
    }

    package var stringValue: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { return value }
        return nil
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { return value }
        return nil
    }

    /// The word for this value's type in JSON Schema: `integer` for numbers written without a fraction, else `number`.
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .exact: "integer"
        case .decimal: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The value at a path of member names, through objects only; nil where it breaks off.
    package func value(at path: some Sequence<String>) -> JSONValue? {
        var current = self
        for key in path {
            guard let next = current[key] else { return nil }
            current = next
        }
        return current
    }
}

// MARK: - Literals

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .decimal(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue {
    package init(_ value: Int) { self = .integer(Int64(value)) }
    package init(_ value: Bool) { self = .bool(value) }
    package init(_ value: some StringProtocol) { self = .string(String(value)) }
    package init(_ value: [String]) { self = .array(value.map(JSONValue.string)) }
    /// `null` where there is no string.
    package init(_ value: String?) { self = value.map(JSONValue.string) ?? .null }
}
