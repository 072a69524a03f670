import Definitions
import HTTPClient
import Logging
import Models
import Outbound
import Queues

/// Performs one claimed action request: one call, and what follows from its answer.
struct ActionPerformer: Sendable {
    let client: OutboundClient
    let book: ActionBook
    let stopped: StoppedVersions
    let endpoints: Endpoints
    let tokens: TokenKeeper
    /// Redis' (ms since 1970), as the times of calls become step events.
    let clock: @Sendable () -> Int64
    /// 0 ..< 1, for the jitter of retries.
    let random: @Sendable () -> Double
    let logger: Logger
    var faults = FaultHook.none
    private let calls = CallCounters()
    private let backlog = BacklogCounter(kind: "actions")

    /// What the journey sees of an answer, and what is said of it.
    typealias Response = (value: JSONValue, note: PartnerAnswer.Note?)
    private static let noResponse: Response = (.null, nil)

    func perform(_ claim: Claim) async -> RequestVerdict {
        faults.pass(claim.element)
        let request: ActionRequest
        do {
            switch try Request(bytes: claim.element) {
            case .action(let action): request = action
            case .message(let message): return answer(message, claim.progress)
            case .fetch: return unreadable(claim, "the element is no request of an action")
            }
        } catch {
            return unreadable(claim, error.reason)
        }
        var claim = claim
        claim.progress.lane = request.action
        if stopped.contains(request.origin.journey, request.origin.version) {
            return finished(request, claim.progress, succeeded: false, status: "cancelled", response: Self.noResponse)
        }
        let action: ActionDefinition
        let prepared: HTTPRequest
        let authentication: HTTPAuthentication
        do {
            guard let found = try await book.action(request.action, revision: request.actionRevision) else {
                return dead(request, claim.progress, reason: "unknownAction", status: "internalError")
            }
            action = found
            do {
                authentication = try await tokens.opened(action.authentication, within: tokenTime(action, request))
            } catch { return unauthenticated(error, action, request, claim) }
            prepared = try ActionCall.request(
                action, parameters: request.parameters, idempotencyKey: request.id, authentication: authentication)
        } catch let problem as CallProblem {
            return dead(request, claim.progress, reason: problem.code.rawValue, status: "internalError")
        } catch {
            logger.warning("an action's definition could not be read", metadata: ["action": "\(request.action)"])
            return .postponed(by: .seconds(1), unharmed: true, progress: claim.progress)
        }
        return await call(prepared, authentication, action, request, claim)
    }

    /// What the journey is told of a request that may not wait: too many of its action do, or it did for too long.
    func refused(_ claim: Claim) -> [UInt8] {
        backlog.count(claim.progress.lane ?? "")
        guard case .action(let request)? = try? Request(bytes: claim.element) else { return unreadableOutcome(claim) }
        return outcome(
            request, claim.progress, succeeded: false, status: RequestWorker.backlogFull, response: Self.noResponse)
    }

    private func call(
        _ prepared: HTTPRequest, _ authentication: HTTPAuthentication, _ action: ActionDefinition,
        _ request: ActionRequest, _ claim: Claim
    ) async -> RequestVerdict {
        let endpoint = Endpoint.of(action.url)
        let pass: Endpoints.Pass
        let asked = clock()
        switch await endpoints.enterSoon(endpoint, clock: clock) {
        case .full(let until), .open(let until):
            // It waits aside, so that the head of the list is never waited for.
            let delay = Duration.milliseconds(max(10, until - asked))
            return .postponed(by: delay, unharmed: true, progress: claim.progress)
        case .admitted(let admitted): pass = admitted
        }
        var progress = claim.progress
        let began = clock()
        let limit = action.timeoutMilliseconds ?? request.timeoutMilliseconds
        let deadline = (progress.calledAt ?? began) + limit
        progress.calledAt = progress.calledAt ?? began
        var timed = prepared
        timed.pool = endpoint
        let left = deadline - began, allowed = callTime(left: left)
        timed.timeout = .milliseconds(allowed)
        let result: RetryPolicy.Result
        let status: String
        var response = Self.noResponse
        var failed: CallAnswer?
        do {
            let (answer, sent) = try await send(timed, authentication, action, request)
            if !(200..<300).contains(answer.status) { failed = CallAnswer(answer, hiding: sent, request.parameters) }
            status = "http_\(answer.status)"
            response = ActionCall.response(answer, fields: request.fields)
            result = .answer(status: answer.status, retryAfter: answer.headers["Retry-After"])
        } catch {
            status = error.code == .timedOut ? "timedout" : error.code.rawValue
            result = .failure(error)
        }
        let ended = clock()
        endpoints.leave(pass, Self.health(result), milliseconds: ended - began, at: ended)
        if case .failure(let error) = result, error.code == .cancelled || error.code == .closed {
            // The process is stopping: another one makes the call again, under the same key. That is not in vain, as
            // with a worker that died: a request must not become a dead letter of being cut off.
            return .again(after: .zero, progress: progress)
        }
        progress.add(.init(at: began, milliseconds: ended - began, status: status, answer: failed))
        calls.count(status)
        // A call that had all the time that was left, and used it up, leaves none, whatever two clocks say.
        let isSpent = status == "timedout" && allowed >= left
        return verdict(
            result, status, response, action, request, claim, progress, remaining: isSpent ? 0 : deadline - ended)
    }

    /// Makes the call; where its token is refused, once more with a new one. A call that is refused for its token did
    /// nothing, so that this is no second attempt. With the answer comes what the call was made with.
    private func send(
        _ call: HTTPRequest, _ authentication: HTTPAuthentication, _ action: ActionDefinition, _ request: ActionRequest
    ) async throws(HTTPError) -> (HTTPResponse, HTTPAuthentication) {
        let answer = try await client.send(call)
        guard answer.status == 401, await tokens.forget(action.authentication, refused: authentication),
            let renewed = try? await tokens.opened(action.authentication, within: tokenTime(action, request)),
            var again = try? ActionCall.request(
                action, parameters: request.parameters, idempotencyKey: request.id, authentication: renewed)
        else { return (answer, authentication) }
        again.pool = call.pool
        again.timeout = call.timeout
        return (try await client.send(again), renewed)
    }

    /// There is no token to call with: the endpoint of tokens counts as the one that was called.
    private func unauthenticated(
        _ failure: TokenFailure, _ action: ActionDefinition, _ request: ActionRequest, _ claim: Claim
    ) -> RequestVerdict {
        var progress = claim.progress
        let at = clock()
        let began = progress.calledAt ?? at
        progress.calledAt = began
        progress.add(.init(at: at, milliseconds: 0, status: TokenFailure.code))
        switch failure {
        case .endpoint(let result):
            let limit = action.timeoutMilliseconds ?? request.timeoutMilliseconds
            return verdict(
                result, TokenFailure.code, Self.noResponse, action, request, claim, progress,
                remaining: began + limit - at)
        case .noToken: return dead(request, progress, reason: TokenFailure.code, status: TokenFailure.code)
        case .sealing:
            logger.warning("an action's secret cannot be opened", metadata: ["action": "\(request.action)"])
            return .postponed(by: .seconds(1), unharmed: true, progress: claim.progress)
        }
    }

    private func tokenTime(_ action: ActionDefinition, _ request: ActionRequest) -> Duration {
        .milliseconds(min(action.timeoutMilliseconds ?? request.timeoutMilliseconds, Limits.callMillisecondsMax))
    }

    /// The time of one call: what is left, at least a little for one whose worker died past its time.
    private func callTime(left: Int64) -> Int64 {
        left > 0 ? min(left, Limits.callMillisecondsMax) : Limits.lateCallMilliseconds
    }

    private func verdict(
        _ result: RetryPolicy.Result, _ status: String, _ response: Response, _ action: ActionDefinition,
        _ request: ActionRequest, _ claim: Claim, _ progress: RequestProgress, remaining: Int64
    ) -> RequestVerdict {
        let policy = RetryPolicy(attemptsMax: Int(action.retries) + 1)
        let decision = policy.decide(
            result, attempt: progress.calls.count, remaining: .milliseconds(max(0, remaining)), random: random(),
            now: clock())
        switch decision {
        case .done:
            if case .answer(let code, _) = result {
                let isSuccess = (200..<300).contains(code)
                return finished(request, progress, succeeded: isSuccess, status: status, response: response)
            }
            return dead(request, progress, reason: "refused", status: status)
        case .again(let delay): return .again(after: delay, progress: progress)
        case .exhausted:
            // Out of time is `timedout`, whatever the last answer was; out of attempts keeps the last answer.
            let isOutOfTime = progress.calls.count <= Int(action.retries)
            return dead(
                request, progress, reason: isOutOfTime ? "timedout" : "retriesExhausted",
                status: isOutOfTime ? "timedout" : status, response: response)
        }
    }

    private static func health(_ result: RetryPolicy.Result) -> CircuitBreaker.Outcome {
        switch result {
        case .answer(let status, _): status >= 500 || status == 429 ? .failure : .success
        case .failure(let error):
            switch error.code {
            case .cancelled, .closed, .queueFull: .abandoned
            case .invalidRequest, .refusedAddress: .success
            default: .failure
            }
        }
    }

    private func finished(
        _ request: ActionRequest, _ progress: RequestProgress, succeeded: Bool, status: String, response: Response
    ) -> RequestVerdict {
        .completed(
            outcome: outcome(request, progress, succeeded: succeeded, status: status, response: response))
    }

    private func dead(
        _ request: ActionRequest, _ progress: RequestProgress, reason: String, status: String,
        response: Response = noResponse
    ) -> RequestVerdict {
        .deadLetter(
            reason: reason, lastError: progress.calls.last?.status ?? status,
            outcome: outcome(request, progress, succeeded: false, status: status, response: response))
    }

    private func outcome(
        _ request: ActionRequest, _ progress: RequestProgress, succeeded: Bool, status: String, response: Response
    ) -> [UInt8] {
        let result = ActionResult(
            succeeded: succeeded, status: status, response: response.value, attempts: progress.calls,
            note: response.note?.rawValue)
        return Outcome(
            id: request.id, person: request.origin.person, instance: request.origin.instance,
            journey: request.origin.journey, version: request.origin.version,
            durationMilliseconds: max(0, clock() - progress.claimedAt), result: .action(result),
            run: request.origin.run
        ).element
    }

    /// No channel is configured that could carry a message: that is its outcome, and not a fault that a retry mends.
    private func answer(_ message: MessageRequest, _ progress: RequestProgress) -> RequestVerdict {
        let isStopped = stopped.contains(message.origin.journey, message.origin.version)
        let result = ActionResult(
            succeeded: false, status: isStopped ? "cancelled" : "channelNotConfigured", response: .null,
            attempts: progress.calls)
        let outcome = Outcome(
            id: message.id, person: message.origin.person, instance: message.origin.instance,
            journey: message.origin.journey, version: message.origin.version,
            durationMilliseconds: max(0, clock() - progress.claimedAt), result: .action(result),
            run: message.origin.run)
        return .completed(outcome: outcome.element)
    }

    /// An element that is no request of an action: what of it can be read says who waits for it.
    private func unreadable(_ claim: Claim, _ reason: String) -> RequestVerdict {
        logger.error("a request cannot be read", metadata: ["partition": "\(claim.partition)"])
        return .deadLetter(reason: "unreadable", lastError: reason, outcome: unreadableOutcome(claim))
    }

    private func unreadableOutcome(_ claim: Claim) -> [UInt8] {
        let element = (try? JSONValue.parse(claim.element)) ?? .null
        let person = Person(
            namespace: element["namespace"]?.stringValue ?? "", id: element["person"]?.stringValue ?? "")
        let result = ActionResult(succeeded: false, status: "internalError", response: .null, attempts: [])
        return Outcome(
            id: claim.id, person: person, instance: element["instance"]?.stringValue ?? "",
            durationMilliseconds: 0, result: .action(result)
        ).element
    }
}
