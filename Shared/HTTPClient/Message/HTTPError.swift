/// Why a call has no answer.
///
/// The message is a constant sentence and at most the host and port; path, query, headers and bodies stay out, so it
/// may be logged and shown.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// URL, headers, body or bounds break a rule of `HTTPRequest`.
        case invalidRequest
        /// Every address of the name is one that the policy refuses.
        case refusedAddress
        /// The answer points to where the request must not follow.
        case redirectRefused
        /// More redirects than allowed.
        case tooManyRedirects
        /// The answer is longer than the bound.
        case tooLarge
        /// The name has no address, or the resolver does not answer.
        case nameNotResolved
        /// No address took the connection.
        case connectFailed
        /// The handshake failed or the certificate was not accepted.
        case tls
        /// As many requests as allowed are waiting.
        case queueFull
        /// The time of the request, or of its connection, is over.
        case timedOut
        /// The connection ended before the answer was complete.
        case connectionLost
        /// What came back is not HTTP as it should be.
        case protocolError
        /// The calling task was cancelled.
        case cancelled
        /// The client is closed.
        case closed

        /// What holds when nothing more is known of the single case.
        package var retry: RetryClass {
            switch self {
            case .invalidRequest, .refusedAddress, .redirectRefused, .tooManyRedirects, .tooLarge: .never
            case .nameNotResolved, .connectFailed, .tls, .queueFull: .safe
            case .timedOut, .connectionLost, .protocolError, .cancelled, .closed: .unknownOutcome
            }
        }
    }

    /// The kind.
    package let code: Code

    /// Whether a repeat is safe: the code's class, or `safe` where it is certain that nothing was sent.
    package let retry: RetryClass

    /// A sentence for logs and callers.
    package let message: String

    /// A failure; `retry` only where more is known than the code says.
    package init(_ code: Code, _ message: String, retry: RetryClass? = nil) {
        self.code = code
        self.retry = retry ?? code.retry
        self.message = message
    }

    /// The code and the message.
    package var description: String { "\(code.rawValue): \(message)" }
}
