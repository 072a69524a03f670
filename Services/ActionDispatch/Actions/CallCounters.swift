import Metrics
import Synchronization

/// Counts calls by status. A counter is kept once made, since finding one by its labels costs more than counting.
final class CallCounters: Sendable {
    /// Statuses are three-digit answers and codes of our own: this is never reached by honest third parties.
    private static let statusesMax = 200

    private let counters = Mutex<[String: Counter]>([:])

    func count(_ status: String) { counter(status).increment() }

    private func counter(_ status: String) -> Counter {
        if let known = counters.withLock({ $0[status] }) { return known }
        let made = Counter(label: "sojourn_action_calls_total", dimensions: [("status", status)])
        counters.withLock { if $0.count < Self.statusesMax { $0[status] = made } }
        return made
    }
}
