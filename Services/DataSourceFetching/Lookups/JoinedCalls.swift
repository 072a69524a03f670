import Models
import Synchronization

/// What came of a look-up.
struct LookupAnswer: Sendable {
    let result: Result<SourceData, LookupFailure>
    let isCached: Bool

    static func failed(_ failure: LookupFailure) -> LookupAnswer {
        LookupAnswer(result: .failure(failure), isCached: false)
    }
}

/// One who waits for a call that another makes.
final class CallWaiter: Sendable {
    /// How the waiting ended.
    enum End: Sendable {
        case answer(LookupAnswer)
        case notNow(NotNow)
        /// The one who called gave up for a reason of its own (its time, its shutdown): call again.
        case abandoned
        case timedOut
    }

    private enum State {
        case new
        case waiting(CheckedContinuation<End, Never>)
        case ended(End)
    }

    private let state = Mutex(State.new)

    func end(_ end: End) {
        let waiting = state.withLock { state -> CheckedContinuation<End, Never>? in
            switch state {
            case .new:
                state = .ended(end)
                return nil
            case .waiting(let continuation):
                state = .ended(end)
                return continuation
            case .ended: return nil
            }
        }
        waiting?.resume(returning: end)
    }

    /// Waits until somebody ends it, or the deadline, or the task is cancelled (as timed out).
    func wait(until deadline: ContinuousClock.Instant) async -> End {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(until: deadline)
                self.end(.timedOut)
            }
            let end = await withCheckedContinuation { continuation in
                let early = state.withLock { state -> End? in
                    if case .ended(let end) = state { return end }
                    state = .waiting(continuation)
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
            group.cancelAll()
            return end
        }
    }
}

/// Equal calls that are being made: the first one calls, the others wait for its answer.
struct JoinedCalls {
    /// What to do with a look-up.
    enum Part {
        case call
        case wait(CallWaiter)
    }

    private var waiters: [LookupKey: [CallWaiter]] = [:]

    var count: Int { waiters.count }

    mutating func join(_ key: LookupKey) -> Part {
        if waiters[key] == nil {
            waiters[key] = []
            return .call
        }
        let waiter = CallWaiter()
        waiters[key]?.append(waiter)
        return .wait(waiter)
    }

    /// The call is over: those who waited for it.
    mutating func leave(_ key: LookupKey) -> [CallWaiter] {
        waiters.removeValue(forKey: key) ?? []
    }
}
