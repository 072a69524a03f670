/// The arguments of one call. The checker and the call have seen to the types, so a reading that does not fit is a
/// mistake in the function's own table entry.
struct Arguments {
    let values: [Value]
    /// The type that the checker promised for the result.
    let resultType: ValueType

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
        let name = try string(place)
        guard let zone = Zone(identifier: name) else {
            throw FunctionFailure(.unknownZone, "There is no time zone of this name.")
        }
        return zone
    }

    func mismatch(_ place: Int, _ expected: String) -> FunctionFailure {
        FunctionFailure(
            .typeMismatch, "Argument \(place + 1) is of type \(values[place].type); \(expected) is needed.")
    }
}
