/// Counts of calls and failures over a sliding time, in ten buckets: constant space, a tenth of the window coarse.
struct OutcomeWindow: Sendable, Hashable {
    private struct Bucket: Sendable, Hashable {
        var number: Int64 = .min
        var calls = 0
        var failures = 0
    }

    private static let bucketCount = 10
    private var buckets = [Bucket](repeating: Bucket(), count: bucketCount)

    private(set) var calls = 0
    private(set) var failures = 0

    /// Counts an outcome; `now` and `window` in milliseconds.
    mutating func note(failed: Bool, at now: Int64, window: Int64) {
        let width = max(window / Int64(Self.bucketCount), 1)
        let number = now / width
        let position = Int(number.quotientAndRemainder(dividingBy: Int64(Self.bucketCount)).remainder.magnitude)
        if buckets[position].number != number {
            buckets[position] = Bucket(number: number)
        }
        buckets[position].calls += 1
        if failed { buckets[position].failures += 1 }
        calls = 0
        failures = 0
        for bucket in buckets where bucket.number > number - Int64(Self.bucketCount) && bucket.number <= number {
            calls += bucket.calls
            failures += bucket.failures
        }
    }
}
