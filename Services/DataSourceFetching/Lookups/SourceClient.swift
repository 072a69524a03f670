import Definitions
import HTTPClient
import Logging
import Models
import Outbound

/// An endpoint that takes no call at the moment.
struct NotNow: Sendable, Hashable {
    /// When to ask again, on the client's steady clock.
    let until: Int64
    /// Its breaker is open; otherwise all its places are taken.
    let isOpen: Bool

    /// What a look-up came to that cannot wait so long.
    var failure: LookupFailure { isOpen ? .circuitOpen : .timedOut }
}

/// One call of a data source, with what it takes to get an answer: breaker, bulkhead, repeats within the time.
struct SourceClient: Sendable {
    /// What came of trying to call.
    enum End: Sendable {
        /// The parsed answer and the bytes that it had.
        case data(SourceData, bodyBytes: Int)
        case failed(LookupFailure)
        case notNow(NotNow)
    }

    let http: OutboundClient
    let endpoints: Endpoints
    let tokens: TokenKeeper
    let retry: RetryPolicy
    let clock: SteadyClock
    let random: @Sendable () -> Double
    let counters: LookupCounters
    let logger: Logger

    func call(
        _ source: DataSourceDefinition, _ group: DataSourceDefinition.Group, _ parameters: JSONObject,
        until deadline: ContinuousClock.Instant
    ) async -> End {
        var request: HTTPRequest
        var authentication: HTTPAuthentication
        do {
            authentication = try await self.authentication(source, until: deadline)
            request = try SourceCall.request(group, parameters: parameters, authentication: authentication)
        } catch { return .failed(error) }
        var attempt = 1
        var isRenewed = false
        var last: LookupFailure?
        while true {
            if ContinuousClock.now.duration(to: deadline) <= .milliseconds(1) { return .failed(last ?? .timedOut) }
            switch await endpoints.enterSoon(Endpoint.of(request.url), clock: { clock.milliseconds }) {
            // After a failed attempt its own failure says more than "not now".
            case .full(let until): return last.map(End.failed) ?? .notNow(NotNow(until: until, isOpen: false))
            case .open(let until): return last.map(End.failed) ?? .notNow(NotNow(until: until, isOpen: true))
            case .admitted(let pass):
                // A place may have been waited for.
                let remaining = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
                var timed = request
                timed.timeout = remaining
                timed.connectTimeout = min(timed.connectTimeout, remaining)
                counters.add { if attempt == 1 { $0.calls += 1 } else { $0.repeats += 1 } }
                let result = await send(timed, pass, since: clock.milliseconds)
                if !isRenewed, case .success(let response) = result, response.status == 401,
                    await tokens.forget(source.authentication, refused: authentication)
                {
                    isRenewed = true
                    do {
                        authentication = try await self.authentication(source, until: deadline)
                        request = try SourceCall.request(
                            group, parameters: parameters, authentication: authentication)
                        continue
                    } catch { return .failed(error) }
                }
                let (end, failure) = read(result, authentication, parameters)
                guard let failure else { return end }
                last = failure
                guard let delay = again(result, attempt, until: deadline) else { return end }
                do { try await Task.sleep(for: delay) } catch { return .failed(.cancelled) }
                attempt += 1
            }
        }
    }

    private func authentication(
        _ source: DataSourceDefinition, until deadline: ContinuousClock.Instant
    ) async throws(LookupFailure) -> HTTPAuthentication {
        let remaining = max(.milliseconds(1), ContinuousClock.now.duration(to: deadline))
        do { return try await tokens.opened(source.authentication, within: remaining) } catch {
            if case .sealing = error {
                logger.error("a data source's secret cannot be opened", metadata: ["source": "\(source.name)"])
                throw .internalError
            }
            throw LookupFailure(TokenFailure.code)
        }
    }

    private func send(
        _ request: HTTPRequest, _ pass: Endpoints.Pass, since start: Int64
    ) async -> Result<HTTPResponse, HTTPError> {
        let result: Result<HTTPResponse, HTTPError>
        do { result = .success(try await http.send(request)) } catch { result = .failure(error) }
        let now = clock.milliseconds
        endpoints.leave(pass, Self.verdict(result), milliseconds: now - start, at: now)
        return result
    }

    private func read(
        _ result: Result<HTTPResponse, HTTPError>, _ authentication: HTTPAuthentication, _ parameters: JSONObject
    ) -> (End, LookupFailure?) {
        switch result {
        case .failure(let error):
            let failure = LookupFailure(error)
            return (.failed(failure), failure)
        case .success(let response):
            do throws(LookupFailure) {
                return (.data(try SourceAnswer.data(response), bodyBytes: response.body.count), nil)
            } catch {
                let answer = CallAnswer(response, hiding: authentication, parameters)
                let failure = LookupFailure(error.code, answer: answer)
                return (.failed(failure), failure)
            }
        }
    }

    /// How long to wait before the next attempt; nil: the result stands.
    private func again(
        _ result: Result<HTTPResponse, HTTPError>, _ attempt: Int, until deadline: ContinuousClock.Instant
    ) -> Duration? {
        let came: RetryPolicy.Result =
            switch result {
            case .success(let response):
                .answer(status: response.status, retryAfter: response.headers["Retry-After"])
            case .failure(let error): .failure(error)
            }
        let decision = retry.decide(
            came, attempt: attempt, remaining: ContinuousClock.now.duration(to: deadline), random: random(),
            now: clock.wallMilliseconds())
        if case .again(let delay) = decision { return delay }
        return nil
    }

    /// What a result says about the endpoint: not about a request that it could not have answered.
    static func verdict(_ result: Result<HTTPResponse, HTTPError>) -> CircuitBreaker.Outcome {
        switch result {
        case .success(let response): RetryPolicy.mayRepeat(status: response.status) ? .failure : .success
        case .failure(let error):
            switch error.code {
            case .timedOut, .connectionLost, .protocolError, .nameNotResolved, .connectFailed, .tls: .failure
            default: .abandoned
            }
        }
    }
}
