import Synchronization

/// Claims of this process that it never heard of, as the answer was lost: who claimed is alive, and nobody performs
/// them.
final class LostClaims: Sendable {
    /// While Redis is away a loop claims some times a second, and a claim lives no longer than its lease.
    private static let callsMax = 1_000

    private struct Call {
        let token: String
        let partition: Int
        let until: ContinuousClock.Instant
    }

    private let calls = Mutex<[Call]>([])

    /// Notes a call of a claim; after that time the claim has run out by itself. It is not forgotten before: the call
    /// may be carried out late, by a Redis that stood still.
    func note(_ token: String, of partition: Int, until: ContinuousClock.Instant) {
        calls.withLock { calls in
            if calls.count >= Self.callsMax { calls.removeFirst() }
            calls.append(Call(token: token, partition: partition, until: until))
        }
    }

    /// The tokens of a partition's claims that may have been made.
    func tokens(of partition: Int) -> [String] {
        calls.withLock { calls in
            if calls.isEmpty { return [] }
            let now = ContinuousClock.now
            calls.removeAll { $0.until <= now }
            return calls.filter { $0.partition == partition }.map(\.token)
        }
    }
}
