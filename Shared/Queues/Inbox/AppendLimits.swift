/// Bounds on what comes in. Lengths count elements of one partition.
package struct AppendLimits: Sendable, Hashable {
    /// At this length the inbox takes nothing more from outside: some seconds of work.
    package var inboxElementsMax = 20_000
    /// From these lengths on nothing more comes in, since what comes in makes more of them.
    package var fetchesMark = 20_000
    package var actionsMark = 20_000
    /// Bytes of requests put off, of fetches or of actions, over all lanes.
    package var putOffBytesMax = 16 << 20
    /// So many that ``CommitBatch/stepsBytesMax`` is reached before, and the oldest are dropped. A deployment that
    /// would rather stop sets this lower and that to 0.
    package var stepsMark = 200_000
    /// A repeated id has no effect for at least so long.
    package var duplicateWindow: Duration = .seconds(24 * 3600)
    /// Sets that a generation of the window is spread over, so that each stays small enough to be integer-coded.
    package var duplicateBuckets: UInt64 = 8_192
    /// Entries and bytes that wait in this process to be written; more are refused as ``QueueError/Code/busy``.
    package var waitingEntriesMax = 20_000
    package var waitingBytesMax = 64 << 20
    /// Entries and bytes of one script call, which holds Redis up for about 4 µs an entry.
    package var callEntriesMax = 512
    package var callBytesMax = 1 << 20
    /// Pipelines on their way at once; a partition is in one of them at a time. With `appendfsync always` one is
    /// the fastest: what it leaves behind gathers to larger batches.
    package var flights = 1

    package init() {}

    /// Without marks on what is there already.
    static var unbounded: AppendLimits {
        var limits = AppendLimits()
        // Far beyond any length, and exact as a number of Lua.
        let none = 1 << 50
        limits.inboxElementsMax = none
        limits.fetchesMark = none
        limits.actionsMark = none
        limits.putOffBytesMax = none
        limits.stepsMark = none
        return limits
    }

    var halfWindowMilliseconds: Int64 { max(1, duplicateWindow.milliseconds / 2) }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
