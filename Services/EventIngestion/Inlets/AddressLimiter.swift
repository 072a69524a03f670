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

    private let buckets = Mutex<[Key: Bucket]>([:])

    /// Nil when the request may pass, else how long to wait, in milliseconds. A burst of one second is allowed.
    func refusal(inlet: String, address: String, perSecond: Int64, now: Int64) -> Int64? {
        if perSecond == 0 { return nil }
        let rate = Double(perSecond)
        return buckets.withLock { buckets in
            let key = Key(inlet: inlet, address: address)
            if buckets[key] == nil, buckets.count >= Self.bucketsMax {
                buckets = buckets.filter { now - $0.value.at < 1_000 }
                // Still too many at once: the newcomer waits, those known go on.
                if buckets.count >= Self.bucketsMax { return 1_000 }
            }
            var bucket = buckets[key] ?? Bucket(tokens: rate, at: now)
            bucket.tokens = min(rate, bucket.tokens + Double(max(0, now - bucket.at)) / 1_000 * rate)
            bucket.at = now
            defer { buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int64(((1 - bucket.tokens) / rate * 1_000).rounded(.up)))
        }
    }
}
