/// How long to wait before the next attempt to connect: doubling, with jitter, so that the clients of a server that
/// comes back do not come all at once.
struct ReconnectBackoff: Sendable {
    let min: Duration
    let max: Duration
    /// Failures since the last success.
    private(set) var attempts = 0

    init(min: Duration, max: Duration) {
        self.min = min
        self.max = max
    }

    /// - Parameter random: in 0 ..< 1.
    mutating func next(random: Double) -> Duration {
        // 2^20 × 1 ms is past any sensible maximum, and far from overflow.
        let whole = Swift.min(min * (1 << Swift.min(attempts, 20)), max)
        attempts += 1
        return whole / 2 + whole / 2 * random
    }

    mutating func reset() {
        attempts = 0
    }
}
