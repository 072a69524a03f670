import Glibc

/// Measures work of one thread by the processor time that it took, which other programs do not disturb much.
enum ThreadTime {
    static var seconds: Double { Double(Clocks.read(CLOCK_THREAD_CPUTIME_ID)) / 1e9 }

    /// Microseconds of one call: the best of five rounds.
    static func microseconds(rounds: Int = 5, calls: Int, _ work: () -> Void) -> Double {
        var best = Double.infinity
        for _ in 0..<rounds {
            let began = seconds
            for _ in 0..<calls { work() }
            best = min(best, seconds - began)
        }
        return best / Double(calls) * 1e6
    }
}
