import Testing

@testable import JourneyReporting

@Suite("The scale of times")
struct LatencyScaleTests {
    @Test("A time read back is at most 3.2 % off, and steps grow with time")
    func error() {
        var last: Int64 = -1
        for value in Array(Int64(0)..<5_000) + [86_400_000, 2_000_000_000, .max] {
            let step = LatencyScale.step(of: value)
            #expect(step >= last)
            last = step
            let back = LatencyScale.milliseconds(of: step)
            let real = min(value, LatencyScale.millisecondsMax)
            #expect(abs(Double(back - real)) <= Double(real) * 0.032, "\(value) came back as \(back)")
        }
    }

    @Test("A percentile is the time that so many are not longer than")
    func percentiles() {
        let steps = (1...100).map { (step: LatencyScale.step(of: Int64($0)), count: Int64(1)) }
        #expect(LatencyScale.percentile(0.05, of: steps) == 5)
        #expect(abs((LatencyScale.percentile(0.5, of: steps) ?? 0) - 50) <= 2)
        #expect(abs((LatencyScale.percentile(0.99, of: steps) ?? 0) - 99) <= 3)
        #expect(LatencyScale.percentile(0.5, of: []) == nil)
    }
}
