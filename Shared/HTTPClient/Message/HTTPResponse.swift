/// What the other side answered; any status is an answer, none an error.
package struct HTTPResponse: Sendable {
    /// Why a body is left out.
    package enum BodyLoss: Sendable, Hashable {
        /// It is longer than the request's `responseBytesMax`.
        case tooLong
        /// Its coding cannot be undone.
        case unreadable
        /// It broke off, or did not come in time.
        case incomplete
    }

    /// The status code, 200–599.
    package let status: Int

    /// Fields of the last answer, in order; trailers come after them.
    package let headers: HTTPHeaders

    /// The body, never longer than the request's `responseBytesMax`.
    package let body: [UInt8]

    /// Why the answer goes without its body; nil where it does not.
    package let bodyLoss: BodyLoss?

    /// Address and port connected to: `127.0.0.1:8080`, `[::1]:80`.
    package let address: String

    /// How many redirects were followed.
    package let redirects: Int

    /// From `send` to the last byte, waiting and redirects included.
    package let totalTime: Duration

    /// Resolving, connecting and the TLS handshake of the last call; zero on a reused connection.
    package let connectTime: Duration

    /// Whether the last call went over a connection that was already open.
    package let reusedConnection: Bool
}
