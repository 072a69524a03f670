import Models
import Synchronization

/// The third parties of a suite, on one port: SMS gateway, loyalty API, whatever a test's journeys call. A path that
/// nobody plays is answered 200 `{"id":"m-1"}`.
package final class Partners: Sendable {
    private let table: Table
    package let peer: HTTPPeer

    package init() throws {
        let table = Table()
        peer = try HTTPPeer.start { table.respond(to: $0) }
        self.table = table
    }

    deinit { peer.stop() }

    package var url: String { peer.url }

    package var port: Int { peer.port }

    /// Plays the paths that begin so, from now on; of several prefixes the longest counts, the last said of equal ones.
    package func answer(_ prefix: String, _ respond: @escaping HTTPPeer.Responder) {
        table.set(prefix, respond)
    }

    /// What came to the paths that begin so, in order.
    package func requests(_ prefix: String = "/") -> [PeerRequest] {
        peer.received.filter { $0.target.hasPrefix(prefix) }
    }

    /// The bodies of ``requests(_:)``.
    package func bodies(_ prefix: String = "/") -> [JSONValue] {
        requests(prefix).map { (try? JSONValue.parse($0.body)) ?? .null }
    }

    private final class Table: Sendable {
        private let entries = Mutex<[String: HTTPPeer.Responder]>([:])

        func set(_ prefix: String, _ respond: @escaping HTTPPeer.Responder) {
            entries.withLock { $0[prefix] = respond }
        }

        func respond(to request: PeerRequest) -> PeerAnswer {
            let entry = entries.withLock { entries in
                entries.filter { request.target.hasPrefix($0.key) }.max { $0.key.count < $1.key.count }
            }
            let json = [("Content-Type", "application/json")]
            return entry?.value(request) ?? .answer(200, headers: json, body: #"{"id":"m-1"}"#)
        }
    }
}
