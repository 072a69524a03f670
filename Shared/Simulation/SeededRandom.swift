import Models

/// Random numbers of one purpose of a simulation: the same whenever they are drawn again, whatever else is drawn.
///
/// SplitMix64 (Steele, Lea, Flood, 2014), begun at a hash of the seed and of what the numbers are for.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter purpose: what tells this sequence from every other one of the simulation.
    init(seed: UInt64, _ purpose: String, _ number: Int = 0) {
        var hash = SipHash(key: HashKey(first: seed, second: 0x7369_6d75_6c61_7465))
        hash.add(purpose)
        hash.add(UInt64(number))
        state = hash.finish().low
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// Whether something that happens so many times in a hundred happens.
    mutating func happens(percent: Double) -> Bool { Double.random(in: 0..<100, using: &self) < percent }
}
