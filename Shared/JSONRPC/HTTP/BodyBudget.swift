import Synchronization

/// Bounds the memory of all bodies that are being read at one time.
final class BodyBudget: Sendable {
    private let left: Atomic<Int>

    init(bytes: Int) { left = Atomic(bytes) }

    /// False, taking nothing, where that much is not left.
    func take(_ bytes: Int) -> Bool {
        let (before, _) = left.subtract(bytes, ordering: .relaxed)
        if before >= bytes { return true }
        left.add(bytes, ordering: .relaxed)
        return false
    }

    func giveBack(_ bytes: Int) {
        if bytes > 0 { left.add(bytes, ordering: .relaxed) }
    }
}
