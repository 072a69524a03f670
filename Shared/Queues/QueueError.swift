import Redis

/// Why a call of Queues did not do what was asked.
package struct QueueError: Error, Sendable, CustomStringConvertible {
    /// The kind of trouble: what a caller decides by.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// Redis could not be asked, or refused for now; nothing was done.
        case unavailable
        /// The answer was lost: it was done or not.
        case unknownOutcome
        /// Redis is at its limit of memory; nothing was done.
        case outOfMemory
        /// A bound of this process is reached; nothing was done.
        case busy
        /// This process is shutting down; nothing was done.
        case closed
        /// A key or an answer is not of the type expected: a person must look.
        case broken
    }

    /// Never, safe, or unknown outcome.
    package typealias Retry = RedisError.Retry

    package let code: Code
    /// A sentence for logs, without payloads.
    package let message: String
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    init(_ error: RedisError) {
        let code: Code =
            switch error.code {
            case .outOfMemory: error.retry == .unknownOutcome ? .unknownOutcome : .outOfMemory
            case .queueFull: .busy
            case .closed: .closed
            case .wrongType, .unexpectedReply, .refused, .commandTooLarge, .crossSlot, .noPermission: .broken
            default: error.retry == .unknownOutcome ? .unknownOutcome : .unavailable
            }
        self.init(code, error.message, cause: error)
    }

    /// Whether the same call may be made again. After ``Code/unknownOutcome`` it may, too: every script answers a
    /// repeated call like the first; only stimuli without a duplicate hash would come in twice.
    package var retry: Retry {
        switch code {
        case .unavailable, .outOfMemory, .busy: .safe
        case .unknownOutcome: .unknownOutcome
        case .closed, .broken: .never
        }
    }

    /// Whether a key holds another type than it should, and not Redis or its rights are at fault.
    package var isWrongType: Bool { (cause as? RedisError)?.code == .wrongType }

    /// A sentence for callers, which names nothing of Redis.
    package var callerMessage: String {
        switch code {
        case .unavailable, .closed: "The service cannot store this at the moment."
        case .unknownOutcome: "It is not known whether this was stored; send it again."
        case .outOfMemory, .busy: "The service is full; send this again later."
        case .broken: "The service met something it did not expect."
        }
    }

    package var description: String { "\(code.rawValue): \(message)" }
}

/// Runs a call of Redis and gives its error as one of Queues.
func redis<Value>(_ call: () async throws(RedisError) -> Value) async throws(QueueError) -> Value {
    do { return try await call() } catch { throw QueueError(error) }
}

/// Reads a reply and gives what is wrong with it as an error of Queues.
func reading<Value>(_ read: () throws(RedisError) -> Value) throws(QueueError) -> Value {
    do { return try read() } catch { throw QueueError(error) }
}
