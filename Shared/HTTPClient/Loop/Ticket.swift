import Synchronization

/// Whether the task that waits for an answer was cancelled; its identity names the request in the loop.
final class CancelFlag: Sendable {
    private let isSet = Atomic(false)

    var isRaised: Bool { isSet.load(ordering: .acquiring) }

    func raise() { isSet.store(true, ordering: .releasing) }
}

/// A request on its way through the loop, with where its answer goes.
final class Ticket: Sendable {
    typealias Answer = Result<HTTPResponse, HTTPError>

    let request: HTTPRequest
    let address: WebAddress
    let flag: CancelFlag
    let start: ContinuousClock.Instant
    let continuation: CheckedContinuation<Answer, Never>

    init(
        request: HTTPRequest, address: WebAddress, flag: CancelFlag, start: ContinuousClock.Instant,
        continuation: CheckedContinuation<Answer, Never>
    ) {
        self.request = request
        self.address = address
        self.flag = flag
        self.start = start
        self.continuation = continuation
    }

    var id: ObjectIdentifier { ObjectIdentifier(flag) }
    var deadline: ContinuousClock.Instant { start + request.timeout }
    var pool: String { request.pool.isEmpty ? address.origin : request.pool }
}
