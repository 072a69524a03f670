import Synchronization

/// Where performed requests wait for the next pipeline, and which are under way.
final class VerdictDesk: Sendable {
    private struct State {
        var verdicts: [(claim: Claim, verdict: RequestVerdict)] = []
        var claims: [String: Claim] = [:]
        /// Tokens of claims that are to be alone of their kind.
        var suspects: Set<String> = []
    }

    private let state = Mutex(State())
    /// One signal, however many verdicts: the desk is emptied at each.
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var claims: [Claim] { state.withLock { Array($0.claims.values) } }

    /// A request is in hand that is taken alone.
    var hasSuspect: Bool { state.withLock { !$0.suspects.isEmpty } }

    func note(_ claim: Claim) {
        state.withLock { state in
            state.claims[claim.id] = claim
            if claim.isSuspect { state.suspects.insert(claim.token) }
        }
    }

    /// Leaves a later claim of the same request alone.
    func forget(_ claim: Claim) {
        state.withLock { state in
            if state.claims[claim.id]?.token == claim.token { state.claims[claim.id] = nil }
            if claim.isSuspect { state.suspects.remove(claim.token) }
        }
    }

    func put(_ claim: Claim, _ verdict: RequestVerdict) {
        state.withLock { $0.verdicts.append((claim, verdict)) }
        signal.yield()
    }

    func takeAll() -> [(claim: Claim, verdict: RequestVerdict)] {
        state.withLock { state in
            defer { state.verdicts = [] }
            return state.verdicts
        }
    }

    func close() { signal.finish() }
}
