import Models

/// Equality and order as JSON Schema has them: numbers by their value, however written; strings by their code points,
/// where Swift would take an accented letter and its two-part spelling for the same; objects without order.
enum SchemaEquality {
    static func same(_ one: JSONValue, _ other: JSONValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.string(let one), .string(let other)): same(one, other)
        case (.array(let one), .array(let other)): one.count == other.count && zip(one, other).allSatisfy(same)
        case (.object(let one), .object(let other)): same(one, other)
        case (.integer(let one), .integer(let other)): one == other
        case (.integer, .decimal), (.integer, .exact), (.decimal, .integer), (.decimal, .decimal), (.decimal, .exact),
            (.exact, .integer), (.exact, .decimal), (.exact, .exact):
            compare(one, other) == 0
        default: false
        }
    }

    @inline(__always)
    static func same(_ one: String, _ other: String) -> Bool { one.hasBytes(of: other) }

    private static func same(_ one: JSONObject, _ other: JSONObject) -> Bool {
        guard one.count == other.count else { return false }
        return one.allSatisfy { member in other[member.key].map { same(member.value, $0) } ?? false }
    }

    /// −1, 0 or 1 as the first number is less than, equal to or greater than the second. Both must be numbers.
    static func compare(_ one: JSONValue, _ other: JSONValue) -> Int {
        switch (one, other) {
        case (.integer(let one), .integer(let other)): return one < other ? -1 : (one > other ? 1 : 0)
        case (.decimal(let one), .decimal(let other)): return one < other ? -1 : (one > other ? 1 : 0)
        // Integers to 2^53 are doubles without loss.
        case (.integer(let one), .decimal(let other)) where one.magnitude < 1 << 53:
            return Double(one) < other ? -1 : (Double(one) > other ? 1 : 0)
        case (.decimal(let one), .integer(let other)) where other.magnitude < 1 << 53:
            return one < Double(other) ? -1 : (one > Double(other) ? 1 : 0)
        default:
            guard let one = DecimalText(one), let other = DecimalText(other) else { return 0 }
            return DecimalText.compare(one, other)
        }
    }

    /// Equal values have equal hashes.
    static func hash(_ value: JSONValue, into hasher: inout Hasher) {
        switch value {
        case .null: hasher.combine(0)
        case .bool(let flag): hasher.combine(flag)
        case .integer, .decimal, .exact: hasher.combine(value.decimalValue ?? 0)
        case .string(let text): text.hashBytes(into: &hasher)
        case .array(let items):
            hasher.combine(items.count)
            for item in items { hash(item, into: &hasher) }
        case .object(let object):
            var sum = 0
            for (key, value) in object {
                var member = Hasher()
                key.hashBytes(into: &member)
                hash(value, into: &member)
                sum &+= member.finalize()
            }
            hasher.combine(sum)
        }
    }

    /// The places of the first two items that are the same; nil where all differ. Linear.
    static func repetition(in items: [JSONValue]) -> (Int, Int)? {
        if items.count < 2 { return nil }
        var seen: [Item: Int] = [:]
        for (place, value) in items.enumerated() {
            if let earlier = seen.updateValue(place, forKey: Item(value: value)) { return (earlier, place) }
        }
        return nil
    }

    private struct Item: Hashable {
        let value: JSONValue

        static func == (one: Item, other: Item) -> Bool { same(one.value, other.value) }
        func hash(into hasher: inout Hasher) { SchemaEquality.hash(value, into: &hasher) }
    }
}
