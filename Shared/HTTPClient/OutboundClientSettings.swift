/// The bounds of an `OutboundClient`.
package struct OutboundClientSettings: Sendable {
    /// Requests under way at once, over all pools. Each costs a handle of about 6 KiB, kept for reuse, and its buffers.
    package var inFlightMax = 1_024

    /// Requests that may wait for a place; one more fails as `queueFull`.
    package var waitingMax = 4_096

    /// Connections kept open for reuse beyond `inFlightMax`, which is what all open ones may be together.
    package var idleConnectionsMax = 256

    /// An idle connection older than this is not reused: shorter than what most servers wait, so that few requests
    /// meet a connection that is being closed.
    package var connectionIdleMax: Duration = .seconds(30)

    /// A connection is closed after this time whatever its use, so that changes of DNS are followed.
    package var connectionAgeMax: Duration = .seconds(300)

    /// How long an address of a name is kept.
    package var dnsCache: Duration = .seconds(30)

    /// Longest request body.
    package var requestBodyBytesMax = 16 << 20

    /// Longest sum of an answer's header lines.
    package var responseHeaderBytesMax = 64 << 10

    /// The `User-Agent` of requests that set none.
    package var userAgent = "Sojourn"

    /// A file of certificates to trust instead of the system's.
    package var certificateFile: String?

    /// The defaults.
    package init() {}
}
