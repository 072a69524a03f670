import HTTPClient
import Testing

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private let settings = CircuitBreaker.Settings(
        window: .seconds(10), callsMin: 4, failureShare: 0.5, openFor: .seconds(5), openForMax: .seconds(12), trials: 2)

    @Test("It stays closed below the least number of calls, whatever fails")
    func belowMinimum() {
        var breaker = CircuitBreaker(settings)
        for time in 0..<3 { call(&breaker, .failure, at: Int64(time)) }
        #expect(breaker.state == .closed)
    }

    @Test("It opens when the share of failures is reached, and not before")
    func opens() {
        var breaker = CircuitBreaker(settings)
        for outcome in [CircuitBreaker.Outcome.success, .success, .success, .failure, .failure] {
            call(&breaker, outcome, at: 0)
        }
        #expect(breaker.state == .closed)
        call(&breaker, .failure, at: 100)
        #expect(breaker.state == .open(until: 5_100))
        #expect(breaker.admit(at: 5_099) == .refused(until: 5_100))
    }

    @Test("Failures older than the window do not count")
    func window() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<3 { call(&breaker, .failure, at: 0) }
        for _ in 0..<4 { call(&breaker, .success, at: 10_000) }
        call(&breaker, .failure, at: 10_500)
        #expect(breaker.state == .closed)
    }

    @Test("Success alone never opens, even with a share of zero")
    func zeroShare() {
        var breaker = CircuitBreaker(CircuitBreaker.Settings(callsMin: 1, failureShare: 0))
        for time in 0..<100 { call(&breaker, .success, at: Int64(time)) }
        #expect(breaker.state == .closed)
    }

    @Test("Half-open it lets as many pass as trials, and closes when all succeed")
    func trialsSucceed() throws {
        var breaker = opened()
        let first = try #require(pass(&breaker, at: 5_000))
        #expect(breaker.state == .halfOpen)
        let second = try #require(pass(&breaker, at: 5_001))
        #expect(breaker.admit(at: 5_002) == .refused(until: 6_002))
        breaker.record(.success, for: first, at: 5_010)
        #expect(breaker.state == .halfOpen)
        breaker.record(.success, for: second, at: 5_020)
        #expect(breaker.state == .closed)
    }

    @Test("A failed trial opens for twice the time, up to the bound; success starts anew")
    func trialFails() throws {
        var breaker = opened()
        call(&breaker, .failure, at: 5_000)
        #expect(breaker.state == .open(until: 15_000))
        call(&breaker, .failure, at: 15_000)
        #expect(breaker.state == .open(until: 27_000))
        for _ in 0..<2 { call(&breaker, .success, at: 27_000) }
        #expect(breaker.state == .closed)
        for _ in 0..<4 { call(&breaker, .failure, at: 30_000) }
        #expect(breaker.state == .open(until: 35_000))
    }

    @Test("A trial that was abandoned gives its place back")
    func abandoned() throws {
        var breaker = opened()
        let first = try #require(pass(&breaker, at: 5_000))
        _ = try #require(pass(&breaker, at: 5_000))
        breaker.record(.abandoned, for: first, at: 5_001)
        #expect(pass(&breaker, at: 5_002) != nil)
    }

    @Test("Trials whose outcome never comes do not keep it half-open for ever")
    func lostTrials() throws {
        var breaker = opened()
        let lost = try #require(pass(&breaker, at: 5_000))
        _ = try #require(pass(&breaker, at: 5_000))
        #expect(pass(&breaker, at: 17_000) == nil)
        #expect(pass(&breaker, at: 17_001) != nil)
        breaker.record(.failure, for: lost, at: 17_002)
        #expect(breaker.state == .halfOpen)
    }

    @Test("The outcome of a call from before a change of state changes nothing")
    func lateOutcome() throws {
        var breaker = CircuitBreaker(settings)
        let early = try #require(pass(&breaker, at: 0))
        for _ in 0..<4 { call(&breaker, .failure, at: 0) }
        let trial = try #require(pass(&breaker, at: 5_000))
        breaker.record(.failure, for: early, at: 5_001)
        #expect(breaker.state == .halfOpen)
        breaker.record(.failure, for: trial, at: 5_002)
        #expect(breaker.state == .open(until: 15_002))
        breaker.record(.success, for: trial, at: 5_003)
        #expect(breaker.state == .open(until: 15_002))
    }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<4 { call(&breaker, .failure, at: 0) }
        return breaker
    }

    private func pass(_ breaker: inout CircuitBreaker, at now: Int64) -> CircuitBreaker.Pass? {
        guard case .allowed(let pass) = breaker.admit(at: now) else { return nil }
        return pass
    }

    private func call(_ breaker: inout CircuitBreaker, _ outcome: CircuitBreaker.Outcome, at now: Int64) {
        guard let pass = pass(&breaker, at: now) else { return }
        breaker.record(outcome, for: pass, at: now)
    }
}
