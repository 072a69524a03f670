import Glibc

/// One batch on its way: everything is written at once, the answers come in order.
///
/// A caller whose time is over hears so while the batch goes on; the connection is given up only when nobody of
/// the batch waits any more.
struct Exchange {
    private struct Slot {
        let request: Request
        /// Where its bytes begin and end in the output.
        let start: Int
        let end: Int
        var isAnswered = false
        /// Of a pipeline, until it is complete.
        var replies: [RedisReply] = []
    }

    private var slots: [Slot] = []
    /// Whether the first answer is to nobody's command.
    private var skipsFirst: Bool
    /// Slots before it have their whole answer.
    private var current = 0
    private var written = 0
    /// Nobody's time is over earlier.
    private var earliestDeadline: ContinuousClock.Instant?
    private(set) var commandsAnswered: UInt64 = 0
    private(set) var timeOuts: UInt64 = 0
    /// An answer says that another connection may serve better.
    private(set) var complaint: RedisErrorReply?
    /// Some command was served, so Redis is well.
    private(set) var isServed = false

    /// How often a wait looks for callers whose time is over.
    static let slice: Duration = .milliseconds(50)

    /// - Parameter preamble: sent first; its answer is ignored.
    init(_ requests: [Request], preamble: RedisCommand?, output: inout [UInt8]) {
        preamble?.write(to: &output)
        skipsFirst = preamble != nil
        slots.reserveCapacity(requests.count)
        for request in requests {
            let start = output.count
            request.write(to: &output)
            slots.append(Slot(request: request, start: start, end: output.count))
            earliestDeadline = min(earliestDeadline ?? request.deadline, request.deadline)
        }
    }

    /// Writes all and reads all. `watch` is called at every wait, with the time; it throws to give up.
    mutating func run(
        _ output: [UInt8], on socket: RedisSocket, watch: (ContinuousClock.Instant) throws(RedisError) -> Void
    ) throws(RedisError) {
        while current < slots.count {
            if written < output.count { written += try socket.write(output, from: written) }
            let events = written < output.count ? POLLIN | POLLOUT : POLLIN
            let isReady = Poll.wait(socket.descriptor, for: events, within: Self.slice)
            if isReady, try socket.receive() {
                while current < slots.count, let reply = try socket.nextReply() { deliver(reply) }
            }
            let now = ContinuousClock.now
            try expire(at: now)
            try watch(now)
        }
    }

    /// Ends what was not answered: what Redis cannot have run is returned, to be sent again; the rest fails.
    mutating func abandon(_ error: RedisError) -> [Request] {
        var unsent: [Request] = []
        for index in current..<slots.count where !slots[index].isAnswered {
            let slot = slots[index]
            slots[index].isAnswered = true
            // Redis runs a command when all its bytes are there, and the first of a pipeline before the last is.
            let neverRan = slot.start >= written || (slot.request.commandCount == 1 && slot.end > written)
            if neverRan {
                unsent.append(slot.request)
            } else {
                slot.request.continuation.resume(returning: .failed(error.with(retry: .unknownOutcome)))
            }
        }
        return unsent
    }

    private mutating func deliver(_ reply: RedisReply) {
        if skipsFirst {
            skipsFirst = false
            return
        }
        commandsAnswered += 1
        if case .error(let error) = reply, error.wantsReconnect { complaint = error } else { isServed = true }
        let request = slots[current].request
        switch request.payload {
        case .one:
            answer(.one(reply))
        case .pipeline:
            if slots[current].replies.isEmpty { slots[current].replies.reserveCapacity(request.commandCount) }
            slots[current].replies.append(reply)
            if slots[current].replies.count == request.commandCount { answer(.pipeline(slots[current].replies)) }
        }
    }

    private mutating func answer(_ answer: Request.Answer) {
        if !slots[current].isAnswered {
            slots[current].isAnswered = true
            slots[current].request.continuation.resume(returning: answer)
        }
        slots[current].replies = []
        current += 1
    }

    private mutating func expire(at now: ContinuousClock.Instant) throws(RedisError) {
        guard let earliest = earliestDeadline, earliest <= now, current < slots.count else { return }
        earliestDeadline = nil
        for index in current..<slots.count where !slots[index].isAnswered {
            let deadline = slots[index].request.deadline
            guard deadline <= now else {
                earliestDeadline = min(earliestDeadline ?? deadline, deadline)
                continue
            }
            slots[index].isAnswered = true
            timeOuts += 1
            slots[index].request.continuation.resume(returning: .failed(Self.timedOut))
        }
        if earliestDeadline == nil { throw Self.timedOut }
    }

    private static let timedOut = RedisError(
        .timedOut, "Redis did not answer in time.", retry: .unknownOutcome)
}
