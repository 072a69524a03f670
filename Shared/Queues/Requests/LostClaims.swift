import Synchronization

/// Claims of this process that it never heard of, as the answer was lost: who claimed is alive, and nobody performs
/// them.
final class LostClaims: Sendable {
    /// Of a partition. While Redis is away a loop claims some times a second, and a claim lives no longer than its
    /// lease.
    private static let callsMax = 200

    private struct Call {
        let token: String
        let until: ContinuousClock.Instant
    }

    /// By partition.
    private let calls = Mutex<[Int: [Call]]>([:])

    /// Notes a call of a claim; after that time the claim has run out by itself. It is not forgotten before: the call
    /// may be carried out late, by a Redis that stood still.
    func note(_ token: String, of partition: Int, until: ContinuousClock.Instant) {
        calls.withLock { calls in
            var noted = calls.removeValue(forKey: partition) ?? []
            if noted.count >= Self.callsMax { noted.removeFirst() }
            noted.append(Call(token: token, until: until))
            calls[partition] = noted
        }
    }

    /// The tokens of a partition's claims that may have been made.
    func tokens(of partition: Int) -> [String] {
        calls.withLock { calls in
            guard var noted = calls.removeValue(forKey: partition) else { return [] }
            let now = ContinuousClock.now
            noted.removeAll { $0.until <= now }
            if !noted.isEmpty { calls[partition] = noted }
            return noted.map(\.token)
        }
    }
}
