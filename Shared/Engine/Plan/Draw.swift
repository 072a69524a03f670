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

    /// The finalizer of SplitMix64 (Steele, Lea, Flood, 2014).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
