import Engine
import Synchronization

/// The travelers of one partition that its owner holds, by the person's key: what Redis holds, or nothing.
final class TravelerMemory: Sendable {
    /// Past it the memory starts anew, as finding the oldest would cost more than reading.
    static let countMax = 8_192

    private let travelers = Mutex<[String: Traveler]>([:])

    subscript(key: String) -> Traveler? { travelers.withLock { $0[key] } }

    /// After a commit; who is empty is forgotten.
    func remember(_ changed: [String: Traveler]) {
        travelers.withLock { travelers in
            for (key, traveler) in changed {
                if travelers.count >= Self.countMax { travelers.removeAll(keepingCapacity: true) }
                travelers[key] = traveler.isEmpty ? nil : traveler
            }
        }
    }

    func removeAll() { travelers.withLock { $0.removeAll(keepingCapacity: true) } }
}
