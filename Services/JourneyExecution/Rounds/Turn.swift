import Synchronization

/// Something that one loop of the process may do at a time; the others go on with what else they have.
final class Turn: Sendable {
    private let isTaken = Mutex(false)

    /// False where another has it.
    func take() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }

    func end() { isTaken.withLock { $0 = false } }
}
