import NIOCore

/// The other end of a connection; its text is made only where somebody asks.
package struct Peer: Sendable {
    private enum Address: Sendable {
        case text(String?)
        case socket(SocketAddress)
    }

    /// A caller that came over no connection.
    package static let unknown = Peer(address: .text(nil))

    private let address: Address

    private init(address: Address) { self.address = address }

    package init(_ text: String) { address = .text(text) }

    package init(_ socket: SocketAddress?) { address = socket.map(Address.socket) ?? .text(nil) }

    /// The IP address without the port; nil where it is unknown.
    package var text: String? {
        switch address {
        case .text(let text): text
        case .socket(let socket): socket.ipAddress
        }
    }
}
