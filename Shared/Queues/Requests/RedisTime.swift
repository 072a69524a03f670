import Synchronization

/// Redis' time as a worker knows it: told by the last claim, and gone on from there by the machine's steady clock.
///
/// What a worker says of its calls goes by it, as everything else does: a machine whose clock is wrong would put them
/// into another order than what they belong to. It is behind Redis by the way of one answer, never before it.
package final class RedisTime: Sendable {
    private struct Told {
        let milliseconds: Int64
        let at: ContinuousClock.Instant
    }

    private let told = Mutex<Told?>(nil)
    private let before: @Sendable () -> Int64

    /// - Parameter before: what counts until Redis was heard of for the first time (ms since 1970).
    package init(before: @escaping @Sendable () -> Int64) { self.before = before }

    /// Milliseconds since 1970.
    package var now: Int64 {
        guard let told = told.withLock({ $0 }) else { return before() }
        return told.milliseconds + told.at.duration(to: .now).milliseconds
    }

    /// Redis said that it was this time.
    func tell(_ milliseconds: Int64) {
        let said = Told(milliseconds: milliseconds, at: .now)
        told.withLock { $0 = said }
    }
}
