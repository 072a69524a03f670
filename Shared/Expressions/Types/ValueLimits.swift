import Models

/// What a schema says of a field's values beyond their type.
package struct ValueLimits: Sendable, Hashable {
    /// The only values that there are, null aside; nil: any.
    package var cases: [JSONValue]?
    package var minimum: Double?
    package var maximum: Double?
    /// Whether the minimum and the maximum themselves are left out.
    package var isMinimumExclusive = false
    package var isMaximumExclusive = false

    /// The limits of one schema by itself; nil where it has none.
    init?(schema: JSONObject) {
        if let constant = schema["const"] {
            cases = [constant]
        } else if let values = schema["enum"]?.arrayValue {
            cases = values.filter { !$0.isNull }
        }
        minimum = schema["minimum"]?.decimalValue
        maximum = schema["maximum"]?.decimalValue
        if let exclusive = schema["exclusiveMinimum"]?.decimalValue, exclusive >= minimum ?? -.infinity {
            (minimum, isMinimumExclusive) = (exclusive, true)
        }
        if let exclusive = schema["exclusiveMaximum"]?.decimalValue, exclusive <= maximum ?? .infinity {
            (maximum, isMaximumExclusive) = (exclusive, true)
        }
        if cases == nil, minimum == nil, maximum == nil { return nil }
    }

    /// What both allow.
    func narrowed(by other: ValueLimits) -> ValueLimits {
        var limits = self
        if let mine = cases, let theirs = other.cases {
            limits.cases = mine.filter(theirs.contains)
        } else {
            limits.cases = cases ?? other.cases
        }
        if let bound = other.minimum, bound > minimum ?? -.infinity {
            (limits.minimum, limits.isMinimumExclusive) = (bound, other.isMinimumExclusive)
        }
        if let bound = other.maximum, bound < maximum ?? .infinity {
            (limits.maximum, limits.isMaximumExclusive) = (bound, other.isMaximumExclusive)
        }
        return limits
    }

    /// What either allows; nil where that is everything.
    func widened(by other: ValueLimits) -> ValueLimits? {
        guard let mine = cases, let theirs = other.cases else { return self == other ? self : nil }
        var limits = self
        limits.cases = mine + theirs.filter { !mine.contains($0) }
        (limits.minimum, limits.maximum) = (nil, nil)
        return limits
    }
}

extension ValueLimits {
    /// The values as a message lists them.
    var caseTexts: [String] { (cases ?? []).map(\.text) }

    /// Why no value within the limits holds in `field symbol constant`; nil where one may.
    func contradiction(_ symbol: ComparisonOperator, _ constant: Value) -> String? {
        if symbol == .equal, let cases, !cases.contains(where: { Value(json: $0).isSame(as: constant) }) {
            return "The schema allows only \(caseTexts.prefix(20).joined(separator: ", ")) here."
        }
        let number: Double
        switch constant {
        case .integer(let value): number = Double(value)
        case .decimal(let value): number = value
        default: return nil
        }
        if let maximum {
            let isAbove =
                switch symbol {
                case .greater: number >= maximum
                case .greaterOrEqual, .equal: isMaximumExclusive ? number >= maximum : number > maximum
                default: false
                }
            if isAbove { return "The schema allows at most \(Value.decimal(maximum).text ?? "") here." }
        }
        if let minimum {
            let isBelow =
                switch symbol {
                case .less: number <= minimum
                case .lessOrEqual, .equal: isMinimumExclusive ? number <= minimum : number < minimum
                default: false
                }
            if isBelow { return "The schema allows at least \(Value.decimal(minimum).text ?? "") here." }
        }
        return nil
    }
}
