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
    /// Bytes of requests put off in a partition, over all lanes. From there on each lane may hold an equal share only,
    /// and ingestion refuses.
    package var waitingBytesMax = 16 << 20
    /// The part of it that one lane may hold, in percent.
    package var waitingShare = 25
    /// A request is not put off for longer, counted from its first claim.
    package var waitingAge: Duration = .seconds(24 * 3600)
    /// Claims looked at by one step of a sweep.
    package var sweepStep = 256

    package init() {}
}
