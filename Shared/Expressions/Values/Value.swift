import Models

/// What an expression works with and gives.
package enum Value: Sendable, Hashable {
    case null
    case string(String)
    case integer(Int64)
    /// Always finite.
    case decimal(Double)
    case boolean(Bool)
    case dateOnly(LocalDate)
    case dateTimeOnly(LocalDateTime)
    case dateTime(DateTime)
    case duration(milliseconds: Int64)
    case list([Value])
    case object(JSONObject)

    package var isNull: Bool {
        if case .null = self { return true }
        return false
    }

    /// A condition's answer: true for true alone; null and everything else are false.
    package var isTrue: Bool {
        if case .boolean(true) = self { return true }
        return false
    }

    /// Whether it is of a type without being converted; of an object or a list only that it is one counts. Null is of
    /// none.
    func isOf(_ type: ValueType) -> Bool {
        switch (self, type) {
        case (.string, .string), (.integer, .integer), (.decimal, .decimal), (.boolean, .boolean),
            (.dateOnly, .dateOnly), (.dateTimeOnly, .dateTimeOnly), (.dateTime, .dateTime), (.duration, .duration),
            (.object, .object), (.list, .list):
            true
        default: false
        }
    }

    /// Its own type; of a list the type that all items have, any where they differ.
    package var type: ValueType {
        switch self {
        case .null: .null
        case .string: .string
        case .integer: .integer
        case .decimal: .decimal
        case .boolean: .boolean
        case .dateOnly: .dateOnly
        case .dateTimeOnly: .dateTimeOnly
        case .dateTime: .dateTime
        case .duration: .duration
        case .object: .object(.any)
        case .list(let items): .list(items.reduce(ValueType.null) { $0.joined(with: $1.type) ?? .any }.unlessNull)
        }
    }
}

// MARK: - JSON

extension Value {
    /// Strings stay strings: a JSON text alone does not say that it is a date.
    package init(json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .decimal(let value): self = .decimal(value)
        case .exact(let digits): self = Double(digits).flatMap { $0.isFinite ? .decimal($0) : nil } ?? .string(digits)
        case .string(let value): self = .string(value)
        case .array(let items): self = .list(items.map(Value.init(json:)))
        case .object(let object): self = .object(object)
        }
    }

    /// Dates and durations are ISO 8601 strings, a dateTime with the offset of its own zone; a whole decimal is written
    /// without a fraction.
    package var json: JSONValue {
        switch self {
        case .null: .null
        case .string(let value): .string(value)
        case .integer(let value): .integer(value)
        case .decimal(let value): Int64(exactly: value).map(JSONValue.integer) ?? .decimal(value)
        case .boolean(let value): .bool(value)
        case .dateOnly(let value): .string(ISO8601.write(value))
        case .dateTimeOnly(let value): .string(ISO8601.write(value))
        case .dateTime(let value): .string(ISO8601.write(value))
        case .duration(let milliseconds): .string(ISODuration.text(milliseconds))
        case .list(let items): .array(items.map(\.json))
        case .object(let object): .object(object)
        }
    }

    /// As `toString` and `+` write it: like ``json``, but a dateTime in UTC. nil for null, lists and objects.
    package var text: String? {
        switch self {
        case .null, .list, .object: nil
        case .string(let value): value
        case .integer(let value): String(value)
        case .decimal(let value): Int64(exactly: value).map { String($0) } ?? PlainNumber.text(value)
        case .boolean(let value): value ? "true" : "false"
        case .dateOnly(let value): ISO8601.write(value)
        case .dateTimeOnly(let value): ISO8601.write(value)
        case .dateTime(let value): ISO8601.write(instant: value.instant)
        case .duration(let milliseconds): ISODuration.text(milliseconds)
        }
    }
}

// MARK: - Conversion

extension Value {
    /// This value as one of the type, or nil where it is none. Null is of every type. Since JSON has no dates, a string
    /// becomes the date or duration that it writes; a whole decimal becomes an integer, an integer a decimal.
    package func conformed(to type: ValueType) -> Value? {
        switch (self, type) {
        case (_, .any), (.null, _), (.string, .string), (.integer, .integer), (.decimal, .decimal),
            (.boolean, .boolean),
            (.dateOnly, .dateOnly), (.dateTimeOnly, .dateTimeOnly), (.dateTime, .dateTime), (.duration, .duration),
            (.object, .object):
            return self
        case (.integer(let value), .decimal): return .decimal(Double(value))
        case (.decimal(let value), .integer): return Int64(exactly: value).map(Value.integer)
        case (.string(let text), .dateTime): return ISO8601.parseDateTime(text).map(Value.dateTime)
        case (.string(let text), .dateTimeOnly): return ISO8601.parseLocalDateTime(text).map(Value.dateTimeOnly)
        case (.string(let text), .dateOnly): return ISO8601.parseDate(text).map(Value.dateOnly)
        case (.string(let text), .duration):
            return ISODuration.milliseconds(text).map { .duration(milliseconds: $0) }
        case (.list(let items), .list(let itemType)):
            if itemType == .any { return self }
            var conformed: [Value] = []
            conformed.reserveCapacity(items.count)
            for item in items {
                guard let value = item.conformed(to: itemType) else { return nil }
                conformed.append(value)
            }
            return .list(conformed)
        default: return nil
        }
    }
}

// MARK: - Weight

extension Value {
    /// The steps that looking at all of it takes beyond one: one for each item, field and 64 bytes of text.
    var weight: Int {
        switch self {
        case .string(let text): text.utf8.count / Run.textBytesPerStep
        case .list(let items): items.reduce(items.count) { $0 + $1.weight }
        case .object(let object): JSONValue.object(object).weight
        default: 0
        }
    }
}

extension JSONValue {
    /// As ``Value/weight``.
    var weight: Int {
        switch self {
        case .string(let text): text.utf8.count / Run.textBytesPerStep
        case .array(let items): items.reduce(items.count) { $0 + $1.weight }
        case .object(let object): object.reduce(object.count) { $0 + $1.value.weight }
        default: 0
        }
    }

    /// The items of an array and of those in it.
    var itemCount: Int {
        guard case .array(let items) = self else { return 0 }
        return items.reduce(items.count) { $0 + $1.itemCount }
    }
}
