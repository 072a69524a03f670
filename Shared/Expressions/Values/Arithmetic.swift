import Models

/// The operators `+ - * / %` on values that are not null.
enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
}

/// Why an operation on values has no result.
enum ArithmeticFailure: Error {
    /// Beyond 64-bit integers, finite decimals or the years 0 to 9999.
    case overflow
    /// The operator is not defined for values of these types.
    case types
}

extension ArithmeticOperator {
    func apply(_ one: Value, _ other: Value) throws(ArithmeticFailure) -> Value {
        switch (one, other) {
        case (.integer(let one), .integer(let other)): return try onIntegers(one, other)
        case (.decimal(let one), .decimal(let other)): return try onDecimals(one, other)
        case (.integer(let one), .decimal(let other)): return try onDecimals(Double(one), other)
        case (.decimal(let one), .integer(let other)): return try onDecimals(one, Double(other))
        default: break
        }
        if self == .add, let joined = concatenated(one, other) { return joined }
        return try onTimes(one, other)
    }

    private func onIntegers(_ one: Int64, _ other: Int64) throws(ArithmeticFailure) -> Value {
        let result: (partialValue: Int64, overflow: Bool)
        switch self {
        case .add: result = one.addingReportingOverflow(other)
        case .subtract: result = one.subtractingReportingOverflow(other)
        case .multiply: result = one.multipliedReportingOverflow(by: other)
        case .divide: return try onDecimals(Double(one), Double(other))
        case .remainder:
            // The one remainder that overflows is that by -1, which is 0.
            return .integer(other == 0 || other == -1 ? 0 : one % other)
        }
        if result.overflow { throw .overflow }
        return .integer(result.partialValue)
    }

    private func onDecimals(_ one: Double, _ other: Double) throws(ArithmeticFailure) -> Value {
        let result: Double
        switch self {
        case .add: result = one + other
        case .subtract: result = one - other
        case .multiply: result = one * other
        case .divide: result = other == 0 ? 0 : one / other
        case .remainder: result = other == 0 ? 0 : one.truncatingRemainder(dividingBy: other)
        }
        guard result.isFinite else { throw .overflow }
        return .decimal(result)
    }

    private func concatenated(_ one: Value, _ other: Value) -> Value? {
        switch (one, other) {
        case (.string(let one), .string(let other)): .string(one + other)
        case (.string(let one), let other): other.text.map { .string(one + $0) }
        case (let one, .string(let other)): one.text.map { .string($0 + other) }
        default: nil
        }
    }

    private func onTimes(_ one: Value, _ other: Value) throws(ArithmeticFailure) -> Value {
        switch (self, one, other) {
        case (.add, .duration(let one), .duration(let other)): return .duration(milliseconds: try sum(one, other))
        case (.subtract, .duration(let one), .duration(let other)):
            return .duration(milliseconds: try difference(one, other))
        case (.add, .dateTime(let time), .duration(let span)), (.add, .duration(let span), .dateTime(let time)):
            return try ArithmeticOperator.dateTime(try sum(time.instant, span), time.zone)
        case (.subtract, .dateTime(let time), .duration(let span)):
            return try ArithmeticOperator.dateTime(try difference(time.instant, span), time.zone)
        case (.subtract, .dateTime(let one), .dateTime(let other)):
            return .duration(milliseconds: one.instant - other.instant)
        case (.add, .dateTimeOnly(let time), .duration(let span)), (.add, .duration(let span), .dateTimeOnly(let time)):
            return try ArithmeticOperator.dateTimeOnly(try sum(time.milliseconds, span))
        case (.subtract, .dateTimeOnly(let time), .duration(let span)):
            return try ArithmeticOperator.dateTimeOnly(try difference(time.milliseconds, span))
        case (.subtract, .dateTimeOnly(let one), .dateTimeOnly(let other)):
            return .duration(milliseconds: one.milliseconds - other.milliseconds)
        // Where types are known at run time only, a string beside a time is what it writes.
        case (_, .string, _):
            if let read = one.conformed(toTypeOf: other) { return try onTimes(read, other) }
            if case .duration = other, let read = one.conformed(to: .dateTime) { return try onTimes(read, other) }
            throw .types
        case (_, _, .string):
            if let read = other.conformed(to: .duration) ?? other.conformed(toTypeOf: one) {
                return try onTimes(one, read)
            }
            throw .types
        default: throw .types
        }
    }

    private func sum(_ one: Int64, _ other: Int64) throws(ArithmeticFailure) -> Int64 {
        let (result, overflow) = one.addingReportingOverflow(other)
        if overflow { throw .overflow }
        return result
    }

    private func difference(_ one: Int64, _ other: Int64) throws(ArithmeticFailure) -> Int64 {
        let (result, overflow) = one.subtractingReportingOverflow(other)
        if overflow { throw .overflow }
        return result
    }

    static func dateTime(_ instant: Int64, _ zone: Zone) throws(ArithmeticFailure) -> Value {
        guard DateTime.instants.contains(instant) else { throw .overflow }
        return .dateTime(DateTime(instant: instant, zone: zone))
    }

    static func dateTimeOnly(_ milliseconds: Int64) throws(ArithmeticFailure) -> Value {
        guard LocalDateTime.range.contains(milliseconds) else { throw .overflow }
        return .dateTimeOnly(LocalDateTime(milliseconds: milliseconds))
    }
}

extension Value {
    /// The unary minus.
    func negated() throws(ArithmeticFailure) -> Value {
        switch self {
        case .integer(let value):
            let (result, overflow) = Int64(0).subtractingReportingOverflow(value)
            if overflow { throw .overflow }
            return .integer(result)
        case .decimal(let value): return .decimal(-value)
        case .duration(let milliseconds):
            let (result, overflow) = Int64(0).subtractingReportingOverflow(milliseconds)
            if overflow { throw .overflow }
            return .duration(milliseconds: result)
        default: throw .types
        }
    }
}
