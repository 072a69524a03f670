import Synchronization

/// Slows those who try credentials: each wrong one from an address makes the next answer later. Pure bookkeeping; the
/// caller waits.
final class FailedAttempts: Sendable {
    /// Addresses remembered; beyond it the one that failed longest ago is forgotten.
    static let addressesMax = 10_000
    /// Failures that cost nothing, for a client whose key was just rotated.
    static let freeFailures = 5
    static let delayStep: Duration = .milliseconds(100)
    static let delayMax: Duration = .seconds(2)
    /// After this time without a failure an address is forgiven.
    static let memory: Duration = .seconds(60)
    /// Answers held back at once; beyond it they go out at once, since holding them would cost more than it hinders.
    static let heldMax = 1_000

    private struct State {
        var failures: [String: (count: Int, last: ContinuousClock.Instant)] = [:]
        var held = 0
    }

    private let state = Mutex(State())

    /// Notes a failure; how long its answer is to be held back, zero for not at all.
    func failed(from address: String, at now: ContinuousClock.Instant) -> Duration {
        state.withLock { state in
            var entry = state.failures[address] ?? (0, now)
            if entry.last + Self.memory < now { entry.count = 0 }
            entry = (entry.count + 1, now)
            if state.failures[address] == nil, state.failures.count >= Self.addressesMax { forgetOldest(&state) }
            state.failures[address] = entry
            guard entry.count > Self.freeFailures, state.held < Self.heldMax else { return .zero }
            state.held += 1
            return min(Self.delayMax, Self.delayStep * (entry.count - Self.freeFailures))
        }
    }

    /// An answer that was held back goes out now.
    func released() { state.withLock { $0.held -= 1 } }

    var count: Int { state.withLock { $0.failures.count } }

    /// Forgets a tenth at once, so that a full table is not searched for each failure.
    private func forgetOldest(_ state: inout State) {
        let oldest = state.failures.sorted { $0.value.last < $1.value.last }.prefix(max(1, Self.addressesMax / 10))
        for (address, _) in oldest { state.failures[address] = nil }
    }
}
