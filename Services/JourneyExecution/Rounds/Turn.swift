import Synchronization

/// Lets rounds of several loops run side by side, save one that must run alone.
final class Turn: Sendable {
    private struct State {
        var beside = 0
        var isAlone = false
        /// Those that wait to be alone: nothing begins beside until each had its turn or gave up.
        var waiting = 0
    }

    /// How long to wait at most, and how often to look again: a round takes milliseconds, or as long as Redis does.
    private let patience: Duration
    private static let look = Duration.milliseconds(2)
    private let state = Mutex(State())

    init(patience: Duration = .seconds(1)) { self.patience = patience }

    /// Waits until nothing else runs. False where that took too long, or the task is cancelled: then nothing has begun.
    func begin() async -> Bool {
        state.withLock { $0.waiting += 1 }
        let isTaken = await wait { state in
            guard state.beside == 0, !state.isAlone else { return false }
            state.isAlone = true
            return true
        }
        state.withLock { $0.waiting -= 1 }
        return isTaken
    }

    func end() { state.withLock { $0.isAlone = false } }

    /// Somebody waits to be alone.
    var isWanted: Bool { state.withLock { $0.waiting > 0 } }

    /// Waits while another runs alone or is about to. False as for ``begin()``.
    func beginBeside() async -> Bool {
        await wait { state in
            guard state.waiting == 0, !state.isAlone else { return false }
            state.beside += 1
            return true
        }
    }

    func endBeside() { state.withLock { $0.beside -= 1 } }

    private func wait(until take: (inout State) -> Bool) async -> Bool {
        let deadline = ContinuousClock.now + patience
        while !state.withLock({ take(&$0) }) {
            if Task.isCancelled || ContinuousClock.now >= deadline { return false }
            try? await Task.sleep(for: Self.look)
        }
        return true
    }
}
