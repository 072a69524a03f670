import Models

/// Why a text is not an expression that may be used here. Nothing was evaluated; the same text fails again.
package struct ExpressionError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, CaseIterable {
        case tooLong, tooDeep
        case unexpectedCharacter, unterminatedString, unknownEscape, numberOutOfRange, unexpectedToken, unexpectedEnd
        case unknownName, unknownFunction, wrongArguments
        case unknownEvent, unknownSource, unknownGroup, unknownField, unknownAction, unknownAttribute
        case unknownParameter, missingParameter, notAvailable, wrongItem
        case typeMismatch, notConstant, unknownZone, invalidDate, badPattern, badReplacement
    }

    package let code: Code
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// In characters; 0 at the end of the text.
    package let length: Int
    /// The offending piece.
    package let text: String
    package let message: String
    /// What would have been right, where that can be said in few words.
    package let expected: String?
    /// What to write instead.
    package let suggestion: String?

    /// The `data` of the JSON-RPC error −32013.
    package var json: JSONValue {
        var object: JSONObject = [
            ("code", .string(code.rawValue)), ("line", JSONValue(line)), ("column", JSONValue(column)),
            ("length", JSONValue(length)), ("text", .string(text)), ("message", .string(message)),
        ].reduce(into: JSONObject()) { $0[$1.0] = $1.1 }
        if let expected { object["expected"] = .string(expected) }
        if let suggestion { object["suggestion"] = .string(suggestion) }
        return .object(object)
    }
}

extension ExpressionError: CustomStringConvertible {
    package var description: String {
        let advice = suggestion.map { " (\($0)?)" } ?? ""
        return "line \(line), column \(column): \(message)\(advice)"
    }
}

extension ExpressionError {
    init(
        _ code: Code, at span: Span, in bytes: [UInt8], _ message: String, expected: String? = nil,
        suggestion: String? = nil
    ) {
        let position = TextPosition(of: span, in: bytes)
        self.init(
            code: code, line: position.line, column: position.column, length: position.length, text: position.piece,
            message: message, expected: expected, suggestion: suggestion)
    }
}
