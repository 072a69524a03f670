import HTTPTypes
import HummingbirdCore
import NIOCore

/// One request to a route. Its body is read only when ``body(bytesMax:)`` is called.
package struct HTTPCall: Sendable {
    package let verb: HTTPVerb
    /// The path as it came, without the query.
    package let path: String
    package let query: String?
    package let peer: Peer
    let parameters: [(name: String, value: String)]
    let reader: BodyReader
    private let fields: HTTPFields
    private let authenticator: any Authenticator

    init(
        verb: HTTPVerb, path: String, query: String?, peer: Peer, parameters: [(name: String, value: String)],
        fields: HTTPFields, reader: BodyReader, authenticator: any Authenticator
    ) {
        self.verb = verb
        self.path = path
        self.query = query
        self.peer = peer
        self.parameters = parameters
        self.fields = fields
        self.reader = reader
        self.authenticator = authenticator
    }

    /// The caller's IP address, where it is known.
    package var remoteAddress: String? { peer.text }

    /// A `{name}` of the route's path, percent-decoded.
    package func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// The first value of a query item, percent-decoded, `+` as a blank.
    package func queryItem(_ name: String) -> String? {
        for item in (query ?? "").split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let decoded = PercentDecoding.text(parts[0].replacing("+", with: " "))
            guard decoded == name else { continue }
            return parts.count == 1 ? "" : PercentDecoding.text(parts[1].replacing("+", with: " "))
        }
        return nil
    }

    /// The value of a header, whatever its case; values of a repeated one are joined by commas.
    package func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { fields[$0] } }

    /// The whole body. Throws 413 beyond the bound and 503 where bodies take up too much memory already.
    package func body(bytesMax: Int) async throws(HTTPRefusal) -> [UInt8] {
        do {
            let buffer = try await reader.collect(bytesMax: bytesMax)
            return Array(buffer.readableBytesView)
        } catch { throw error.refusal }
    }

    /// The caller, as the server's authenticator knows it.
    package func principal() async -> Principal? {
        await authenticator.authenticate(Credentials(authorization: fields[.authorization], peer: peer))
    }

    /// The caller, who must be known (401) and have the scope (403).
    package func require(_ scope: Scope) async throws(HTTPRefusal) -> Principal {
        guard let principal = await principal() else { throw .unauthorized }
        guard principal.may(scope) else { throw .forbidden(scope) }
        return principal
    }
}

/// `%41` and the like.
enum PercentDecoding {
    /// The decoded text; nil where an escape is broken or the bytes are not UTF-8.
    static func text(_ text: some StringProtocol) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
