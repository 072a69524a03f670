import NIOCore

/// Decides, from what was seen of one connection, when its time is up. Pure: time comes in with each call.
///
/// Requests may be sent ahead of answers (pipelining), so the request being received and those not yet answered are
/// counted apart.
struct ConnectionPhase {
    /// How an answer that begins now must end.
    enum AnswerStart: Equatable {
        case keepsConnection
        /// The request has not arrived whole: say `connection: close`.
        case closesConnection
    }

    enum AnswerEnd: Equatable {
        case keepsConnection
        /// Throw away what still comes until ``Check`` says close.
        case drains
        case closes
    }

    enum Check: Equatable {
        case again(NIODeadline)
        /// Nothing is due; the next event will ask for a timer.
        case nothing
        /// Answer 408 and close.
        case refuseSlowRequest
        case close
    }

    let requestTimeMax: TimeAmount
    let idleTimeMax: TimeAmount
    let lingerTimeMax: TimeAmount
    let lingerBytesMax: Int

    private var receivingSince: NIODeadline?
    private var headSeen = false
    private var unanswered = 0
    private var answerBegun = false
    private var closesAfterAnswer = false
    private var idleSince: NIODeadline
    private var drainUntil: NIODeadline?
    private var drainBytesLeft = 0

    init(settings: RPCServerSettings, now: NIODeadline) {
        requestTimeMax = TimeAmount(settings.requestTimeMax)
        idleTimeMax = TimeAmount(settings.idleTimeMax)
        lingerTimeMax = TimeAmount(settings.lingerTimeMax)
        lingerBytesMax = settings.lingerBytesMax
        idleSince = now
    }

    /// Bytes arrived, before anything is known of them.
    mutating func bytesArrived(at now: NIODeadline) {
        if receivingSince == nil, drainUntil == nil {
            receivingSince = now
            headSeen = false
        }
    }

    mutating func headArrived() {
        headSeen = true
        unanswered += 1
    }

    mutating func requestArrived(at now: NIODeadline) {
        receivingSince = nil
        idleSince = now
    }

    /// Of the request that is being received; true where the part goes on to the server.
    mutating func bodyArrived(bytes: Int) -> Bool {
        if drainUntil == nil { return true }
        drainBytesLeft -= bytes
        return false
    }

    var isDraining: Bool { drainUntil != nil }
    var drainIsExhausted: Bool { drainUntil != nil && drainBytesLeft < 0 }

    private var answersRequestBeingReceived: Bool { receivingSince != nil && headSeen && unanswered <= 1 }

    mutating func answerBegins() -> AnswerStart {
        answerBegun = true
        closesAfterAnswer = answersRequestBeingReceived || unanswered == 0
        return closesAfterAnswer ? .closesConnection : .keepsConnection
    }

    mutating func answerEnds(at now: NIODeadline) -> AnswerEnd {
        let stillReceiving = answersRequestBeingReceived
        unanswered = max(0, unanswered - 1)
        answerBegun = false
        idleSince = now
        guard closesAfterAnswer else { return .keepsConnection }
        guard stillReceiving else { return .closes }
        receivingSince = nil
        drainUntil = now + lingerTimeMax
        drainBytesLeft = lingerBytesMax
        return .drains
    }

    /// No answer will follow any more.
    mutating func outputCloses(at now: NIODeadline) {
        guard drainUntil == nil else { return }
        drainUntil = now + lingerTimeMax
        drainBytesLeft = lingerBytesMax
    }

    /// When to look again; nil while the server is at work and nothing is being received.
    var deadline: NIODeadline? {
        if let drainUntil { return drainUntil }
        if let receivingSince { return receivingSince + requestTimeMax }
        return unanswered == 0 ? idleSince + idleTimeMax : nil
    }

    func check(at now: NIODeadline) -> Check {
        guard let deadline else { return .nothing }
        if now < deadline { return .again(deadline) }
        guard drainUntil == nil, receivingSince != nil else { return .close }
        let mayAnswer = !answerBegun && unanswered <= (headSeen ? 1 : 0)
        return mayAnswer ? .refuseSlowRequest : .close
    }
}
