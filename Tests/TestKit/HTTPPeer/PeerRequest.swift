/// A request that a peer received.
package struct PeerRequest: Sendable {
    /// As in the request line.
    package let method: String
    /// Path and query as in the request line.
    package let target: String
    /// Header fields in order, as written.
    package let headers: [(name: String, value: String)]
    /// The bytes after the header.
    package let body: [UInt8]
    /// Which connection of the peer it came over, counted from 1.
    package let connection: Int

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The target without its query.
    package var path: String { target.split(separator: "?", maxSplits: 1).first.map(String.init) ?? "" }

    /// The first value of the header field, by any spelling of its name.
    package subscript(_ header: String) -> String? {
        headers.first { $0.name.lowercased() == header.lowercased() }?.value
    }
}
