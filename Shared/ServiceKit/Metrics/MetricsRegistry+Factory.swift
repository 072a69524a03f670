import Metrics

/// swift-metrics' way in. Series live as long as the process, so nothing is destroyed.
extension MetricsRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, labels: dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        GaugeAsCounter(gauge: gauge(label, labels: dimensions))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, labels: dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if !aggregate { return GaugeAsRecorder(gauge: gauge(label, labels: dimensions)) }
        return histogram(label, labels: dimensions, buckets: MetricsRegistry.sizeBuckets)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, labels: dimensions)
    }

    /// For recorders, whose unit nobody says.
    static var sizeBuckets: [Double] { [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576] }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class GaugeAsCounter: FloatingPointCounterHandler {
    private let gauge: MetricGauge
    init(gauge: MetricGauge) { self.gauge = gauge }
    func increment(by amount: Double) { gauge.add(amount) }
    func reset() { gauge.set(0.0) }
}

private final class GaugeAsRecorder: RecorderHandler {
    private let gauge: MetricGauge
    init(gauge: MetricGauge) { self.gauge = gauge }
    func record(_ value: Int64) { gauge.set(value) }
    func record(_ value: Double) { gauge.set(value) }
}
