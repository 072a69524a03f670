package import HTTPClient
import Synchronization

/// A circuit breaker and a bulkhead for each endpoint, so that one that is slow or down slows nobody else.
package final class EndpointGuards: Sendable {
    /// Whether a call may be made now.
    package enum Admission: Sendable {
        /// Hand the pass back with ``leave(_:_:_:at:)``.
        case allowed(CircuitBreaker.Pass)
        /// The breaker is open, or every place is taken: try again after this time.
        case refused(retryAfter: Duration)
    }

    private struct Guard {
        var breaker: CircuitBreaker
        var bulkhead: Bulkhead
        var usedAt: Int64
    }

    private let breaker: CircuitBreaker.Settings
    private let placesMax: Int
    private let endpointsMax: Int
    private let guards = Mutex<[String: Guard]>([:])

    /// - Parameters:
    ///   - placesMax: calls to one endpoint at once.
    ///   - endpointsMax: endpoints remembered; the one unused the longest goes first.
    package init(breaker: CircuitBreaker.Settings = .init(), placesMax: Int = 128, endpointsMax: Int = 1_000) {
        self.breaker = breaker
        self.placesMax = placesMax
        self.endpointsMax = endpointsMax
    }

    package func enter(_ endpoint: String, at now: Int64) -> Admission {
        guards.withLock { guards in
            var entry = guards[endpoint] ?? Guard(
                breaker: CircuitBreaker(breaker), bulkhead: Bulkhead(limit: placesMax), usedAt: now)
            entry.usedAt = now
            defer { guards[endpoint] = entry }
            if guards.count >= endpointsMax, guards[endpoint] == nil { Self.forgetOldest(&guards) }
            guard entry.bulkhead.enter() else { return .refused(retryAfter: .milliseconds(50)) }
            switch entry.breaker.admit(at: now) {
            case .allowed(let pass): return .allowed(pass)
            case .refused(let until):
                entry.bulkhead.leave()
                return .refused(retryAfter: .milliseconds(max(10, until - now)))
            }
        }
    }

    package func leave(_ endpoint: String, _ pass: CircuitBreaker.Pass, _ outcome: CircuitBreaker.Outcome, at now: Int64) {
        guards.withLock { guards in
            guards[endpoint]?.bulkhead.leave()
            guards[endpoint]?.breaker.record(outcome, for: pass, at: now)
        }
    }

    private static func forgetOldest(_ guards: inout [String: Guard]) {
        let idle = guards.filter { $0.value.bulkhead.inside == 0 }
        if let oldest = idle.min(by: { $0.value.usedAt < $1.value.usedAt })?.key { guards[oldest] = nil }
    }
}
