import Expressions
import Models

/// Actions, outcomes, timers and commands.
extension Turn {
    mutating func act(_ instance: inout Instance, _ node: Int, _ step: ActionStep) -> Next {
        if let paused = pause(&instance, node) { return paused }
        var values = JSONObject(minimumCapacity: step.parameters.count)
        var requests: [LookupRequest] = []
        for parameter in step.parameters {
            switch evaluate(parameter.expression, instance, node) {
            case .value(let value) where value.isNull:
                if parameter.isRequired, !parameter.allowsNull {
                    return fail(
                        &instance, node, code: "missingParameter", detail: "the parameter \(parameter.name) is null",
                        onError: step.onError)
                }
                if parameter.allowsNull { values[parameter.name] = .null }
            case .value(let value): values[parameter.name] = value.json
            case .lookups(let needed):
                requests.add(needed)
            case .failed(let code, let detail):
                return fail(
                    &instance, node, code: code, detail: "\(parameter.name): \(detail)", onError: step.onError)
            }
        }
        if !requests.isEmpty { return ask(&instance, node, requests, onError: step.onError) }
        if let run = engine.run, !run.sends { return passUnsent(&instance, node, step) }
        instance.forgetNode()
        instance.phase = .acting
        instance.due = guardDue
        let id = instance.requestID(round: nil)
        instance.pending = id
        switch step.target {
        case .action(let action, let revision, _):
            output.effects.append(
                .dispatch(
                    ActionRequest(
                        id: id, origin: origin(instance, node), action: action, actionRevision: revision,
                        parameters: values, timeoutMilliseconds: step.timeoutMilliseconds, fields: step.fields)))
        case .message(let channel, let template, let content):
            output.effects.append(
                .send(
                    MessageRequest(
                        id: id, origin: origin(instance, node), channel: channel, template: template,
                        content: content, parameters: values, timeoutMilliseconds: step.timeoutMilliseconds)))
        }
        return .stay
    }

    private var hasOwnClock: Bool { engine.run?.hasOwnClock ?? false }

    /// When a pending request is given up; a clock of the run's own stands until the outcome comes.
    var guardDue: Int64? { hasOwnClock ? nil : at &+ engine.limits.guardMilliseconds }

    /// In a run that sends nothing an action succeeds with the sample of its response.
    private mutating func passUnsent(_ instance: inout Instance, _ node: Int, _ step: ActionStep) -> Next {
        if case .action(_, _, let sample) = step.target {
            keep(response: sample, status: "http_200", of: step, &instance)
            if let left = leaveIfTooLarge(&instance) { return left }
        }
        pass(&instance, node, path: "next", code: "notSent")
        return .go(instance.plan.nodes[node].next)
    }

    private func keep(
        response: JSONValue, status: String, of step: ActionStep, _ instance: inout Instance
    ) {
        guard step.keepsResponse, let action = step.action, let tree = instance.plan.responses[action] else { return }
        var response = response.objectValue ?? JSONObject()
        response[ActionResponse.statusField] = .string(status)
        instance.keep(action: action, tree.restricting(.object(response)))
    }

    // MARK: Outcomes

    mutating func take(_ outcome: Outcome) {
        guard let place = traveler.place(of: outcome.instance) else {
            output.counts[.noted] += 1
            noteForgotten(outcome)
            return
        }
        guard var instance = takeInstance(at: place) else {
            output.counts[.noted] += 1
            return waitsForPlan(outcome.instance) ? setAside(outcome.instance) : noteForgotten(outcome)
        }
        let timer = instance.timer
        if instance.isInside, isStopped(instance.plan) { leave(&instance, .stopped) }
        guard instance.isInside, instance.pending == outcome.id else {
            note(outcome, &instance)
            settle(instance, at: place, timer: timer)
            return
        }
        forgetChanges(&instance)
        switch (instance.phase, outcome.result) {
        case (.acting, .action(let result)): take(result, outcome, &instance)
        case (.lookingUp, .fetch(let results)): take(results, outcome, &instance)
        default: note(outcome, &instance)
        }
        settle(instance, at: place, timer: timer)
        enterJumps()
    }

    /// An outcome that came too late moves nothing.
    private mutating func note(_ outcome: Outcome, _ instance: inout Instance) {
        output.counts[.noted] += 1
        if case .action(let result) = outcome.result { recordAttempts(result, &instance, node: nil) }
        var step = nextStep(&instance, .noted)
        step.code = "outcome"
        step.detail = "request \(outcome.id)"
        steps.append(step)
        // With this an instance that left is forgotten.
        if !instance.isInside, instance.pending == outcome.id { instance.pending = nil }
    }

    /// What became of an action whose instance is forgotten, as of one given up and sent again by hand: it moves
    /// nothing, but what the third party got is on record. This step event has no number in the instance.
    private mutating func noteForgotten(_ outcome: Outcome) {
        guard surroundings == nil, case .action(let result) = outcome.result, let journey = outcome.journey else {
            return
        }
        let parts = outcome.id.split(separator: ":")
        var step = StepEvent(step: 0, kind: .noted, at: at)
        step.node = parts.count > 1 ? String(parts[1]) : nil
        step.status = result.succeeded ? "ok" : "error"
        step.code = result.status
        step.detail = "request \(outcome.id), after its journey went on"
        step.durationMilliseconds = outcome.durationMilliseconds
        step.answer = result.attempts.last?.answer
        output.effects.append(
            .record(
                StepRecord(
                    person: traveler.person, journey: journey, version: outcome.version, instance: outcome.instance,
                    stimulus: cause, events: [step], run: engine.run?.mark)))
    }

    private mutating func recordAttempts(_ result: ActionResult, _ instance: inout Instance, node: PlanNode?) {
        for attempt in result.attempts {
            var step = nextStep(&instance, .attempt, at: hasOwnClock ? at : attempt.at)
            step.node = node?.id
            step.type = node?.type
            step.tell(attempt)
            steps.append(step)
        }
    }

    private mutating func take(_ result: ActionResult, _ outcome: Outcome, _ instance: inout Instance) {
        let node = instance.node
        let planned = instance.plan.nodes[node]
        guard case .action(let step) = planned.step else { return }
        recordAttempts(result, &instance, node: planned)
        keep(response: result.response, status: result.status, of: step, &instance)
        instance.remember(.lastActionExecutionElapsedTime, .integer(outcome.durationMilliseconds))
        let next: Next
        if result.succeeded {
            pass(
                &instance, node, path: "next", code: result.note, detail: result.noteDetail,
                milliseconds: outcome.durationMilliseconds)
            next = .go(planned.next)
        } else {
            instance.remember(.lastExecutedActionErrorCode, .string(result.status))
            next = fail(
                &instance, node, code: result.status, detail: result.noteDetail, onError: step.onError,
                milliseconds: outcome.durationMilliseconds)
        }
        if case .go = next, let left = leaveIfTooLarge(&instance) { return move(&instance, left) }
        move(&instance, next)
    }

    private mutating func take(
        _ results: [String: LookupResult], _ outcome: Outcome, _ instance: inout Instance
    ) {
        let planned = instance.plan.nodes[instance.node]
        instance.remember(.lastDataFetchElapsedTime, .integer(outcome.durationMilliseconds))
        let asked = instance.asked
        instance.asked = []
        instance.pending = nil
        instance.due = nil
        for (key, group) in asked {
            var step = nextStep(&instance, .fetch)
            step.node = planned.id
            step.type = planned.type
            step.durationMilliseconds = outcome.durationMilliseconds
            // A look-up without an answer would be asked for again and again.
            let result = results[key] ?? LookupResult(errorCode: "internalError")
            step.detail = result.cached ? group + ", from the cache" : group
            if let data = result.data {
                step.status = "ok"
                step.code = result.note
                instance.keep(answer: .data(data), to: key)
            } else {
                let code = result.errorCode ?? "internalError"
                step.status = "error"
                step.code = code
                step.answer = result.answer
                instance.keep(answer: .failed(code), to: key)
                instance.remember(.lastDataFetchErrorCode, .string(code))
            }
            steps.append(step)
        }
        if let left = leaveIfTooLarge(&instance) { return move(&instance, left) }
        let next = resume(&instance)
        move(&instance, next)
    }

    // MARK: Timers and commands

    mutating func takeTimer(of id: String, due: Int64, now: Int64) {
        guard let place = traveler.place(of: id), !traveler.slots[place].isOver else {
            output.effects.append(.clearTimer(instance: id))
            return
        }
        guard var instance = takeInstance(at: place) else {
            // Its version is not known here and now: it is asked again later.
            output.effects.append(.setTimer(instance: id, due: now &+ engine.limits.retryMilliseconds))
            return
        }
        let timer = instance.timer
        guard let timer, timer <= due, due <= now else {
            if let timer { output.effects.append(.setTimer(instance: id, due: timer)) }
            putBack(instance, at: place)
            return
        }
        if isStopped(instance.plan) {
            leave(&instance, .stopped)
        } else {
            fire(&instance, timer)
        }
        settle(instance, at: place, timer: timer, mustSet: true)
        enterJumps()
    }

    /// The journey's end comes before the time limit, and both before what the instance waits for.
    private mutating func fire(_ instance: inout Instance, _ timer: Int64) {
        if instance.plan.endAt == timer {
            leave(&instance, .exited, code: "journeyEnded")
        } else if instance.entered &+ instance.plan.globalTimeoutMilliseconds == timer {
            leave(&instance, .timedOut, code: "globalTimeout")
        } else if instance.phase == .listening {
            let next = fireBranch(&instance)
            move(&instance, next)
        } else {
            giveUp(&instance)
        }
    }

    /// Nothing was heard of the request for so long that nothing will be.
    private mutating func giveUp(_ instance: inout Instance) {
        if let pending = instance.pending { output.effects.append(.cancel(request: pending)) }
        let node = instance.node
        let onError: [Int]? =
            switch instance.plan.nodes[node].step {
            case .condition(let step): step.onError
            case .action(let step): step.onError
            case .updateProfile(let step): step.onError
            default: nil
            }
        let next = fail(
            &instance, node, code: "noOutcome",
            detail: "no outcome within \(engine.limits.guardMilliseconds / 3_600_000) h",
            onError: onError)
        move(&instance, next)
    }

    mutating func end(_ id: String) {
        guard let place = traveler.place(of: id), !traveler.slots[place].isOver else { return }
        guard var instance = takeInstance(at: place) else { return setAside(id) }
        let timer = instance.timer
        leave(&instance, .stopped)
        settle(instance, at: place, timer: timer)
    }

    func isStopped(_ plan: Plan) -> Bool {
        engine.journeys.member(journey: plan.journey, version: plan.version)?.state == .stopped
    }
}

extension ActionResult {
    /// What the note means, for people.
    fileprivate var noteDetail: String? {
        switch note {
        case nil: nil
        case "responseTooLarge"?: "the response is too large to be kept, so its fields are null"
        case "invalidResponse"?: "the response cannot be read as a JSON object, so its fields are null"
        case "repeatedKey"?: "an object of the response has a key twice; the last one counts"
        case let other?: other
        }
    }
}

extension StepEvent {
    /// What came of one call.
    fileprivate mutating func tell(_ attempt: ActionResult.Attempt) {
        status = attempt.status.hasPrefix("http_2") ? "ok" : "error"
        code = attempt.status
        durationMilliseconds = attempt.milliseconds
        answer = attempt.answer
    }
}
