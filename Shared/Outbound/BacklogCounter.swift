import Metrics
import Synchronization

/// Counts requests that ended as `backlogFull`, by action or field group. A counter is kept once made.
package final class BacklogCounter: Sendable {
    /// Definitions are far fewer; what comes after so many is counted together.
    private static let lanesMax = 1_000

    private let kind: String
    private let counters = Mutex<[String: Counter]>([:])

    /// - Parameter kind: of the requests, `actions` or `fetches`.
    package init(kind: String) { self.kind = kind }

    /// Counts one of a lane.
    package func count(_ lane: String) { counter(lane).increment() }

    private func counter(_ lane: String) -> Counter {
        counters.withLock { counters in
            let name = counters[lane] == nil && counters.count >= Self.lanesMax ? "others" : lane
            if let known = counters[name] { return known }
            let made = Counter(
                label: "sojourn_backlog_full_total", dimensions: [("queue", kind), ("lane", name)])
            counters[name] = made
            return made
        }
    }
}
