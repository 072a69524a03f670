import Foundation

extension FunctionTable {
    static let math: [FunctionEntry] = [
        FunctionEntry(
            "abs", .math, [Signature(["number": .number], .sameAs(0))],
            "Gives the number without its sign.", example: "abs(-2.5)", result: "2.5"
        ) { (arguments, _) throws(FunctionFailure) in
            guard case .integer(let value) = arguments[0] else { return .decimal(try arguments.decimal(0).magnitude) }
            guard value != .min else {
                throw FunctionFailure(.overflow, "The result is larger than an integer can be.")
            }
            return .integer(Swift.abs(value))
        },
        FunctionEntry(
            "ceil", .math, [Signature(["number": .number], .integer)],
            "Gives the smallest integer that is not less.", example: "ceil(2.1)", result: "3"
        ) { (arguments, _) throws(FunctionFailure) in
            try rounded(arguments) { $0.rounded(.up) }
        },
        FunctionEntry(
            "floor", .math, [Signature(["number": .number], .integer)],
            "Gives the largest integer that is not greater.", example: "floor(-2.1)", result: "-3"
        ) { (arguments, _) throws(FunctionFailure) in
            try rounded(arguments) { $0.rounded(.down) }
        },
        FunctionEntry(
            "power", .math, [Signature(["base": .number, "exponent": .number], .decimal)],
            "Raises a number to a power.", example: "power(2, 10)", result: "1024"
        ) { (arguments, _) throws(FunctionFailure) in
            let result = pow(try arguments.decimal(0), try arguments.decimal(1))
            guard result.isFinite else { throw FunctionFailure(.overflow, "The power is no number a decimal can be.") }
            return .decimal(result)
        },
        FunctionEntry(
            "random", .math, [Signature([:], .decimal)],
            "Draws a number from 0 up to but not including 1, the same again when the instance is replayed.",
            example: "random() < 1", result: "true", dependence: .seed
        ) { (_, run) throws(FunctionFailure) in
            .decimal(Double(run.draw() >> 11) * 0x1p-53)
        },
        FunctionEntry(
            "round", .math, [Signature(["number": .number], .integer)],
            "Gives the nearest integer, of two equally near ones the greater.", example: "round(-2.5)", result: "-2"
        ) { (arguments, _) throws(FunctionFailure) in
            // Adding a half would round 0.49999999999999994 up.
            try rounded(arguments) { $0 - $0.rounded(.down) < 0.5 ? $0.rounded(.down) : $0.rounded(.up) }
        },
    ]

    private static func rounded(
        _ arguments: Arguments, _ round: (Double) -> Double
    ) throws(FunctionFailure) -> Value {
        if case .integer = arguments[0] { return arguments[0] }
        return try whole(round(try arguments.decimal(0)))
    }
}
