import Engine
import Metrics

/// What the rounds count for `/metrics`.
struct EngineMetrics: Sendable {
    private let elements = Counter(label: "sojourn_engine_elements_total")

    func count(_ counts: [EngineCount: Int], elements taken: Int) {
        elements.increment(by: taken)
        for (kind, number) in counts {
            Counter(label: "sojourn_engine_total", dimensions: [("what", kind.text)]).increment(by: number)
        }
    }
}
