import Models

/// Ids of instances: a hash of what brought them into being, so that a batch computed twice makes the same ones.
enum InstanceID {
    /// 32 hexadecimal digits, and the instance's seed, which is their second half.
    /// - Parameter run: the id of the test or dry run that it belongs to.
    static func make(
        deployment: HashKey, partition: Int, stimulus: String, journey: String, version: Int64, personKey: String,
        key: String, run: String? = nil
    ) -> (id: String, seed: UInt64) {
        var hash = SipHash(key: deployment)
        hash.add(UInt64(partition))
        hash.add(stimulus)
        hash.add(journey)
        hash.add(UInt64(bitPattern: version))
        hash.add(personKey)
        if !key.isEmpty { hash.add(key) }
        if let run { hash.add(run) }
        let (high, low) = hash.finish()
        return (text(high, low), low)
    }

    static func seed(of id: String) -> UInt64 { UInt64(id.suffix(16), radix: 16) ?? 0 }

    private static func text(_ high: UInt64, _ low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 32) { buffer in
            for place in 0..<32 {
                let word = place < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - 4 * (place & 15))) & 15
                buffer[place] = digit < 10 ? 48 + digit : 87 + digit
            }
            return 32
        }
    }
}
