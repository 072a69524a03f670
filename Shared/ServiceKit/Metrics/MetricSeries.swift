import Metrics
import Synchronization

/// A count that only grows.
package final class MetricCounter: CounterHandler, Sendable {
    private let count = Atomic<Int64>(0)

    package func increment(by amount: Int64 = 1) { count.add(amount, ordering: .relaxed) }
    package func reset() { count.store(0, ordering: .relaxed) }
    package var value: Int64 { count.load(ordering: .relaxed) }
}

/// A figure that goes up and down.
package final class MetricGauge: MeterHandler, Sendable {
    private let bits = Atomic<UInt64>(0)

    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
    package func set(_ value: Int64) { set(Double(value)) }

    package func add(_ amount: Double) {
        var before = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: before) + amount).bitPattern
            let (done, now) = bits.compareExchange(expected: before, desired: sum, ordering: .relaxed)
            if done { return }
            before = now
        }
    }

    package func increment(by amount: Double) { add(amount) }
    package func decrement(by amount: Double) { add(-amount) }
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// How often which sizes or times were seen.
package final class MetricHistogram: TimerHandler, RecorderHandler, Sendable {
    /// Times in seconds from half a millisecond to ten seconds: a median and a tail of everything that Sojourn does.
    package static let timeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private struct Sums {
        var counts: [Int64]
        var count: Int64 = 0
        var sum: Double = 0
    }

    let bounds: [Double]
    private let sums: Mutex<Sums>

    init(bounds: [Double]) {
        self.bounds = bounds
        sums = Mutex(Sums(counts: Array(repeating: 0, count: bounds.count)))
    }

    package func record(_ value: Double) {
        sums.withLock { sums in
            if let place = bounds.firstIndex(where: { value <= $0 }) { sums.counts[place] += 1 }
            sums.count += 1
            sums.sum += value
        }
    }

    package func record(_ value: Int64) { record(Double(value)) }

    /// In seconds.
    package func record(_ duration: Duration) {
        let (seconds, rest) = duration.components
        record(Double(seconds) + Double(rest) / 1e18)
    }

    package func recordNanoseconds(_ nanoseconds: Int64) { record(Double(nanoseconds) / 1e9) }

    /// Counts up to and including each bound, all, and the sum of what was recorded.
    var figures: (cumulative: [Int64], count: Int64, sum: Double) {
        sums.withLock { sums in
            var total: Int64 = 0
            let cumulative = sums.counts.map { count -> Int64 in
                total += count
                return total
            }
            return (cumulative, sums.count, sums.sum)
        }
    }
}
