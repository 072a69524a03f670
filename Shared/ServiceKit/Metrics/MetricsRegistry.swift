import Synchronization

/// All figures of one process, and their text for Prometheus. The backend of swift-metrics as well.
///
/// A name holds at most ``seriesMax`` label sets; what comes beyond is counted in one series with the label
/// `overflow="true"`, so that memory stays bounded whatever the labels are made of.
package final class MetricsRegistry: Sendable {
    /// Enough for a series a partition (up to 256) or a method.
    package static let seriesMax = 300
    /// Names are in the source, so that reaching this is a mistake of ours; further ones are counted nowhere.
    static let namesMax = 1_000

    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    enum Series: Sendable {
        case counter(MetricCounter)
        case gauge(MetricGauge)
        case histogram(MetricHistogram)
    }

    struct Family: Sendable {
        let kind: Kind
        var help: String
        var series: [MetricLabels: Series] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    /// Asked for anew for each text, such as gauges that others keep.
    private let collectors = Mutex<[@Sendable () -> Void]>([])

    package init() {}

    package func counter(_ name: String, help: String = "", labels: [(String, String)] = []) -> MetricCounter {
        let series = series(name, .counter, help, labels) { .counter(MetricCounter()) }
        if case .counter(let counter) = series { return counter }
        return MetricCounter()
    }

    package func gauge(_ name: String, help: String = "", labels: [(String, String)] = []) -> MetricGauge {
        let series = series(name, .gauge, help, labels) { .gauge(MetricGauge()) }
        if case .gauge(let gauge) = series { return gauge }
        return MetricGauge()
    }

    /// - Parameter buckets: upper bounds, growing; seconds for times.
    package func histogram(
        _ name: String, help: String = "", labels: [(String, String)] = [],
        buckets: [Double] = MetricHistogram.timeBuckets
    ) -> MetricHistogram {
        let series = series(name, .histogram, help, labels) { .histogram(MetricHistogram(bounds: buckets)) }
        if case .histogram(let histogram) = series { return histogram }
        return MetricHistogram(bounds: buckets)
    }

    /// Runs before each text is made, to set gauges.
    package func onCollect(_ collect: @escaping @Sendable () -> Void) { collectors.withLock { $0.append(collect) } }

    /// The series; nil where the name stands for another kind already.
    private func series(
        _ name: String, _ kind: Kind, _ help: String, _ labels: [(String, String)], make: () -> Series
    ) -> Series? {
        let name = MetricName.valid(name)
        let labels = MetricLabels(labels)
        return families.withLock { families in
            if families[name] == nil {
                guard families.count < Self.namesMax else { return nil }
                families[name] = Family(kind: kind, help: help)
            }
            guard families[name]?.kind == kind else { return nil }
            if families[name]?.help.isEmpty == true { families[name]?.help = help }
            if let known = families[name]?.series[labels] { return known }
            let isFull = (families[name]?.series.count ?? 0) >= Self.seriesMax
            let place = isFull ? .overflow : labels
            if let known = families[name]?.series[place] { return known }
            let made = make()
            families[name]?.series[place] = made
            return made
        }
    }

    /// The text of `/metrics` (Prometheus text format 0.0.4), names and labels in order.
    package func text() -> String {
        for collect in collectors.withLock({ $0 }) { collect() }
        let families = families.withLock { $0 }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if !family.help.isEmpty { lines.append("# HELP \(name) \(family.help.replacing("\n", with: " "))") }
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key.text() < $1.key.text() }) {
                Self.write(series, name: name, labels: labels, to: &lines)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func write(_ series: Series, name: String, labels: MetricLabels, to lines: inout [String]) {
        switch series {
        case .counter(let counter): lines.append("\(name)\(labels.text()) \(counter.value)")
        case .gauge(let gauge): lines.append("\(name)\(labels.text()) \(number(gauge.value))")
        case .histogram(let histogram):
            let figures = histogram.figures
            for (bound, count) in zip(histogram.bounds, figures.cumulative) {
                lines.append("\(name)_bucket\(labels.text(adding: [("le", number(bound))])) \(count)")
            }
            lines.append("\(name)_bucket\(labels.text(adding: [("le", "+Inf")])) \(figures.count)")
            lines.append("\(name)_sum\(labels.text()) \(number(figures.sum))")
            lines.append("\(name)_count\(labels.text()) \(figures.count)")
        }
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? value.description
    }
}
