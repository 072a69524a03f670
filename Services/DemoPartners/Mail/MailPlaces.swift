import Synchronization

/// Counts the mail connections that are open.
final class MailPlaces: Sendable {
    private let inside = Mutex(0)
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func enter() -> Bool {
        inside.withLock { inside in
            guard inside < limit else { return false }
            inside += 1
            return true
        }
    }

    func leave() {
        inside.withLock { $0 -= 1 }
    }
}
