import Models

extension Value {
    /// How two values stand to each other: -1, 0 or 1; nil where they have no order. Integers and decimals compare by
    /// exact value, dateTimes by instant, strings by their bytes, which is the order of their characters'
    /// numbers.
    func order(to other: Value) -> Int? {
        switch (self, other) {
        case (.integer(let one), .integer(let other)): Value.order(one, other)
        case (.decimal(let one), .decimal(let other)): Value.order(one, other)
        case (.integer(let one), .decimal(let other)): Value.order(one, toDecimal: other)
        case (.decimal(let one), .integer(let other)): -Value.order(other, toDecimal: one)
        case (.string(let one), .string(let other)): one.byteOrder(to: other)
        case (.dateOnly(let one), .dateOnly(let other)): Value.order(one, other)
        case (.dateTimeOnly(let one), .dateTimeOnly(let other)): Value.order(one, other)
        case (.dateTime(let one), .dateTime(let other)): Value.order(one.instant, other.instant)
        case (.duration(let one), .duration(let other)): Value.order(one, other)
        default: nil
        }
    }

    /// Whether two values are the same to `==`: 5 and 5.0 are, and dateTimes of one instant in two zones; a string
    /// beside a date is read as one. Null is the same as null here; what `==` makes of it is up to the caller.
    func isSame(as other: Value) -> Bool {
        switch (self, other) {
        case (.string(let one), .string(let other)): return one.hasBytes(of: other)
        case (.boolean(let one), .boolean(let other)): return one == other
        case (.null, .null): return true
        case (.list(let one), .list(let other)):
            return one.count == other.count && zip(one, other).allSatisfy { $0.isSame(as: $1) }
        case (.object(let one), .object(let other)): return one == other
        case (.string, _): return conformed(toTypeOf: other).map { $0.order(to: other) == 0 } ?? false
        case (_, .string): return other.conformed(toTypeOf: self).map { order(to: $0) == 0 } ?? false
        default: return order(to: other) == 0
        }
    }

    /// Of a string beside a date or duration: what it writes. nil in every other case.
    func conformed(toTypeOf other: Value) -> Value? {
        switch other {
        case .dateOnly: conformed(to: .dateOnly)
        case .dateTimeOnly: conformed(to: .dateTimeOnly)
        case .dateTime: conformed(to: .dateTime)
        case .duration: conformed(to: .duration)
        default: nil
        }
    }

    /// The key under which values that are ``isSame(as:)`` to each other are found in a set: numbers and instants by
    /// value.
    var identity: Value {
        switch self {
        case .decimal(let value): Int64(exactly: value).map(Value.integer) ?? self
        case .dateTime(let value): .dateTime(DateTime(instant: value.instant, zone: .utc))
        case .list(let items): .list(items.map(\.identity))
        default: self
        }
    }

    private static func order<T: Comparable>(_ one: T, _ other: T) -> Int {
        one < other ? -1 : (one == other ? 0 : 1)
    }

    private static func order(_ integer: Int64, toDecimal decimal: Double) -> Int {
        if decimal >= 0x1p63 { return -1 }
        if decimal < -0x1p63 { return 1 }
        let whole = decimal.rounded(.towardZero)
        let order = order(integer, Int64(whole))
        return order != 0 ? order : Value.order(whole, decimal)
    }
}
