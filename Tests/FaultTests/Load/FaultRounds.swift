import Foundation

/// How often and with which seeds the cases run: once with seed 1 unless the environment says otherwise.
enum FaultRounds {
    /// `SOJOURN_FAULT_ROUNDS`: each case runs so many times, every time with the next seed.
    static let count = number("SOJOURN_FAULT_ROUNDS") ?? 1
    /// `SOJOURN_FAULT_SEED`: of the first round.
    static let seed = UInt64(number("SOJOURN_FAULT_SEED") ?? 1)

    /// `SOJOURN_FAULT_LONG`: cases that are short in `deploy/test` take their whole time, and keep to their times.
    static let isLong = number("SOJOURN_FAULT_LONG") == 1

    static let seeds = (0..<UInt64(max(1, count))).map { seed &+ $0 }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }
}

/// SplitMix64: the same seed makes the same moments and victims.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
