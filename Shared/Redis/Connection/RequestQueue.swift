import DequeModule
import Synchronization

/// Requests on their way from the callers to the connection's thread, bounded by number and bytes.
final class RequestQueue: Sendable {
    private enum Phase {
        case new, running, closing(deadline: ContinuousClock.Instant), over
    }

    private struct State {
        var phase = Phase.new
        var requests: Deque<Request> = []
        var commandCount = 0
        var byteCount = 0
        /// No request is due earlier; may be too early after requests left.
        var earliestDeadline: ContinuousClock.Instant?
        /// The thread polls, and only the signal wakes it.
        var isAsleep = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var refused: UInt64 = 0
    }

    private let state = Mutex(State())
    private let configuration: RedisConfiguration
    let wake: WakeSignal

    init(_ configuration: RedisConfiguration) throws(RedisError) {
        self.configuration = configuration
        wake = try WakeSignal()
    }

    /// Says that a thread serves the queue from now on. False when it is not new.
    func open() -> Bool {
        state.withLock { state in
            guard case .new = state.phase else { return false }
            state.phase = .running
            return true
        }
    }

    /// Leaves a request, or answers it with why it is not taken.
    func submit(_ request: Request) {
        var mustWake = false
        let refusal: RedisError? = state.withLock { state in
            guard case .running = state.phase else {
                return RedisError(.closed, "The connection is closed.", retry: .safe)
            }
            guard state.commandCount + request.commandCount <= configuration.queueCommandsMax,
                state.byteCount + request.byteCount <= configuration.queueBytesMax
            else {
                state.refused += 1
                return RedisError(.queueFull, "As many commands as allowed wait for Redis.", retry: .safe)
            }
            state.requests.append(request)
            Self.count(request, in: &state)
            mustWake = state.isAsleep
            state.isAsleep = false
            return nil
        }
        if let refusal { request.continuation.resume(returning: .failed(refusal)) }
        if mustWake { wake.raise() }
    }

    /// Waits until the thread has ended: at the deadline, or earlier when nothing waits any more.
    func close(deadline: ContinuousClock.Instant) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                switch state.phase {
                case .new, .over:
                    state.phase = .over
                    return true
                case .running: state.phase = .closing(deadline: deadline)
                case .closing(let earlier): state.phase = .closing(deadline: min(earlier, deadline))
                }
                state.closers.append(continuation)
                return false
            }
            if isOver { continuation.resume() } else { wake.raise() }
        }
    }

    /// Asks the thread to end, without waiting: nobody holds the connection any more.
    func abandon() {
        state.withLock { state in
            switch state.phase {
            case .new: state.phase = .over
            case .running: state.phase = .closing(deadline: .now)
            case .closing, .over: break
            }
        }
        wake.raise()
    }

    /// Commands and bytes that wait now, and requests refused because the queue was full.
    var figures: (commands: Int, bytes: Int, refused: UInt64) {
        state.withLock { ($0.commandCount, $0.byteCount, $0.refused) }
    }

    // MARK: the thread's side

    /// The next requests to send, whole ones, up to the bounds of a batch; at least one when any waits.
    func takeBatch() -> [Request] {
        state.withLock { state in
            state.isAsleep = false
            var batch: [Request] = []
            var commands = 0
            var bytes = 0
            while let next = state.requests.first {
                let fits =
                    commands + next.commandCount <= configuration.batchCommandsMax
                    && bytes + next.byteCount <= configuration.batchBytesMax
                guard fits || batch.isEmpty else { break }
                if batch.isEmpty { batch.reserveCapacity(min(state.requests.count, configuration.batchCommandsMax)) }
                commands += next.commandCount
                bytes += next.byteCount
                batch.append(next)
                state.requests.removeFirst()
            }
            state.commandCount -= commands
            state.byteCount -= bytes
            if state.requests.isEmpty { state.earliestDeadline = nil }
            return batch
        }
    }

    /// Puts requests of which nothing was sent back to the head, in their order.
    func putBack(_ requests: some BidirectionalCollection<Request>) {
        state.withLock { state in
            for request in requests.reversed() {
                state.requests.prepend(request)
                Self.count(request, in: &state)
            }
        }
    }

    /// Takes what waited too long.
    func takeExpired(at now: ContinuousClock.Instant) -> [Request] {
        state.withLock { state in
            guard let earliest = state.earliestDeadline, earliest <= now else { return [] }
            let expired = state.requests.filter { $0.deadline <= now }
            state.requests.removeAll { $0.deadline <= now }
            state.earliestDeadline = state.requests.lazy.map(\.deadline).min()
            for request in expired {
                state.commandCount -= request.commandCount
                state.byteCount -= request.byteCount
            }
            return Array(expired)
        }
    }

    /// Takes everything.
    func takeAll() -> [Request] {
        state.withLock { state in Self.empty(&state) }
    }

    /// Whether the thread may sleep until the signal; false when there is something to do.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.requests.isEmpty, case .running = state.phase else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// Until when the thread goes on, when the connection closes.
    var closingDeadline: ContinuousClock.Instant? {
        state.withLock { state in
            if case .closing(let deadline) = state.phase { deadline } else { nil }
        }
    }

    /// The thread's last word: what is left, and who waits for the end.
    func finish() -> (left: [Request], closers: [CheckedContinuation<Void, Never>]) {
        state.withLock { state in
            state.phase = .over
            defer { state.closers = [] }
            return (Self.empty(&state), state.closers)
        }
    }

    private static func count(_ request: Request, in state: inout State) {
        state.commandCount += request.commandCount
        state.byteCount += request.byteCount
        state.earliestDeadline = state.earliestDeadline.map { min($0, request.deadline) } ?? request.deadline
    }

    private static func empty(_ state: inout State) -> [Request] {
        defer {
            state.requests = []
            state.commandCount = 0
            state.byteCount = 0
            state.earliestDeadline = nil
        }
        return Array(state.requests)
    }
}
