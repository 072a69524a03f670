/// A person, by one identity: a namespace such as `crmId` and the id in it.
///
/// Both are brought to Unicode's composed form (NFC), so that one person has one spelling, and are compared by bytes.
package struct Person: Sendable, Hashable, CustomStringConvertible {
    /// Bytes that an id may have; a longer one is refused where it comes in, as no real identity is that long.
    package static let idBytesMax = 256

    package let namespace: String
    package let id: String

    package init(namespace: String, id: String) {
        self.namespace = namespace.composed
        self.id = id.composed
    }

    package static func == (one: Person, other: Person) -> Bool {
        one.id.hasBytes(of: other.id) && one.namespace.hasBytes(of: other.namespace)
    }

    package func hash(into hasher: inout Hasher) {
        namespace.hashBytes(into: &hasher)
        id.hashBytes(into: &hasher)
    }

    /// The number of the person's partition, of `count`: CRC16 of `namespace:id`, the hash of Redis Cluster.
    package func partition(of count: Int) -> Int {
        Int(CRC16.of("\(namespace):\(id)".utf8)) % count
    }

    /// How the person stands in Redis keys: both parts encoded, so that no id can leave its hash tag or look like
    /// another key. Letters, digits, `_`, `-`, `.`, `@`, `+` and all that is not ASCII stay readable.
    package var key: String { Self.encode(namespace) + ":" + Self.encode(id) }

    /// The person whose ``key`` this is; nil for text that no person's key is.
    package init?(key: String) {
        guard let colon = key.utf8.firstIndex(of: UInt8(ascii: ":")),
            let namespace = Self.decode(key[..<colon]), let id = Self.decode(key[key.index(after: colon)...])
        else { return nil }
        self.init(namespace: namespace, id: id)
    }

    package var description: String { key }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "@"), UInt8(ascii: "+"), 0x80...0xFF:
            true
        default: false
        }
    }

    private static func encode(_ text: String) -> String {
        if text.utf8.allSatisfy(isPlain) { return text }
        var bytes: [UInt8] = []
        let hex = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
