import Models

/// Random numbers of one purpose of a simulation: the same whenever they are drawn again, whatever else is drawn.
///
/// Begun at a hash of the seed and of what the numbers are for.
struct SeededRandom: RandomNumberGenerator {
    private var numbers: SplitMix64

    /// - Parameter purpose: what tells this sequence from every other one of the simulation.
    init(seed: UInt64, _ purpose: String, _ number: Int = 0) {
        var hash = SipHash(key: HashKey(first: seed, second: 0x7369_6d75_6c61_7465))
        hash.add(purpose)
        hash.add(UInt64(number))
        numbers = SplitMix64(state: hash.finish().low)
    }

    mutating func next() -> UInt64 { numbers.next() }

    /// Whether something that happens so many times in a hundred happens.
    mutating func happens(percent: Double) -> Bool { Double.random(in: 0..<100, using: &self) < percent }
}
