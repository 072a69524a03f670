/// A clock that never runs back, in milliseconds since it was made, and the wall's.
struct SteadyClock: Sendable {
    private let start = ContinuousClock.now
    let wallMilliseconds: @Sendable () -> Int64

    var milliseconds: Int64 { start.duration(to: .now).milliseconds }

    /// The instant of one of this clock's times.
    func instant(_ milliseconds: Int64) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }
}
