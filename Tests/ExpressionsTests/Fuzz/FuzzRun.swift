import Foundation
import Models
import Testing

/// The same seed makes the same cases.
struct FuzzGenerator: RandomNumberGenerator {
    private var numbers: SplitMix64

    init(state: UInt64) { numbers = SplitMix64(state: state) }

    mutating func next() -> UInt64 { numbers.next() }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &self) < share }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

    mutating func pick<T>(_ items: [T]) -> T { items[below(items.count)] }
}

/// One property over many cases. `SOJOURN_FUZZ_CASES` says how many for each property, `SOJOURN_FUZZ_SEED` which; a
/// failure names the seed of its own case, which run alone (`SOJOURN_FUZZ_CASES=1`) shows it again.
struct FuzzRun {
    let name: String
    let cases: Int
    let seed: UInt64
    /// A case that computes longer hangs. The thread's own time counts, as a busy machine may pause any of them.
    static let secondsMax = 10.0
    private static let failuresMax = 10

    init(_ name: String, cases: Int) {
        let environment = ProcessInfo.processInfo.environment
        self.name = name
        self.cases = environment["SOJOURN_FUZZ_CASES"].flatMap { Int($0) } ?? cases
        seed = environment["SOJOURN_FUZZ_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0...UInt64.max)
    }

    private static var threadSeconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The body gives what is wrong with the case, or nil.
    func run(_ body: (_ seed: UInt64, _ random: inout FuzzGenerator) -> String?) {
        let began = ContinuousClock.now
        print("fuzz \(name): \(cases) cases from seed \(seed)")
        var failures = 0
        for number in 0..<cases {
            let caseSeed = seed &+ UInt64(number)
            var random = FuzzGenerator(state: caseSeed)
            let start = Self.threadSeconds
            let failure = body(caseSeed, &random)
            let taken = Self.threadSeconds - start
            if let failure {
                Issue.record("\(name), seed \(caseSeed): \(failure)")
                failures += 1
            }
            if taken > Self.secondsMax {
                Issue.record("\(name), seed \(caseSeed): takes \(taken) s")
                failures += 1
            }
            if failures >= Self.failuresMax { return }
            if number % 250_000 == 249_999 { print("fuzz \(name): \(number + 1) in \(ContinuousClock.now - began)") }
        }
        print("fuzz \(name): \(cases) cases, \(failures) failures, in \(ContinuousClock.now - began)")
    }
}
