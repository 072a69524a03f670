/// One thing that is wrong with a document, where, and how to mend it.
package struct Problem: Sendable, Hashable, CustomStringConvertible {
    /// A JSON pointer (RFC 6901) into the document; empty for the document itself.
    package let path: String
    /// One sentence: what is wrong and what is expected.
    package let message: String

    package init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
    package var json: JSONValue { ["path": .string(path), "message": .string(message)] }
}

/// A document that cannot be taken, with every problem that was found. Never worth a retry unchanged.
package struct InvalidDocument: Error, Sendable, Hashable, CustomStringConvertible {
    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }

    package init(path: String, message: String) {
        problems = [Problem(path: path, message: message)]
    }

    package var description: String { problems.map(\.description).joined(separator: "; ") }
}
