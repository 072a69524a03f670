import Synchronization

/// Counts places; one task may wait until one is free, or until all are.
final class PlaceGate: Sendable {
    private struct State {
        var taken = 0
        /// Who waits, and for how many places to be taken at most. A waiter that timed out is resumed by its own timer.
        var waiters: [(id: Int, below: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextID = 0
        /// Waits that were over before their waiter stood in the list.
        var overEarly: Set<Int> = []
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    var taken: Int { state.withLock { $0.taken } }
    var free: Int { max(0, limit - taken) }

    func take() { state.withLock { $0.taken += 1 } }

    func leave(_ count: Int) {
        let ready = state.withLock { state in
            state.taken -= count
            let ready = state.waiters.filter { state.taken < $0.below }
            state.waiters.removeAll { state.taken < $0.below }
            return ready
        }
        for waiter in ready { waiter.continuation.resume(returning: true) }
    }

    /// False when there was no free place in time.
    func waitForPlace(within duration: Duration) async -> Bool { await wait(below: limit, within: duration) }

    /// False when places are still taken after that time.
    func waitUntilEmpty(within duration: Duration) async -> Bool { await wait(below: 1, within: duration) }

    private func wait(below: Int, within duration: Duration) async -> Bool {
        if taken < below { return true }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.overEarly.remove(id) } }
        return await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                await withCheckedContinuation { continuation in
                    let answer = self.state.withLock { state -> Bool? in
                        let isOver = state.overEarly.remove(id) != nil
                        if state.taken < below || isOver { return state.taken < below }
                        state.waiters.append((id, below, continuation))
                        return nil
                    }
                    if let answer { continuation.resume(returning: answer) }
                }
            }
            group.addTask {
                try? await Task.sleep(for: duration)
                return nil
            }
            let first = await group.next() ?? nil
            // Whoever is left ends at once: the sleeper by cancellation, the waiter by its continuation.
            group.cancelAll()
            if first == nil { self.giveUp(id) }
            return first ?? false
        }
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let place = state.waiters.firstIndex(where: { $0.id == id }) else {
                state.overEarly.insert(id)
                return nil
            }
            return state.waiters.remove(at: place).continuation
        }
        waiter?.resume(returning: false)
    }
}
