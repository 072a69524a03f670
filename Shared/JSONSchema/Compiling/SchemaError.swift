import Models

/// Why a schema cannot be taken, and where. Never worth a retry unchanged.
package struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A JSON pointer (RFC 6901) into the schema document; empty for the document itself.
    package let pointer: String
    /// One sentence: what is wrong and what is expected.
    package let reason: String

    package init(pointer: String, reason: String) {
        self.pointer = pointer
        self.reason = reason
    }

    package var description: String { pointer.isEmpty ? reason : "\(pointer): \(reason)" }

    /// The same for callers.
    package var problem: Problem { Problem(path: pointer, message: reason) }
}
