import Logging
import Models
import Queues
import ServiceLifecycle
import Synchronization

/// Looks at the queues that a service works on, for `service.status` and `/metrics`.
final class QueueWatch: Service {
    /// Often enough for a graph, and one small pipeline on the connection for scans.
    static let every: Duration = .seconds(5)

    private let inspector: QueueInspector
    private let queues: [String]
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let latest = Mutex<[QueueInspector.Figure]>([])

    init(_ inspector: QueueInspector, queues: [String], metrics: MetricsRegistry, logger: Logger) {
        self.inspector = inspector
        self.queues = queues
        self.metrics = metrics
        self.logger = logger
    }

    /// `[{"name":"inbox","length":0,"oldestAgeMs":null}]`, at most ``every`` old.
    var json: JSONValue {
        .array(
            latest.withLock { $0 }.map { figure in
                [
                    "name": .string(figure.queue), "length": .integer(figure.length),
                    "oldestAgeMs": figure.oldestAgeMilliseconds.map { .integer($0) } ?? .null,
                ]
            })
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { self.show(try await self.inspector.figures(of: self.queues)) } catch {
                    self.logger.debug("Queues could not be looked at", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.every)
            }
        }
    }

    private func show(_ figures: [QueueInspector.Figure]) {
        latest.withLock { $0 = figures }
        for figure in figures {
            let labels = [("queue", figure.queue)]
            metrics.gauge("sojourn_queue_length", help: "Elements that wait, over all partitions.", labels: labels)
                .set(figure.length)
            metrics.gauge(
                "sojourn_queue_oldest_seconds", help: "How long the oldest element waits; 0 where none does.",
                labels: labels
            ).set(Double(figure.oldestAgeMilliseconds ?? 0) / 1_000)
        }
    }
}

extension ServiceHost {
    /// Shows the length and age of these queues, names of `queues.list`, in `service.status` and `/metrics`.
    package func watchQueues(_ names: [String], _ inspector: QueueInspector) {
        let watch = QueueWatch(inspector, queues: names, metrics: metrics, logger: logger)
        services.append(watch)
        status.add("queues") { watch.json }
    }
}
