import Engine
import Metrics

/// What the rounds count for `/metrics`.
struct EngineMetrics: Sendable {
    private let elements = Counter(label: "sojourn_engine_elements_total")
    private let counters = Dictionary(
        uniqueKeysWithValues: EngineCount.allCases.map { count in
            (count.text, Counter(label: "sojourn_engine_total", dimensions: [("what", count.text)]))
        })

    /// Timers of people whose keys are of the wrong type.
    private let timersPutOff = Counter(label: "sojourn_engine_timers_put_off_total")

    func putOff(_ timers: Int) { timersPutOff.increment(by: timers) }

    func count(_ counts: EngineCounts, elements taken: Int) {
        elements.increment(by: taken)
        for (name, count) in counts.named { counters[name]?.increment(by: count) }
    }
}
