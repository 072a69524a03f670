/// Bounds of claims.
package struct RequestQueueSettings: Sendable, Hashable {
    /// After so long without renewal another worker may have the request.
    package var lease: Duration = .seconds(60)
    /// A request claimed so often in vain is a dead letter.
    package var deliveriesMax = 5
    /// Dead letters kept in a partition, the newest.
    package var deadMax = 10_000
    /// The claim counts as the first call: right for workers that call at once, and saves them a step. A worker that
    /// dies in between has then used up an attempt.
    package var countsFirstAttempt = true
    /// Claims looked at by one step of a sweep.
    package var sweepStep = 256

    package init() {}
}
