/// Scheme, host and port of an absolute URL, read so strictly that no other reader can see another host in it.
struct WebAddress: Sendable, Hashable {
    let isSecure: Bool
    /// Lower case; IPv6 without brackets.
    let host: String
    let port: UInt16

    /// Longest URL accepted.
    static let bytesMax = 8_192

    /// Host and port as messages may name them.
    var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The key of the pool that requests without a named one share.
    var origin: String { (isSecure ? "https://" : "http://") + hostAndPort }

    /// Reads a URL.
    ///
    /// - Throws: `invalidRequest` for another scheme, user or password, a host with letters that need decoding,
    ///   spaces, control characters, or anything beyond ASCII.
    init(url: String) throws(HTTPError) {
        let bytes = Array(url.utf8)
        guard bytes.count <= Self.bytesMax else {
            throw HTTPError(.invalidRequest, "The URL is longer than \(Self.bytesMax) bytes.")
        }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw HTTPError(.invalidRequest, "The URL has characters that must be percent-encoded.")
        }
        let start: Int
        if Self.begins(bytes, with: "http://") {
            (isSecure, start) = (false, 7)
        } else if Self.begins(bytes, with: "https://") {
            (isSecure, start) = (true, 8)
        } else {
            throw HTTPError(.invalidRequest, "The URL begins neither with http:// nor with https://.")
        }
        let end = bytes[start...].firstIndex { $0 == 0x2F || $0 == 0x3F || $0 == 0x23 } ?? bytes.count
        guard let (host, port) = Self.authority(bytes[start..<end]) else {
            throw HTTPError(.invalidRequest, "The URL has no plain host and port after the scheme.")
        }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
    }

    private static func begins(_ bytes: [UInt8], with scheme: StaticString) -> Bool {
        scheme.withUTF8Buffer { expected in
            bytes.count > expected.count
                && zip(bytes, expected).allSatisfy { ($0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0) == $1 }
        }
    }

    /// Letters, digits, `-`, `.`, `_`, or IPv6 in brackets; then a port. Hence no `@`, `%` or `\`.
    private static func authority(_ bytes: ArraySlice<UInt8>) -> (host: String, port: UInt16?)? {
        let hostEnd: Int
        let host: ArraySlice<UInt8>
        if bytes.first == UInt8(ascii: "[") {
            guard let close = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[(bytes.startIndex + 1)..<close]
            guard IPAddress(String(decoding: host, as: UTF8.self)) != nil else { return nil }
            hostEnd = close + 1
        } else {
            hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
            host = bytes[bytes.startIndex..<hostEnd]
            guard host.allSatisfy(isNameByte) else { return nil }
        }
        guard !host.isEmpty, host.count <= 253 else { return nil }
        let name = String(decoding: host, as: UTF8.self).lowercased()
        if hostEnd == bytes.endIndex { return (name, nil) }
        guard bytes[hostEnd] == UInt8(ascii: ":"),
            let port = UInt16(String(decoding: bytes[(hostEnd + 1)...], as: UTF8.self)), port > 0
        else { return nil }
        return (name, port)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
