import Models

/// Strings for samples.
enum SchemaSampleText {
    /// Characters that a sample is filled up to at most.
    private static let lengthMax = 4_096

    /// The first candidate that holds: of the format, of the pattern, the member's name, filled up or cut.
    static func value(_ parts: [SchemaNode], name: String?, holds: (JSONValue) -> Bool) -> JSONValue {
        let rules = parts.compactMap(\.strings)
        let least = min(rules.compactMap(\.minLength).max() ?? 0, lengthMax)
        let most = rules.compactMap(\.maxLength).min() ?? .max
        var candidates = rules.compactMap { $0.format?.sample }
        for pattern in rules.compactMap(\.pattern) {
            candidates += [0, 1, 2, 4, 8, 16, 64, least].map { pattern.sampleText(extra: $0) }
        }
        for base in [name, "text", "1"].compactMap({ $0 }) where !base.isEmpty { candidates.append(base) }
        for candidate in candidates {
            let fitted = fitted(candidate, least: least, most: most)
            if let value = [candidate, fitted].lazy.map(JSONValue.string).first(where: holds) { return value }
        }
        return .string(candidates.first ?? "text")
    }

    private static func fitted(_ text: String, least: Int, most: Int) -> String {
        var scalars = text.unicodeScalars
        let filling = Array(text.unicodeScalars)
        while scalars.count < least, !filling.isEmpty { scalars.append(contentsOf: filling) }
        return String(String.UnicodeScalarView(scalars.prefix(min(max(least, filling.count), most))))
    }
}

/// Numbers for samples.
enum SchemaSampleNumber {
    /// The first candidate that holds: a plain number, a bound, a step from it, a multiple near it.
    static func value(_ parts: [SchemaNode], isInteger: Bool, holds: (JSONValue) -> Bool) -> JSONValue {
        let rules = parts.compactMap(\.numbers)
        let least = rules.flatMap { [$0.minimum, $0.exclusiveMinimum] }.compactMap { $0 }
        let most = rules.flatMap { [$0.maximum, $0.exclusiveMaximum] }.compactMap { $0 }
        var candidates: [JSONValue] = (isInteger ? [] : [1.5]) + [1] + least + most
        for bound in (least + most).compactMap(\.decimalValue) {
            for step in [1, -1, 0.5, -0.5, 0.01, -0.01] { candidates.append(number(bound + step)) }
        }
        if let low = least.compactMap(\.decimalValue).max(), let high = most.compactMap(\.decimalValue).min() {
            candidates.append(number(low / 2 + high / 2))
        }
        for step in rules.compactMap({ $0.multipleOf?.number }) {
            candidates.append(step)
            guard let size = step.decimalValue, size > 0 else { continue }
            for bound in (least + most).compactMap(\.decimalValue) {
                for more in [0.0, 1, -1] { candidates.append(number(((bound / size).wholePart + more) * size)) }
            }
        }
        candidates += [0, -1]
        return candidates.first(where: holds) ?? 1
    }

    /// An integer where the number is one that 64 bits hold.
    private static func number(_ value: Double) -> JSONValue {
        if !value.isFinite { return 0 }
        return value.isWhole && value.magnitude < 0x1p53 ? .integer(Int64(value)) : .decimal(value)
    }
}

extension Double {
    /// Without the fraction.
    fileprivate var wholePart: Double { magnitude < 0x1p53 ? Double(Int64(self)) : self }
}
