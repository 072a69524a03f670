/// Steps for times in milliseconds: each whole one up to 15, then sixteen for every doubling, so that a time read back
/// is at most 3.2 % off.
enum LatencyScale {
    /// Times beyond are counted as this: over a month.
    static let millisecondsMax: Int64 = 1 << 32 - 1

    static func step(of milliseconds: Int64) -> Int64 {
        let value = min(max(0, milliseconds), millisecondsMax)
        if value < 16 { return value }
        let doubling = Int64(63 - value.leadingZeroBitCount) - 4
        return 16 + doubling * 16 + (value >> doubling & 15)
    }

    /// The middle of a step, in milliseconds.
    static func milliseconds(of step: Int64) -> Int64 {
        if step < 16 { return step }
        let doubling = (step - 16) / 16
        let lowest = (16 + (step - 16) % 16) << doubling
        return lowest + (1 << doubling - 1) / 2
    }

    /// The time that this part (0 to 1) of all is not longer than; nil where there are none.
    static func percentile(_ part: Double, of steps: [(step: Int64, count: Int64)]) -> Int64? {
        let total = steps.reduce(0) { $0 + $1.count }
        guard total > 0 else { return nil }
        let rank = max(1, Int64((Double(total) * part).rounded(.up)))
        var seen: Int64 = 0
        for (step, count) in steps.sorted(by: { $0.step < $1.step }) {
            seen += count
            if seen >= rank { return milliseconds(of: step) }
        }
        return nil
    }
}
