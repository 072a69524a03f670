import CCurl
import Glibc
import Synchronization

/// What callers leave for the loop, and how they wake it.
final class Mailbox: Sendable {
    struct Post {
        var tickets: [Ticket] = []
        var cancelled: [CancelFlag] = []
        var closing: Closing?

        var isEmpty: Bool { tickets.isEmpty && cancelled.isEmpty && closing == nil }
    }

    /// The wish to end: when what remains is failed, and whom to tell.
    struct Closing {
        let deadline: ContinuousClock.Instant
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private struct State {
        var post = Post()
        var isAsleep = false
        /// Set by the first `close`; later sends fail.
        var isClosing = false
        /// Set by the loop at its end; later closes return at once.
        var isOver = false
    }

    private let state = Mutex(State())
    private let ticketsMax: Int

    /// Readable when the loop has to look; the loop's epoll watches it.
    let wakeDescriptor: Int32

    /// `ticketsMax` bounds what the loop has not taken yet.
    init(ticketsMax: Int) throws(HTTPError) {
        self.ticketsMax = ticketsMax
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard wakeDescriptor >= 0 else {
            throw HTTPError(.closed, "The client cannot start: no file descriptor is left.", retry: .safe)
        }
    }

    deinit {
        Glibc.close(wakeDescriptor)
    }

    /// Leaves a request; says why when it is not taken.
    func submit(_ ticket: Ticket) -> HTTPError? {
        let result: (refusal: HTTPError?, wake: Bool) = state.withLock { state in
            if state.isClosing {
                return (HTTPError(.closed, "The client is closed.", retry: .safe), false)
            }
            if state.post.tickets.count >= ticketsMax {
                return (HTTPError(.queueFull, "As many requests as allowed are waiting."), false)
            }
            state.post.tickets.append(ticket)
            return (nil, Self.takeSleep(&state))
        }
        if result.wake { wake() }
        return result.refusal
    }

    /// Leaves the word that nobody waits for the request any more.
    func cancel(_ flag: CancelFlag) {
        let mustWake = state.withLock { state in
            // At the end every request is failed anyway, and nobody reads the mailbox.
            guard !state.isOver else { return false }
            state.post.cancelled.append(flag)
            return Self.takeSleep(&state)
        }
        if mustWake { wake() }
    }

    /// Asks the loop to end and waits until it has.
    func close(deadline: ContinuousClock.Instant) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isOver { return true }
                state.isClosing = true
                let earlier = state.post.closing
                state.post.closing = Closing(
                    deadline: min(earlier?.deadline ?? deadline, deadline),
                    waiters: (earlier?.waiters ?? []) + [continuation])
                return false
            }
            if isOver { continuation.resume() } else { wake() }
        }
    }

    /// Asks the loop to end at once, without waiting.
    func abandon() {
        state.withLock { state in
            guard !state.isOver else { return }
            state.isClosing = true
            state.post.closing = Closing(deadline: .now, waiters: state.post.closing?.waiters ?? [])
        }
        wake()
    }

    /// The loop's: takes what is there.
    func collect() -> Post {
        state.withLock { state in
            state.isAsleep = false
            guard !state.post.isEmpty else { return Post() }
            let post = state.post
            state.post = Post()
            return post
        }
    }

    /// The loop's: whether it may sleep; from then on the next post wakes it.
    func fallAsleep() -> Bool {
        state.withLock { state in
            guard state.post.isEmpty else { return false }
            state.isAsleep = true
            return true
        }
    }

    /// The loop's last word: takes what came too late.
    func finish() -> Post {
        state.withLock { state in
            state.isOver = true
            state.isClosing = true
            let post = state.post
            state.post = Post()
            return post
        }
    }

    /// Fails everything, now and later: for a loop that could not start.
    func refuseAll() {
        let post = finish()
        for ticket in post.tickets {
            ticket.continuation.resume(returning: .failure(HTTPError(.closed, "The client is closed.", retry: .safe)))
        }
        for waiter in post.closing?.waiters ?? [] { waiter.resume() }
    }

    /// The loop's: takes the wake-up back.
    func clearWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
    }

    private static func takeSleep(_ state: inout State) -> Bool {
        let wasAsleep = state.isAsleep
        state.isAsleep = false
        return wasAsleep
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }
}
