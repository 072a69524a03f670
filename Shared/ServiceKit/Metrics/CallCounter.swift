import JSONRPC
import Synchronization

/// Counts calls and HTTP answers: `rpc_calls_total{method,code}`, `rpc_seconds{method}`, `http_answers_total{status}`.
///
/// What the registry looks up by labels is kept here by method, so that a call costs one look-up.
package final class CallCounter: RPCObserver {
    private struct Method {
        let seconds: MetricHistogram
        var outcomes: [Int: MetricCounter] = [:]
    }

    private let registry: MetricsRegistry
    private let methods = Mutex<[String: Method]>([:])
    private let statuses = Mutex<[Int: MetricCounter]>([:])

    package init(_ registry: MetricsRegistry) { self.registry = registry }

    package func answered(method: String?, error: RPCErrorCode?, duration: Duration) {
        let name = method ?? "unknown"
        let code = error?.rawValue ?? 0
        methods.withLock { methods in
            if methods[name] == nil {
                let labels = [("method", name)]
                methods[name] = Method(
                    seconds: registry.histogram("rpc_seconds", help: "Time of a method, by method.", labels: labels))
            }
            methods[name]?.seconds.record(duration)
            if methods[name]?.outcomes[code] == nil {
                methods[name]?.outcomes[code] = registry.counter(
                    "rpc_calls_total", help: "Calls by method and code of the error, 0 without one.",
                    labels: [("method", name), ("code", String(code))])
            }
            methods[name]?.outcomes[code]?.increment()
        }
    }

    package func answered(status: Int) {
        statuses.withLock { statuses in
            if statuses[status] == nil {
                statuses[status] = registry.counter(
                    "http_answers_total", help: "HTTP answers by status.", labels: [("status", String(status))])
            }
            statuses[status]?.increment()
        }
    }
}
