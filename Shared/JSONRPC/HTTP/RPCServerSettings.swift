/// Where the server listens and what it takes at most.
package struct RPCServerSettings: Sendable {
    /// An IP address or a name of this machine.
    package var host: String
    /// 0 takes any free port.
    package var port: Int
    /// Largest body of `/rpc`, in bytes: a batch of 1,000 events of 4 KiB fits.
    package var bodyBytesMax = 4 * 1_024 * 1_024
    /// Memory of all bodies being read at once, in bytes; beyond it requests are answered 503.
    package var bodyBytesTotalMax = 128 * 1_024 * 1_024
    /// Time for a request to arrive whole, from its first byte. Slower ones are answered 408 and the connection closed.
    package var requestTimeMax: Duration = .seconds(10)
    /// Time that a connection may stay open without a request. Longer than load balancers keep theirs (60 s).
    package var idleTimeMax: Duration = .seconds(75)
    /// Connections open at once; beyond it new ones wait in the backlog.
    package var connectionsMax = 16_384
    /// Connections that may wait to be accepted.
    package var backlog = 1_024
    /// Largest header field, in bytes: bearer tokens are about 1 KiB.
    package var headerFieldBytesMax = 16 * 1_024
    /// All header fields of a request together, in bytes.
    package var headerBytesMax = 32 * 1_024
    /// Header fields of a request.
    package var headerFieldsMax = 100
    /// After an answer that was given before the request had arrived: how long, and how many bytes, the rest of it is
    /// still read and thrown away, so that the other side gets to see the answer.
    package var lingerTimeMax: Duration = .seconds(2)
    package var lingerBytesMax = 16 * 1_024 * 1_024
    /// Requests are served on the event loops themselves. Right where each is short: a long one would hold up every
    /// other connection of its loop.
    package var isLoopBound = false

    package init(host: String = "127.0.0.1", port: Int) {
        self.host = host
        self.port = port
    }
}
