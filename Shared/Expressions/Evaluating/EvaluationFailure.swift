import Models

/// Why an evaluation gave no value.
package enum EvaluationFailure: Error, Sendable {
    /// The same facts give the same error.
    case error(EvaluationError)
    /// The value depends on these; evaluate again with their answers. A parameter that itself depends on a look-up
    /// makes another round.
    case needsLookups([LookupRequest])
}

/// An operation that has no result with these values.
package struct EvaluationError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, CaseIterable {
        /// Beyond 64-bit integers, finite decimals or the years 0 to 9999.
        case overflow
        /// An argument that is outside what the function takes.
        case outOfRange
        /// A value of a type that does not fit, which showed at run time only.
        case typeMismatch
        /// A text that would be larger than an operation may make.
        case tooLong
        case tooManySteps, tooManyLookups
        case lookupFailed
        case unknownZone
        /// A regular expression that was computed and is none, or a replacement that does not fit one.
        case badPattern, badReplacement
    }

    package let code: Code
    package let message: String
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// In characters.
    package let length: Int
    /// The piece of the expression that failed.
    package let text: String

    init(code: Code, message: String, line: Int, column: Int, length: Int, text: String) {
        self.code = code
        self.message = message
        self.line = line
        self.column = column
        self.length = length
        self.text = text
    }

    /// Of an error that was recorded, whose place in the expression was not.
    package init(code: Code, message: String) {
        self.init(code: code, message: message, line: 1, column: 1, length: 0, text: "")
    }

    /// The `data` of the JSON-RPC error −32013.
    package var json: JSONValue {
        [
            "code": .string(code.rawValue), "line": JSONValue(line), "column": JSONValue(column),
            "length": JSONValue(length), "text": .string(text), "message": .string(message),
        ]
    }
}

extension EvaluationError: CustomStringConvertible {
    package var description: String { "line \(line), column \(column): \(message)" }
}

/// An error inside an evaluation, before its place is turned into line and column.
struct Fault: Error {
    let code: EvaluationError.Code
    let span: Span
    let message: String
}
