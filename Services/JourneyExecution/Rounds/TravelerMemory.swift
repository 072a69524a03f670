import Engine
import Synchronization

/// The travelers of one partition that its owner holds, by the person's key: what Redis holds, or nothing.
///
/// Those touched lately are held: most stimuli come soon after the one before, while people in a wait of days would
/// only fill it. Two halves do for an order by use: when the younger is full, the older is forgotten.
final class TravelerMemory: Sendable {
    /// Travelers held by one process, over all partitions, at most: some 3 KB each.
    static let processCountMax = 16_384

    private struct Halves {
        var younger: [String: Traveler] = [:]
        var older: [String: Traveler] = [:]
    }

    private let halfMax: Int
    private let halves = Mutex(Halves())

    /// - Parameter partitions: that a process may come to own, which share the bound.
    init(partitions: Int) { halfMax = max(32, Self.processCountMax / 2 / max(1, partitions)) }

    subscript(key: String) -> Traveler? { halves.withLock { $0.younger[key] ?? $0.older[key] } }

    /// After a commit; who is empty is forgotten.
    func remember(_ changed: [String: Traveler]) {
        halves.withLock { halves in
            for (key, traveler) in changed {
                halves.older[key] = nil
                if traveler.isEmpty {
                    halves.younger[key] = nil
                    continue
                }
                if halves.younger.count >= halfMax, halves.younger[key] == nil {
                    swap(&halves.younger, &halves.older)
                    halves.younger.removeAll(keepingCapacity: true)
                }
                halves.younger[key] = traveler
            }
        }
    }

    func removeAll() { halves.withLock { $0 = Halves() } }
}
