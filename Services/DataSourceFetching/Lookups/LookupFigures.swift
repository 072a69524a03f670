import Models
import Synchronization

/// What the look-ups of this process came to since its start.
struct LookupFigures: Sendable {
    var lookups: Int64 = 0
    var cached: Int64 = 0
    var joined: Int64 = 0
    var calls: Int64 = 0
    /// Further attempts after one that failed.
    var repeats: Int64 = 0
    var failed: Int64 = 0
    /// Requests put off, as an endpoint took nothing at the moment.
    var postponed: Int64 = 0

    var json: JSONObject {
        [
            "lookups": .integer(lookups), "cached": .integer(cached), "joined": .integer(joined),
            "calls": .integer(calls), "repeats": .integer(repeats), "failed": .integer(failed),
            "postponed": .integer(postponed),
        ]
    }
}

/// Counts from many tasks at once.
final class LookupCounters: Sendable {
    private let state = Mutex(LookupFigures())

    var figures: LookupFigures { state.withLock { $0 } }

    func add(_ change: (inout LookupFigures) -> Void) { state.withLock { change(&$0) } }
}
