import Models

/// One thing that validation has to say about a journey.
package struct Finding: Sendable, Hashable {
    package enum Severity: String, Sendable {
        /// Publication and test are refused.
        case error
        case warning
    }

    /// Stable; see ``FindingCode`` and, for expressions, the codes of `ExpressionError` and `ExpressionWarning`.
    package let code: String
    package let severity: Severity
    /// The node's id; nil for the journey as a whole.
    package let node: String?
    /// A JSON pointer in the node, or in the document where there is no node.
    package let field: String?
    /// One sentence: what is wrong.
    package let message: String
    /// What to do about it.
    package let remedy: String
    /// Where in an expression, from 1.
    package var line: Int?
    package var column: Int?
    /// In characters.
    package var length: Int?

    package var json: JSONValue {
        var object = JSONObject([("code", .string(code)), ("severity", .string(severity.rawValue))])
        if let node { object["node"] = .string(node) }
        if let field { object["field"] = .string(field) }
        object["message"] = .string(message)
        object["remedy"] = .string(remedy)
        if let line { object["line"] = JSONValue(line) }
        if let column { object["column"] = JSONValue(column) }
        if let length { object["length"] = JSONValue(length) }
        return .object(object)
    }
}

/// What compiling a journey gave.
package struct Compilation: Sendable {
    /// nil where a finding is an error.
    package let plan: Plan?
    /// Those of the journey first, then by node in the order of the document.
    package let findings: [Finding]

    package var hasErrors: Bool { findings.contains { $0.severity == .error } }
}
