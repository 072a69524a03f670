/// An answer of Redis.
package enum RedisReply: Sendable, Hashable {
    case null
    case integer(Int64)
    case bulk([UInt8])
    case status(String)
    case array([RedisReply])
    case error(RedisErrorReply)
}

/// What may be looked at when any type is possible.
extension RedisReply {
    /// Also a null array.
    package var isNull: Bool { self == .null }

    /// The number, of an integer only; a bulk with digits is text.
    package var integerValue: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// The bytes of a bulk.
    package var bytes: [UInt8]? {
        if case .bulk(let bytes) = self { bytes } else { nil }
    }

    /// The text of a bulk, bad UTF-8 repaired, or of a status.
    package var text: String? {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// What is in an array.
    package var elements: [RedisReply]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The error, also where it is an element of a pipeline's answers.
    package var errorReply: RedisErrorReply? {
        if case .error(let error) = self { error } else { nil }
    }
}

/// What is used when one type is expected: an error reply is thrown as its `RedisError`, any other type as
/// `unexpectedReply`.
extension RedisReply {
    /// This reply, unless it is an error.
    package func checked() throws(RedisError) -> RedisReply {
        if case .error(let reply) = self { throw reply.error }
        return self
    }

    /// The number of an integer.
    package func requireInteger() throws(RedisError) -> Int64 {
        guard case .integer(let value) = self else { throw mismatch("an integer") }
        return value
    }

    /// The bytes of a bulk.
    package func requireBytes() throws(RedisError) -> [UInt8] {
        guard case .bulk(let bytes) = self else { throw mismatch("a string") }
        return bytes
    }

    /// Null is `nil`.
    package func optionalBytes() throws(RedisError) -> [UInt8]? {
        if case .null = self { return nil }
        return try requireBytes()
    }

    /// A bulk or a status.
    package func requireText() throws(RedisError) -> String {
        guard let text else { throw mismatch("a text") }
        return text
    }

    /// Null is `nil`.
    package func optionalText() throws(RedisError) -> String? {
        if case .null = self { return nil }
        return try requireText()
    }

    /// Null is an empty array: commands answer it for a list that does not exist.
    package func requireArray() throws(RedisError) -> [RedisReply] {
        switch self {
        case .array(let elements): return elements
        case .null: return []
        default: throw mismatch("an array")
        }
    }

    /// Any status: `OK`, `QUEUED`, `PONG`.
    package func requireStatus() throws(RedisError) {
        guard case .status = self else { throw mismatch("a status") }
    }

    private func mismatch(_ expected: String) -> RedisError {
        if case .error(let reply) = self { return reply.error }
        let kind =
            switch self {
            case .null: "null"
            case .integer: "an integer"
            case .bulk: "a string"
            case .status: "a status"
            case .array: "an array"
            case .error: "an error"
            }
        return RedisError(.unexpectedReply, "Redis answered \(kind) where \(expected) was expected.", retry: .never)
    }
}
