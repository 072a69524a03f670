/// What is made of the constant arguments of a call once, when the expression is compiled.
struct PreparedArguments: Sendable {
    var zone: Zone?
    var pattern: Pattern?
    var replacement: Replacement?
    /// For a pattern that is computed; nil where it is constant or there is none.
    var patterns: PatternCache?
}

/// The arguments of one call. The checker and the call have seen to the types, so a reading that does not fit is a
/// mistake in the function's own table entry.
struct Arguments {
    let values: [Value]
    /// The type that the checker promised for the result.
    let resultType: ValueType
    let prepared: PreparedArguments

    var count: Int { values.count }

    subscript(place: Int) -> Value { values[place] }

    func string(_ place: Int) throws(FunctionFailure) -> String {
        if case .string(let value) = values[place] { return value }
        throw mismatch(place, "string")
    }

    func integer(_ place: Int) throws(FunctionFailure) -> Int64 {
        if case .integer(let value) = values[place] { return value }
        throw mismatch(place, "integer")
    }

    func decimal(_ place: Int) throws(FunctionFailure) -> Double {
        switch values[place] {
        case .decimal(let value): return value
        case .integer(let value): return Double(value)
        default: throw mismatch(place, "numeric")
        }
    }

    func boolean(_ place: Int) throws(FunctionFailure) -> Bool {
        if case .boolean(let value) = values[place] { return value }
        throw mismatch(place, "boolean")
    }

    func dateTime(_ place: Int) throws(FunctionFailure) -> DateTime {
        if case .dateTime(let value) = values[place] { return value }
        throw mismatch(place, "dateTime")
    }

    func list(_ place: Int) throws(FunctionFailure) -> [Value] {
        if case .list(let value) = values[place] { return value }
        throw mismatch(place, "list")
    }

    /// The items that are not null.
    func items(_ place: Int) throws(FunctionFailure) -> [Value] {
        try list(place).filter { !$0.isNull }
    }

    func zone(_ place: Int) throws(FunctionFailure) -> Zone {
        if let zone = prepared.zone { return zone }
        let name = try string(place)
        guard let zone = Zone(identifier: name) else {
            throw FunctionFailure(.unknownZone, "There is no time zone of this name.")
        }
        return zone
    }

    /// A regular expression. One that is computed costs the steps of compiling it each time, so that the same values
    /// always take the same steps.
    func pattern(_ place: Int, _ run: inout Run) throws(FunctionFailure) -> Pattern {
        if let pattern = prepared.pattern { return pattern }
        let text = try string(place)
        let pattern: Pattern
        do throws(PatternRefusal) {
            if let cache = prepared.patterns { pattern = try cache.pattern(text) } else { pattern = try Pattern(text) }
        } catch {
            throw FunctionFailure(.badPattern, error.message)
        }
        try run.spend(Pattern.stepsOfCompiling + pattern.programSize / 8)
        return pattern
    }

    /// What is put in place of what the pattern matches.
    func replacement(_ place: Int, for pattern: Pattern) throws(FunctionFailure) -> Replacement {
        if let replacement = prepared.replacement { return replacement }
        let text = try string(place)
        do throws(PatternRefusal) {
            return try Replacement(text, for: pattern)
        } catch {
            throw FunctionFailure(.badReplacement, error.message)
        }
    }

    func mismatch(_ place: Int, _ expected: String) -> FunctionFailure {
        FunctionFailure(
            .typeMismatch, "Argument \(place + 1) is of type \(values[place].type); \(expected) is needed.")
    }
}
