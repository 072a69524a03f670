import Glibc

/// An IPv4 or IPv6 address; one that is IPv4 in IPv6 clothing (`::ffff:a.b.c.d`) is the IPv4 address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Network order; 4 or 16.
    let bytes: [UInt8]

    /// Reads dotted decimal of four parts or IPv6 text, and nothing else: no ports, brackets, zones, octal.
    package init?(_ text: String) {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(networkOrder: withUnsafeBytes(of: &v4) { Array($0) })
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        self.init(networkOrder: withUnsafeBytes(of: &v6) { Array($0) })
    }

    /// The 4 or 16 bytes as they stand in a socket address.
    init(networkOrder bytes: [UInt8]) {
        let isMapped = bytes.count == 16 && bytes.starts(with: Self.mappedPrefix)
        self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
    }

    /// The address and port of a socket address of either family.
    static func read(_ address: UnsafeRawPointer, family: Int32) -> (address: IPAddress, port: UInt16)? {
        switch family {
        case AF_INET:
            var socketAddress = address.loadUnaligned(as: sockaddr_in.self)
            let bytes = withUnsafeBytes(of: &socketAddress.sin_addr) { Array($0) }
            return (IPAddress(networkOrder: bytes), UInt16(bigEndian: socketAddress.sin_port))
        case AF_INET6:
            var socketAddress = address.loadUnaligned(as: sockaddr_in6.self)
            let bytes = withUnsafeBytes(of: &socketAddress.sin6_addr) { Array($0) }
            return (IPAddress(networkOrder: bytes), UInt16(bigEndian: socketAddress.sin6_port))
        default:
            return nil
        }
    }

    /// Whether both addresses agree in their first `bits` bits and family.
    func matches(_ network: IPAddress, bits: Int) -> Bool {
        guard bytes.count == network.bytes.count else { return false }
        let whole = bits / 8
        guard bytes.prefix(whole).elementsEqual(network.bytes.prefix(whole)) else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return bytes[whole] & mask == network.bytes[whole] & mask
    }

    /// The usual text form.
    package var description: String {
        let isV4 = bytes.count == 4
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = bytes.withUnsafeBytes { source in
            inet_ntop(isV4 ? AF_INET : AF_INET6, source.baseAddress, &text, socklen_t(text.count))
        }
        guard written != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
}
