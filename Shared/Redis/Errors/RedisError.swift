/// What can go wrong with Redis, and whether the command may be sent again.
///
/// Messages are for logs. They hold no arguments of commands and no password; `callerMessage` is for people who
/// must not learn anything about Redis.
package struct RedisError: Error, Sendable {
    /// What happened: first what the connection finds, then what Redis answers.
    package enum Code: String, Sendable, CaseIterable {
        /// The address in the settings cannot be read.
        case invalidAddress
        /// There was no connection for the whole time-out.
        case notConnected
        case timedOut
        case connectionLost
        /// As many commands or bytes as allowed are waiting.
        case queueFull
        case closed
        case commandTooLarge
        /// What came is not RESP2, or larger than allowed.
        case protocolViolation
        /// The answer has another type than the caller can use.
        case unexpectedReply

        // What Redis answers.
        case loading
        /// Another client's script runs for too long.
        case busy
        case readOnly
        /// MISCONF: the disk refuses, so writes are refused.
        case diskRefused
        case outOfMemory
        case noScript
        case clusterDown
        case masterDown
        case tryAgain
        case moved
        case ask
        case noReplicas
        case notAuthenticated
        case noPermission
        case wrongType
        case crossSlot
        case transactionAborted
        /// Any other error.
        case refused
    }

    /// What is known about the command, which decides alone about a repeat.
    package enum Retry: String, Sendable, CaseIterable {
        /// It fails again.
        case never
        /// It did not run, and may run later.
        case safe
        /// It may have run, or partly: only what is idempotent is sent again.
        case unknownOutcome
    }

    /// What happened; `retry` is what decides about a repeat.
    package let code: Code
    /// Whether the command may be sent again.
    package let retry: Retry
    /// A sentence for logs.
    package let message: String
    /// What was underneath: the last failed attempt to connect, for one.
    package let cause: (any Error)?
    /// The words of Redis, when it answered.
    package let reply: RedisErrorReply?

    init(
        _ code: Code, _ message: String, retry: Retry, cause: (any Error)? = nil, reply: RedisErrorReply? = nil
    ) {
        self.code = code
        self.retry = retry
        self.message = message
        self.cause = cause
        self.reply = reply
    }

    /// The same with another word about a repeat: for callers that know more than the connection did.
    package func with(retry: Retry) -> RedisError {
        RedisError(code, message, retry: retry, cause: cause, reply: reply)
    }

    /// A constant sentence that names nothing of Redis.
    package var callerMessage: String {
        switch retry {
        case .never: "The request cannot be carried out."
        case .safe: "The store is not available; nothing was changed."
        case .unknownOutcome: "The store did not answer; the change may have been made."
        }
    }
}

extension RedisError: CustomStringConvertible {
    /// For logs: code, message and cause.
    package var description: String {
        var text = "\(code.rawValue): \(message)"
        if let cause { text += " (\(cause))" }
        return text
    }
}
