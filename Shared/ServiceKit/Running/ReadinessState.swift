import JSONRPC
import Synchronization

/// Whether the service can do its work, put together from what its parts say. Answers come from memory.
package final class ReadinessState: Readiness {
    private struct State {
        var away: String?
        /// In the order in which they were said.
        var reasons: [(part: String, reason: String)] = []
    }

    private let state: Mutex<State>

    /// - Parameter away: why nothing can be answered at the beginning.
    package init(away: String? = nil) { state = Mutex(State(away: away)) }

    package var reasonNotReady: String? { state.withLock { $0.away ?? $0.reasons.first?.reason } }
    package var reasonAway: String? { state.withLock { $0.away } }

    /// Nothing can be answered, for this reason; nil ends it.
    package func setAway(_ reason: String?) { state.withLock { $0.away = reason } }

    /// A part is not ready for new work, for this reason; nil ends it.
    package func setNotReady(_ part: String, _ reason: String?) {
        state.withLock { state in
            state.reasons.removeAll { $0.part == part }
            if let reason { state.reasons.append((part, reason)) }
        }
    }
}
