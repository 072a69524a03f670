import Models
import Synchronization

/// What was stored in the last minute, second by second, and which journeys changed: what live reports are made of.
///
/// It holds at most the series of sixty seconds; those beyond ``seriesMax`` in a second are left out of the last minute
/// and not of the sums since the start, which come from the store.
final class LiveBoard: Sendable {
    static let seconds: Int64 = 60
    static let seriesMax = 10_000

    private struct State {
        var slots: [Int64: [TallySeries: Int64]] = [:]
        var changed: Set<String> = []
    }

    private let state = Mutex(State())

    /// Takes what one transaction stored.
    func note(_ sums: [TallySeries: Int64], at now: Int64) {
        let second = now / 1_000
        state.withLock { state in
            for old in state.slots.keys where old <= second - Self.seconds { state.slots[old] = nil }
            for (series, count) in sums where series.run.isEmpty {
                state.changed.insert(series.journey)
                if state.slots[second]?[series] == nil, state.slots[second]?.count ?? 0 >= Self.seriesMax { continue }
                state.slots[second, default: [:]][series, default: 0] += count
            }
        }
    }

    /// What was stored of a journey in the last minute.
    func lastMinute(of journey: String, at now: Int64) -> [TallySeries: Int64] {
        let second = now / 1_000
        return state.withLock { state in
            var sums: [TallySeries: Int64] = [:]
            for (slot, counts) in state.slots where slot > second - Self.seconds {
                for (series, count) in counts where series.journey == journey { sums[series, default: 0] += count }
            }
            return sums
        }
    }

    /// The journeys that changed since the last call.
    func takeChanged() -> Set<String> {
        state.withLock { state in
            defer { state.changed = [] }
            return state.changed
        }
    }
}
