import Models

extension FunctionTable {
    static let aggregation: [FunctionEntry] = [
        FunctionEntry(
            "avg", .aggregation,
            [Signature(["list": .list(.number)], .decimal), Signature(["a": .number, "b": .number], .decimal)],
            "Gives the mean of numbers; null for an empty list.", example: "avg([1, 2, 6])", result: "3"
        ) { (arguments, _) throws(FunctionFailure) in
            let numbers = arguments.count == 1 ? try arguments.items(0) : arguments.values
            guard !numbers.isEmpty else { return .null }
            return .decimal(try total(numbers.map { $0.identityDecimal }) / Double(numbers.count))
        },
        FunctionEntry(
            "count", .aggregation, [Signature(["list": .anyList], .integer)],
            "Counts the items that are not null.", example: "count([1, null, 3])", result: "2"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try arguments.items(0).count))
        },
        FunctionEntry(
            "countWithNull", .aggregation, [Signature(["list": .anyList], .integer)],
            "Counts all items.", example: "countWithNull([1, null, 3])", result: "3"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try arguments.list(0).count))
        },
        FunctionEntry(
            "countOnlyNull", .aggregation, [Signature(["list": .anyList], .integer)],
            "Counts the items that are null.", example: "countOnlyNull([1, null, 3])", result: "1"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(try arguments.list(0).count { $0.isNull }))
        },
        FunctionEntry(
            "distinctCount", .aggregation,
            [
                Signature(["list": .anyList], .integer), Signature(["list": .listObject, "key": .string], .integer),
            ],
            "Counts the different items, or the different values of a field of the items; nulls do not count.",
            example: "distinctCount([5, 5.0, 7, null])", result: "2"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(Set(try keys(arguments).filter { !$0.isNull }).count))
        },
        FunctionEntry(
            "distinctCountWithNull", .aggregation, [Signature(["list": .anyList], .integer)],
            "Counts the different items; all nulls together count as one.",
            example: "distinctCountWithNull([5, 5, null, null])", result: "2"
        ) { (arguments, _) throws(FunctionFailure) in
            .integer(Int64(Set(try keys(arguments)).count))
        },
        FunctionEntry(
            "max", .aggregation, extremes,
            "Gives the largest number, or the latest time, or the longest duration; null for an empty list.",
            example: "max([3, 8.5, 5])", result: "8.5"
        ) { (arguments, _) throws(FunctionFailure) in
            try extreme(arguments) { $0 > 0 }
        },
        FunctionEntry(
            "min", .aggregation, extremes,
            "Gives the smallest number, or the earliest time, or the shortest duration; null for an empty list.",
            example: "min(3, 8)", result: "3"
        ) { (arguments, _) throws(FunctionFailure) in
            try extreme(arguments) { $0 < 0 }
        },
        FunctionEntry(
            "sum", .aggregation,
            [
                Signature(["list": .list(.number)], .itemOf(0)),
                Signature(["list": .list(.one(.duration))], .duration),
                Signature(["a": .number, "b": .number], .joined),
            ],
            "Adds numbers or durations; 0 for an empty list.", example: "sum([1, 2, 3.5])", result: "6.5"
        ) { (arguments, _) throws(FunctionFailure) in
            let items = arguments.count == 1 ? try arguments.items(0) : arguments.values
            var sum = items.first ?? Value.zero(of: arguments.resultType)
            for item in items.dropFirst() {
                do {
                    sum = try ArithmeticOperator.add.apply(sum, item)
                } catch {
                    throw FunctionFailure(.overflow, "The sum is out of the range of its type.")
                }
            }
            return sum
        },
    ]

    private static let extremes: [Signature] =
        ordered.map { Signature(["list": .list($0)], .itemOf(0)) }
        + ordered.map { Signature(["a": $0, "b": $0], .joined) }

    private static func extreme(
        _ arguments: Arguments, _ isBetter: (Int) -> Bool
    ) throws(FunctionFailure) -> Value {
        let items = arguments.count == 1 ? try arguments.items(0) : arguments.values
        guard var best = items.first else { return .null }
        for item in items.dropFirst() {
            guard let order = item.order(to: best) else {
                throw FunctionFailure(.typeMismatch, "\(item.type) and \(best.type) have no order with each other.")
            }
            if isBetter(order) { best = item }
        }
        return best
    }

    private static func total(_ numbers: [Double]) throws(FunctionFailure) -> Double {
        let total = numbers.reduce(0, +)
        guard total.isFinite else { throw FunctionFailure(.overflow, "The sum is larger than a decimal can be.") }
        return total
    }

    /// What tells the items apart: themselves, or the field that the second argument names.
    static func keys(_ arguments: Arguments) throws(FunctionFailure) -> [Value] {
        let items = try arguments.list(0)
        guard arguments.count == 2 else { return items.map(\.identity) }
        let key = try arguments.string(1)
        return items.map { $0.member(key).identity }
    }
}

extension Value {
    /// What the sum of nothing is.
    fileprivate static func zero(of type: ValueType) -> Value {
        switch type {
        case .duration: .duration(milliseconds: 0)
        case .decimal: .decimal(0)
        default: .integer(0)
        }
    }

    /// A number as a decimal.
    fileprivate var identityDecimal: Double {
        switch self {
        case .integer(let value): Double(value)
        case .decimal(let value): value
        default: 0
        }
    }

    /// The field of an object; null where there is none.
    func member(_ key: String) -> Value {
        if case .object(let object) = self, let member = object[key] { return Value(json: member) }
        return .null
    }
}
