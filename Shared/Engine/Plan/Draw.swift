import Models

/// Numbers that look random and are the same whenever they are drawn again.
enum Draw {
    /// Of a node's id, so that two nodes of one instance draw differently.
    static func salt(of id: String) -> UInt64 {
        var hash = SipHash(key: HashKey(first: 0x6a6f_7572_6e65_79, second: 0x6e6f_6465))
        hash.add(id)
        return hash.finish().low
    }

    /// What an expression of a visit draws from.
    static func seed(_ seed: UInt64, salt: UInt64, visit: Int64) -> UInt64 {
        mixed(seed ^ mixed(salt &+ UInt64(bitPattern: visit)))
    }

    /// From 0 to 100.
    static func percent(_ seed: UInt64) -> Double {
        Double(mixed(seed) >> 11) * 0x1p-53 * 100
    }

    /// The first number from this state.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var numbers = SplitMix64(state: value)
        return numbers.next()
    }
}
