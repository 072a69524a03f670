import Expressions
import Models

/// Moving from node to node until the instance waits for something or leaves.
extension Turn {
    /// Goes on from a node's way out.
    mutating func move(_ instance: inout Instance, _ next: Next) {
        var next = next
        var moves = 0
        while case .go(let targets) = next {
            guard let first = targets.first else {
                leave(&instance, .finished)
                return
            }
            moves += 1
            if moves > engine.limits.movesMax {
                leave(
                    &instance, .error, code: "runaway",
                    detail: "more than \(engine.limits.movesMax) nodes without a stop")
                return
            }
            if instance.plan.nodes[first].isInLoop || targets.count > 1 || !instance.visits.isEmpty,
                let left = countVisits(&instance, targets)
            {
                next = left
                continue
            }
            let kept = instance.kept.count
            next = arrive(&instance, targets)
            // A kept event that was used is a stop like any other.
            if instance.kept.count < kept { moves = 0 }
        }
    }

    /// - Returns: how the journey goes on where a node was visited too often; nil where none was.
    mutating func countVisits(_ instance: inout Instance, _ targets: [Int]) -> Next? {
        for target in targets where instance.plan.nodes[target].isInLoop || instance.visits[target] != nil {
            let node = instance.plan.nodes[target]
            let visit = (instance.visits[target] ?? 0) + 1
            if visit - (instance.spared.contains(target) ? 1 : 0) > node.visitsMax {
                instance.node = target
                return fail(
                    &instance, target, code: "maxVisits", detail: "more than \(node.visitsMax) visits", onError: nil)
            }
            instance.visits[target] = visit
        }
        return nil
    }

    private mutating func arrive(_ instance: inout Instance, _ targets: [Int]) -> Next {
        let node = targets[0]
        instance.node = node
        if targets.count > 1 { return listen(&instance, targets) }
        switch instance.plan.nodes[node].step {
        case .event, .audience, .reaction: return listen(&instance, targets)
        case .wait(let step): return arrive(&instance, at: node, step)
        case .condition(let step): return decide(&instance, node, step)
        case .action(let step): return act(&instance, node, step)
        case .updateProfile(let step): return update(&instance, node, step)
        case .jump(let step): return jump(&instance, node, step)
        case .readAudience, .businessEvent:
            pass(&instance, node, path: "next")
            return .go(instance.plan.nodes[node].next)
        case .end:
            pass(&instance, node, path: nil)
            return .go([])
        }
    }

    /// Goes on at the node whose look-ups were answered.
    mutating func resume(_ instance: inout Instance) -> Next {
        let node = instance.node
        switch instance.plan.nodes[node].step {
        case .condition(let step): return decide(&instance, node, step)
        case .action(let step): return act(&instance, node, step)
        case .wait(let step): return arrive(&instance, at: node, step)
        case .updateProfile(let step): return update(&instance, node, step)
        case .jump(let step): return jump(&instance, node, step)
        case .event, .audience, .reaction, .readAudience, .businessEvent, .end: return .stay
        }
    }

    // MARK: Step events

    mutating func nextStep(_ instance: inout Instance, _ kind: StepEvent.Kind, at time: Int64? = nil) -> StepEvent {
        instance.steps += 1
        if steps.isEmpty { steps.reserveCapacity(6) }
        return StepEvent(step: instance.steps, kind: kind, at: time ?? at)
    }

    /// Says that a node was passed, and forgets what was kept for it alone.
    mutating func pass(
        _ instance: inout Instance, _ node: Int, path: String?, status: String = "ok", code: String? = nil,
        detail: String? = nil, milliseconds: Int64? = nil
    ) {
        let planned = instance.plan.nodes[node]
        var step = nextStep(&instance, .node)
        step.node = planned.id
        step.type = planned.type
        step.status = status
        step.path = path
        step.code = code
        step.detail = detail
        step.durationMilliseconds = milliseconds
        tellReadings(&step, instance.plan)
        steps.append(step)
        output.counts[.passed] += 1
        instance.forgetNode()
        if instance.plan.remembered.contains(.previousNodeId) {
            instance.remembered[.previousNodeId] = .string(planned.id)
        }
    }

    /// Says that a node failed, and takes `onError` or ends the instance.
    mutating func fail(
        _ instance: inout Instance, _ node: Int, code: String, detail: String?, onError: [Int]?,
        milliseconds: Int64? = nil
    ) -> Next {
        pass(
            &instance, node, path: onError == nil ? nil : "onError", status: "error", code: code, detail: detail,
            milliseconds: milliseconds)
        if !instance.plan.remembered.isEmpty {
            instance.remember(.lastErrorCode, .string(code))
            instance.remember(.lastNodeUIDInError, .string(instance.plan.nodes[node].id))
        }
        if let onError { return .go(onError) }
        leave(&instance, .error, code: code, detail: instance.plan.nodes[node].id)
        return .left
    }

    /// Ends the instance. A request that is open stays known, so that its outcome can be noted.
    mutating func leave(
        _ instance: inout Instance, _ status: LeftStatus, code: String? = nil, detail: String? = nil
    ) {
        if instance.phase == .held { output.effects.append(released(instance)) }
        var step = nextStep(&instance, .left)
        step.status = status.rawValue
        step.code = code
        step.detail = detail
        steps.append(step)
        instance.end(until: at &+ engine.limits.guardMilliseconds)
        output.counts[status.count] += 1
        output.effects.append(
            .left(
                journey: instance.plan.journey, version: instance.plan.version, instance: instance.id,
                status: status.rawValue))
    }

    /// Replaces a value of the person's profile.
    private mutating func update(_ instance: inout Instance, _ node: Int, _ step: UpdateStep) -> Next {
        let onError = step.onError
        switch evaluate(step.value, instance, node) {
        case .lookups(let requests): return ask(&instance, node, requests, onError: onError)
        case .failed(let code, let detail):
            return fail(&instance, node, code: code, detail: detail, onError: onError)
        case .value(let value):
            let field = step.path.joined(separator: ".")
            guard let changed = profile(setting: value.json, at: step.path) else {
                return fail(
                    &instance, node, code: "typeMismatch", detail: "on the way to \(field) something is no object",
                    onError: onError)
            }
            if isTooLarge(changed, instance, node) {
                return fail(
                    &instance, node, code: "profileTooLarge",
                    detail: "with \(field) the profile is larger than \(engine.limits.profileBytesMax) bytes",
                    onError: onError)
            }
            takeProfile(changed, step.path, value.json)
            output.changes = max(output.changes, instance.changes)
            noteMemberships(of: instance)
            pass(&instance, node, path: "next", detail: field)
            return .go(instance.plan.nodes[node].next)
        }
    }

    /// Whether the profile would be larger than it may be. Records hold only what the plan reads of it, so that it was
    /// too large is remembered.
    private mutating func isTooLarge(_ profile: JSONObject, _ instance: borrowing Instance, _ node: Int) -> Bool {
        let id = instance.plan.nodes[node].id
        let isTooLarge: Bool
        if let surroundings {
            isTooLarge = surroundings.obstacles[id] == "profileTooLarge"
        } else {
            // The revision is counted with all its digits, so that nothing that passes here is too large when written.
            let document = ProfileDocument(
                person: traveler.person, attributes: profile, revision: .max, updatedAt: at)
            isTooLarge = document.bytes.count > engine.limits.profileBytesMax
        }
        if isTooLarge { note(obstacle: "profileTooLarge", at: id, of: instance) }
        return isTooLarge
    }

    mutating func leaveIfTooLarge(_ instance: inout Instance) -> Next? {
        guard instance.weight > engine.limits.stateBytesMax else { return nil }
        return fail(
            &instance, instance.node, code: "stateTooLarge",
            detail: "what is kept is larger than \(engine.limits.stateBytesMax) bytes", onError: nil)
    }
}

extension Instance {
    /// Forgets what belongs to one visit of a node.
    mutating func forgetNode() {
        forgetAnswers()
        round = 0
        path = 0
        due = nil
        dueBranch = 0
        branches = []
        asked = []
        pending = nil
    }

    mutating func remember(_ attribute: JourneyAttribute, _ value: Value) {
        if plan.remembered.contains(attribute) { remembered[attribute] = value }
    }

    /// Keeps of an instance that left only what a late outcome needs.
    mutating func end(until: Int64) {
        let open = pending
        forgetNode()
        pending = open
        phase = .ended
        due = open == nil ? nil : until
        visits = [:]
        spared = []
        events = []
        actions = []
        kept = []
        remembered = [:]
        weight = 0
    }
}
