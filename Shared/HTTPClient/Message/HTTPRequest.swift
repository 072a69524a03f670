/// One call to the outside, with every bound that it runs under.
package struct HTTPRequest: Sendable {
    /// The method.
    package var method: HTTPMethod

    /// Absolute `http` or `https` address in printable ASCII, already percent-encoded, without user or password;
    /// at most 8 KiB.
    package var url: String

    /// Fields to send. `Host`, `Content-Length`, `Transfer-Encoding`, `Connection` and the like are the client's own
    /// and refused here.
    package var headers: HTTPHeaders

    /// Bytes to send, or none.
    package var body: [UInt8]?

    /// Time for the whole call, waiting for a place and redirects included: 1 ms to 10 minutes.
    package var timeout: Duration = .seconds(5)

    /// Time for name resolution, connecting and the TLS handshake, within `timeout`.
    package var connectTimeout: Duration = .seconds(2)

    /// The longest body accepted, as it is after its coding (gzip, deflate) is undone.
    package var responseBytesMax: Int = 1 << 20

    /// What becomes of an answer whose body cannot be taken.
    package enum LostBody: Sendable, Hashable {
        /// The call fails: `tooLarge`, or `protocolError` for a coding that cannot be undone.
        case fails
        /// The answer counts without its body, and `bodyLoss` says why.
        case leftOut
        /// As ``leftOut``; and a 2xx counts too whose body breaks off or does not come in time, as its status says that
        /// what was asked for is done.
        case leftOutOfSuccess
    }

    /// What becomes of an answer whose body is longer than the bound or in a coding that cannot be undone, or does not
    /// come to its end.
    package var lostBody: LostBody = .fails

    /// What is done about a 3xx answer.
    package var redirects: HTTPRedirects = .none

    /// Names, in lower case, of fields in `headers` that authenticate; with one of these, or one of the well-known
    /// (`authorization`, `cookie`, `x-api-key`, …), no redirect to another origin is followed.
    package var credentialHeaders: Set<String> = []

    /// Requests with the same pool share `connectionsMax` places; empty stands for the origin of the URL.
    package var pool: String = ""

    /// How many requests of the pool are under way at once; the rest waits inside the client.
    package var connectionsMax: Int = 64

    /// A request with the default bounds.
    package init(
        _ method: HTTPMethod = .get, _ url: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// Appends a query parameter, percent-encoded, before a fragment if there is one.
    package mutating func addQuery(_ name: String, _ value: String) {
        let pair = PercentEncoding.component(name) + "=" + PercentEncoding.component(value)
        let end = url.firstIndex(of: "#") ?? url.endIndex
        let front = url[..<end]
        let joint = front.contains("?") ? (front.hasSuffix("?") || front.hasSuffix("&") ? "" : "&") : "?"
        url = front + joint + pair + url[end...]
    }

    /// Whether a field of the request authenticates its sender.
    var carriesCredentials: Bool {
        headers.contains { field in
            let name = field.name.lowercased()
            return credentialHeaders.contains(name) || Self.wellKnownCredentials.contains(name)
        }
    }

    private static let wellKnownCredentials: Set<String> = [
        "authorization", "proxy-authorization", "cookie", "x-api-key", "x-key", "api-key", "apikey", "x-auth-token",
        "x-access-token",
    ]
}
