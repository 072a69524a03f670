import JSONRPC
import Metrics
import Testing

@testable import ServiceKit

@Suite struct MetricsTests {
    let registry = MetricsRegistry()

    @Test("The text has each family once, with names and labels in order")
    func text() {
        registry.counter("events_total", help: "Events.", labels: [("kind", "b")]).increment(by: 2)
        registry.counter("events_total", labels: [("kind", "a\"\n\\")]).increment()
        registry.gauge("waiting").set(1.5)
        let histogram = registry.histogram("seconds", labels: [("m", "x")], buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 5] { histogram.record(value) }
        #expect(
            registry.text() == """
                # HELP events_total Events.
                # TYPE events_total counter
                events_total{kind="a\\"\\n\\\\"} 1
                events_total{kind="b"} 2
                # TYPE seconds histogram
                seconds_bucket{m="x",le="0.1"} 2
                seconds_bucket{m="x",le="1"} 3
                seconds_bucket{m="x",le="+Inf"} 4
                seconds_sum{m="x"} 5.65
                seconds_count{m="x"} 4
                # TYPE waiting gauge
                waiting 1.5

                """)
    }

    @Test("The same name and labels are the same series, in whatever order the labels come")
    func identity() {
        registry.counter("c", labels: [("a", "1"), ("b", "2")]).increment()
        registry.counter("c", labels: [("b", "2"), ("a", "1")]).increment()
        #expect(registry.text().contains("c{a=\"1\",b=\"2\"} 2"))
    }

    @Test("Label sets beyond the bound are counted together")
    func overflow() {
        for number in 0..<(MetricsRegistry.seriesMax + 50) {
            registry.counter("c", labels: [("n", "\(number)")]).increment()
        }
        #expect(registry.text().contains("c{overflow=\"true\"} 50"))
        #expect(registry.text().split(separator: "\n").count == MetricsRegistry.seriesMax + 2)
    }

    @Test("A name that stands for another kind already spoils nothing")
    func kinds() {
        registry.counter("x").increment()
        registry.gauge("x").set(5.0)
        #expect(registry.text() == "# TYPE x counter\nx 1\n")
    }

    @Test("swift-metrics writes into the registry, names made fit for Prometheus")
    func factory() {
        Counter(label: "my.counter-1", factory: registry).increment(by: 3)
        Metrics.Timer(label: "t", factory: registry).recordMilliseconds(250)
        Meter(label: "m", factory: registry).set(7)
        Recorder(label: "r", aggregate: false, factory: registry).record(2)
        let text = registry.text()
        for line in ["my_counter_1 3", "t_sum 0.25", "t_count 1", "m 7", "r 2"] { #expect(text.contains(line + "\n")) }
    }

    @Test("Gauges are asked for when the text is made")
    func collecting() {
        let gauge = registry.gauge("g")
        registry.onCollect { gauge.set(9.0) }
        #expect(registry.text().contains("g 9\n"))
    }

    @Test("Calls are counted by method and code, answers by status")
    func calls() {
        let counter = CallCounter(registry)
        counter.answered(method: "a.b", error: nil, duration: .milliseconds(3))
        counter.answered(method: "a.b", error: .notFound, duration: .milliseconds(3))
        counter.answered(method: nil, error: .methodNotFound, duration: .zero)
        counter.answered(status: 200)
        counter.answered(status: 200)
        let text = registry.text()
        #expect(text.contains("rpc_calls_total{code=\"0\",method=\"a.b\"} 1"))
        #expect(text.contains("rpc_calls_total{code=\"-32004\",method=\"a.b\"} 1"))
        #expect(text.contains("rpc_calls_total{code=\"-32601\",method=\"unknown\"} 1"))
        #expect(text.contains("rpc_seconds_count{method=\"a.b\"} 2"))
        #expect(text.contains("http_answers_total{status=\"200\"} 2"))
    }
}
