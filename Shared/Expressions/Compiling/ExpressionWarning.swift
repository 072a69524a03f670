import Models

/// Something that an expression may do but its author hardly means.
package struct ExpressionWarning: Sendable, Hashable {
    package enum Code: String, Sendable, CaseIterable {
        case constantCondition, divisionByZero, alwaysNull, alwaysFails, neverTrue, unknownField, unknownAudience
    }

    package let code: Code
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// In characters.
    package let length: Int
    package let text: String
    package let message: String
    package let suggestion: String?

    package var json: JSONValue {
        var object: JSONObject = [:]
        object["code"] = .string(code.rawValue)
        object["line"] = JSONValue(line)
        object["column"] = JSONValue(column)
        object["length"] = JSONValue(length)
        object["text"] = .string(text)
        object["message"] = .string(message)
        if let suggestion { object["suggestion"] = .string(suggestion) }
        return .object(object)
    }
}
