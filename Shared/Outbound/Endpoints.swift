package import HTTPClient
import Synchronization

/// What is known of the endpoints that are called: a breaker and a bulkhead each, so that one that hangs or fails
/// holds only its own share of the process.
///
/// Times are milliseconds on one steady clock of the caller's choice.
package final class Endpoints: Sendable {
    /// Leave to make one call, given back by ``leave(_:_:milliseconds:at:)``.
    package struct Pass: Sendable {
        fileprivate let endpoint: String
        fileprivate let breaker: CircuitBreaker.Pass
    }

    /// The answer to the wish to call.
    package enum Admission: Sendable {
        case admitted(Pass)
        /// Every place is taken: ask again at the time, by which one should be free.
        case full(until: Int64)
        /// The breaker is open.
        case open(until: Int64)
    }

    private struct Endpoint {
        var breaker: CircuitBreaker
        var bulkhead: Bulkhead
        /// Average length of a call, newer ones counting more.
        var averageMilliseconds: Double = 100
        /// The turn that was given last to one who found no place; places may become free many a millisecond.
        var lastTurn: Double = 0
        /// When a call began or ended last: since then nothing has moved.
        var movedAt: Int64 = 0
        var usedAt: Int64 = 0

        /// How soon after another a place becomes free, as far as can be told: by the length of calls, or by how long
        /// none has ended.
        func pace(at now: Int64, places: Int) -> Double {
            max(averageMilliseconds, Double(now - movedAt)) / Double(places)
        }
    }

    /// A place that should be free so soon is waited for here: to put the request aside in Redis, and to claim it
    /// again, costs more than most calls.
    package static let nearMilliseconds: Int64 = 20

    private let placesMax: Int
    private let endpointsMax: Int
    private let breaker: CircuitBreaker.Settings
    private let state = Mutex<[String: Endpoint]>([:])

    /// - Parameters:
    ///   - placesMax: calls to one endpoint at once.
    ///   - endpointsMax: endpoints remembered; the one unused the longest goes first.
    package init(placesMax: Int, breaker: CircuitBreaker.Settings = .init(), endpointsMax: Int = 1_000) {
        self.endpointsMax = endpointsMax
        self.placesMax = placesMax
        self.breaker = breaker
    }

    /// Asks for leave to make one call to an endpoint.
    package func enter(_ name: String, at now: Int64) -> Admission {
        state.withLock { state in
            if state[name] == nil {
                makeRoom(&state)
                state[name] = Endpoint(breaker: CircuitBreaker(breaker), bulkhead: Bulkhead(limit: placesMax))
            }
            // Taken out and put back, so that what the breaker remembers is not copied.
            guard var endpoint = state.removeValue(forKey: name) else { return .full(until: now + 100) }
            defer { state[name] = endpoint }
            endpoint.usedAt = now
            guard endpoint.bulkhead.enter() else {
                // Those who find no place come back one after another, as fast as places become free.
                let pace = endpoint.pace(at: now, places: placesMax)
                endpoint.lastTurn = min(max(endpoint.lastTurn, Double(now)) + pace, Double(now + 10_000))
                return .full(until: max(now + 1, Int64(endpoint.lastTurn.rounded(.up))))
            }
            endpoint.movedAt = now
            switch endpoint.breaker.admit(at: now) {
            case .allowed(let pass): return .admitted(Pass(endpoint: name, breaker: pass))
            case .refused(let until):
                endpoint.bulkhead.leave()
                return .open(until: until)
            }
        }
    }

    /// As ``enter(_:at:)``, and waits for a place that should be free within ``nearMilliseconds``. Whoever is not
    /// admitted then shall come again after that time at the earliest.
    package func enterSoon(_ name: String, clock: @Sendable () -> Int64) async -> Admission {
        let start = clock()
        var now = start
        while true {
            let admission = enter(name, at: now)
            guard case .full(let until) = admission else { return admission }
            if until - start > Self.nearMilliseconds || now < start || Task.isCancelled {
                return .full(until: max(until, now + Self.nearMilliseconds))
            }
            try? await Task.sleep(for: .milliseconds(until - now))
            now = clock()
        }
    }

    /// Gives back what ``enter(_:at:)`` admitted, with how the call went and how long it took.
    package func leave(_ pass: Pass, _ outcome: CircuitBreaker.Outcome, milliseconds: Int64, at now: Int64) {
        state.withLock { state in
            guard var endpoint = state.removeValue(forKey: pass.endpoint) else { return }
            endpoint.bulkhead.leave()
            endpoint.movedAt = now
            endpoint.breaker.record(outcome, for: pass.breaker, at: now)
            endpoint.averageMilliseconds += (Double(milliseconds) - endpoint.averageMilliseconds) * 0.1
            state[pass.endpoint] = endpoint
        }
    }

    /// Each endpoint with its calls under way and the state of its breaker.
    package var figures: [(name: String, inside: Int, isOpen: Bool)] {
        state.withLock { state in
            state.map { name, endpoint in
                (name, endpoint.bulkhead.inside, endpoint.breaker.state != .closed)
            }.sorted { $0.0 < $1.0 }
        }
    }

    private func makeRoom(_ state: inout [String: Endpoint]) {
        guard state.count >= endpointsMax else { return }
        // One with calls under way stays: what is given back must find it.
        let idle = state.filter { $0.value.bulkhead.inside == 0 }
        if let oldest = idle.min(by: { $0.value.usedAt < $1.value.usedAt }) { state[oldest.key] = nil }
    }
}
