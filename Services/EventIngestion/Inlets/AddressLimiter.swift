import Synchronization

/// Token buckets for unauthenticated inlets: so many requests a second from one address to one inlet.
final class AddressLimiter: Sendable {
    /// Buckets remembered; beyond, all full ones are forgotten, which changes nothing for them.
    static let bucketsMax = 20_000

    private struct Key: Hashable {
        let inlet: String
        let address: String
    }

    private struct Bucket {
        var tokens: Double
        var at: Int64
    }

    private struct State {
        var buckets: [Key: Bucket] = [:]
        /// Not to be looked through before: while nothing can be forgotten each newcomer would cost a look at all.
        var nextSweep: Int64 = 0
    }

    private let state = Mutex(State())

    /// Nil when the request may pass, else how long to wait, in milliseconds. A burst of one second is allowed.
    func refusal(inlet: String, address: String, perSecond: Int64, now: Int64) -> Int64? {
        if perSecond == 0 { return nil }
        let rate = Double(perSecond)
        return state.withLock { state in
            let key = Key(inlet: inlet, address: address)
            if state.buckets[key] == nil, state.buckets.count >= Self.bucketsMax {
                if now >= state.nextSweep {
                    state.buckets = state.buckets.filter { now - $0.value.at < 1_000 }
                    state.nextSweep = now + 100
                }
                // Still too many at once: the newcomer waits, those known go on.
                if state.buckets.count >= Self.bucketsMax { return 1_000 }
            }
            var bucket = state.buckets[key] ?? Bucket(tokens: rate, at: now)
            bucket.tokens = min(rate, bucket.tokens + Double(max(0, now - bucket.at)) / 1_000 * rate)
            bucket.at = now
            defer { state.buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int64(((1 - bucket.tokens) / rate * 1_000).rounded(.up)))
        }
    }
}
