import Models

/// Where Redis Cluster keeps a key.
package enum RedisSlot {
    /// Slots of every cluster.
    package static let count = 16_384

    /// 0 ..< 16,384. Only what stands between the first `{` and the next `}` counts, unless that is nothing.
    package static func of(_ key: String) -> Int {
        let bytes = key.utf8
        if let open = bytes.firstIndex(of: UInt8(ascii: "{")) {
            let inside = bytes[bytes.index(after: open)...]
            if let close = inside.firstIndex(of: UInt8(ascii: "}")), close > inside.startIndex {
                return Int(CRC16.of(inside[..<close])) % count
            }
        }
        return Int(CRC16.of(bytes)) % count
    }
}
