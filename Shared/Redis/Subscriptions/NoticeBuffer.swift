import DequeModule
import Synchronization

/// Notices between the subscriber's thread and the task that reads them. Bounded: the oldest give way, which is
/// told as a gap before what is left.
final class NoticeBuffer: Sendable {
    enum Taken {
        case notices([RedisNotice])
        case empty
        case ended
    }

    private struct State {
        var messages: Deque<RedisNotice> = []
        /// A gap to tell before the messages. One tells as much as many.
        var isGapDue = false
        var dropped = 0
        var isEnded = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        precondition(limit > 0, "a buffer holds something")
        self.limit = limit
    }

    var dropped: Int { state.withLock { $0.dropped } }

    func add(_ notice: RedisNotice) {
        wake { state in
            guard !state.isEnded else { return }
            // A gap is told first even when messages wait: to look too early is harmless only if these still come.
            guard notice != .gap else {
                state.isGapDue = true
                return
            }
            if state.messages.count >= limit {
                state.messages.removeFirst()
                state.dropped += 1
                state.isGapDue = true
            }
            state.messages.append(notice)
        }
    }

    func end() {
        wake { $0.isEnded = true }
    }

    func take(upTo count: Int) -> Taken {
        state.withLock { state in
            var notices: [RedisNotice] = []
            if state.isGapDue {
                state.isGapDue = false
                notices.append(.gap)
            }
            let rest = Swift.min(count - notices.count, state.messages.count)
            notices.append(contentsOf: state.messages.prefix(rest))
            state.messages.removeFirst(rest)
            if !notices.isEmpty { return .notices(notices) }
            return state.isEnded ? .ended : .empty
        }
    }

    /// Returns when something can be taken, at the end, or when the task is cancelled.
    func arrival() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if Task.isCancelled || state.isEnded || state.isGapDue || !state.messages.isEmpty { return true }
                    precondition(state.waiter == nil, "one task reads a subscription")
                    state.waiter = continuation
                    return false
                }
                if isThere { continuation.resume() }
            }
        } onCancel: {
            wake { _ in }
        }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiter = state.withLock { state in
            change(&state)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}
