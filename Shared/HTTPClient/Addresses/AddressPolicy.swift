/// Which addresses may be connected to: public ones, and what the deployment allows besides.
///
/// It is asked with the address that the socket is about to connect to, after name resolution, so no spelling of an
/// address and no change of a DNS answer gets around it.
package struct AddressPolicy: Sendable, Hashable {
    enum Allowed: Sendable, Hashable {
        case network(IPAddress, bits: Int)
        case name(String)
    }

    struct Entry: Sendable, Hashable {
        let allowed: Allowed
        let port: UInt16?
    }

    let entries: [Entry]

    /// The number of entries that an allow list may have; each new connection walks it.
    package static let entriesMax = 256

    /// Public addresses only.
    package init() {
        entries = []
    }

    /// Public addresses and these: `127.0.0.1:8080`, `10.1.2.3`, `10.0.0.0/8`, `10.0.0.0/8:443`, `[::1]:9000`,
    /// `fd00::/8`, and names as they stand in a URL, `localhost:8080`, `stub.internal` (every port).
    ///
    /// - Throws: `invalidRequest`, naming the entry that cannot be read.
    package init(allow: [String]) throws(HTTPError) {
        guard allow.count <= Self.entriesMax else {
            throw HTTPError(.invalidRequest, "The allow list has more than \(Self.entriesMax) entries.")
        }
        var entries: [Entry] = []
        for text in allow {
            guard let entry = Self.read(text) else {
                throw HTTPError(.invalidRequest, "The allow list has an entry that cannot be read: \(text)")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    /// Whether a connection to the address may be opened for a URL with this host, in lower case.
    package func permits(_ address: IPAddress, port: UInt16, host: String) -> Bool {
        address.isPublic
            || entries.contains { entry in
                guard entry.port == nil || entry.port == port else { return false }
                switch entry.allowed {
                case .network(let network, let bits): return address.matches(network, bits: bits)
                case .name(let name): return name == host
                }
            }
    }

    private static func read(_ text: String) -> Entry? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let inside = text[text.index(after: text.startIndex)..<end]
            let rest = text[text.index(after: end)...]
            guard let port = readPort(rest), let allowed = readNetwork(String(inside)) else { return nil }
            return Entry(allowed: allowed, port: port.number)
        }
        if text.utf8.filter({ $0 == UInt8(ascii: ":") }).count > 1 {
            return readNetwork(text).map { Entry(allowed: $0, port: nil) }
        }
        let end = text.firstIndex(of: ":") ?? text.endIndex
        guard let port = readPort(text[end...]) else { return nil }
        let host = String(text[..<end])
        guard let allowed = readNetwork(host) ?? readName(host) else { return nil }
        return Entry(allowed: allowed, port: port.number)
    }

    private struct PortRule {
        /// None stands for every port.
        let number: UInt16?
    }

    private static func readPort(_ text: Substring) -> PortRule? {
        if text.isEmpty { return PortRule(number: nil) }
        guard text.first == ":", let number = UInt16(text.dropFirst()), number > 0 else { return nil }
        return PortRule(number: number)
    }

    private static func readNetwork(_ text: String) -> Allowed? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        let bitsMax = address.bytes.count * 8
        guard parts.count == 2 else { return .network(address, bits: bitsMax) }
        guard let bits = Int(parts[1]), (0...bitsMax).contains(bits) else { return nil }
        return .network(address, bits: bits)
    }

    private static func readName(_ text: String) -> Allowed? {
        let isName = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return !text.isEmpty && isName ? .name(text.lowercased()) : nil
    }
}
