import Models
import Synchronization

/// Payloads without an `_id` that were accepted for some of their people and refused for others: the ids that they were
/// given, so that the same payload sent again completes what is missing.
///
/// In memory alone: a repeat that comes to another replica, or after a restart, is known by the id in the first answer.
final class PartlyTaken: Sendable {
    /// Ids remembered; beyond, those that are over are forgotten, and what comes then is not remembered.
    static let idsMax = 10_000
    /// How long a repeat is waited for, in milliseconds.
    static let milliseconds: Int64 = 600_000

    private struct Entry {
        let id: String
        let at: Int64
    }

    private struct State {
        var entries: [UInt64: [Entry]] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Takes out the id that this payload was given before; one whose repeat is refused again is remembered anew. Two
    /// of the same payload have an id each.
    func take(_ fingerprint: UInt64, now: Int64) -> String? {
        state.withLock { state in
            while var list = state.entries[fingerprint], let entry = list.popLast() {
                state.count -= 1
                state.entries[fingerprint] = list.isEmpty ? nil : list
                if now - entry.at < Self.milliseconds { return entry.id }
            }
            return nil
        }
    }

    func remember(_ id: String, of fingerprint: UInt64, now: Int64) {
        state.withLock { state in
            if state.count >= Self.idsMax {
                state.entries = state.entries.compactMapValues { list in
                    let left = list.filter { now - $0.at < Self.milliseconds }
                    return left.isEmpty ? nil : left
                }
                state.count = state.entries.values.reduce(0) { $0 + $1.count }
            }
            if state.count >= Self.idsMax { return }
            state.entries[fingerprint, default: []].append(Entry(id: id, at: now))
            state.count += 1
        }
    }
}
