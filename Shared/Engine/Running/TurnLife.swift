import Models

/// Pausing, and going over to another version.
extension Turn {
    /// What a paused journey does with whom it leads to an action; nil where it is not paused.
    mutating func pause(_ instance: inout Instance, _ node: Int) -> Next? {
        guard engine.journeys.hasPaused else { return nil }
        let member = engine.journeys.member(journey: instance.plan.journey, version: instance.plan.version)
        guard case .paused(let onAction)? = member?.state else { return nil }
        switch onAction {
        case .discard:
            leave(&instance, .exited, code: "paused", detail: instance.plan.nodes[node].id)
            return .left
        case .hold:
            instance.forgetNode()
            instance.phase = .held
            steps.append(lifeStep(&instance, .held, node))
            output.counts[.held] += 1
            output.effects.append(
                .held(
                    journey: instance.plan.journey, version: instance.plan.version, instance: instance.id, at: at))
            return .stay
        }
    }

    /// Lets a held instance come to its action again, unless its journey is paused still.
    mutating func release(_ id: String) {
        guard let place = traveler.place(of: id), !traveler.slots[place].isOver else { return }
        guard var instance = takeInstance(at: place) else { return setAside(id) }
        let member = engine.journeys.member(journey: instance.plan.journey, version: instance.plan.version)
        var isPaused = false
        if case .paused? = member?.state { isPaused = true }
        guard instance.phase == .held, !isPaused else { return putBack(instance, at: place) }
        let timer = instance.timer
        if member?.state == .stopped {
            leave(&instance, .stopped)
        } else {
            output.effects.append(released(instance))
            output.counts[.released] += 1
            steps.append(lifeStep(&instance, .released, instance.node))
            forgetChanges(&instance)
            let next = resume(&instance)
            move(&instance, next)
        }
        settle(instance, at: place, timer: timer)
        enterJumps()
    }

    func released(_ instance: borrowing Instance) -> Effect {
        .released(journey: instance.plan.journey, version: instance.plan.version, instance: instance.id)
    }

    private mutating func lifeStep(_ instance: inout Instance, _ kind: StepEvent.Kind, _ node: Int) -> StepEvent {
        var step = nextStep(&instance, kind)
        step.node = instance.plan.nodes[node].id
        step.type = instance.plan.nodes[node].type
        return step
    }

    /// Takes an instance over to another version of its journey, with all that it has, if every node where it is is
    /// there and of the same type.
    mutating func change(_ id: String, to version: Int64) {
        guard let place = traveler.place(of: id), !traveler.slots[place].isOver, var instance = takeInstance(at: place)
        else { return }
        let old = instance.plan
        guard old.version != version else { return putBack(instance, at: place) }
        let timer = instance.timer
        if isStopped(old) {
            leave(&instance, .stopped)
            settle(instance, at: place, timer: timer)
            return
        }
        let found = engine.journeys.member(journey: old.journey, version: version)
        let isThere = found.map { $0.state != .stopped } ?? false && surroundings?.obstacles["version"] == nil
        if !isThere { note(obstacle: "versionNotLive", at: "version", of: instance) }
        let plan = isThere ? found?.plan : nil
        let problem = plan.map { instance.obstacle(to: $0, at: at) } ?? "versionNotLive"
        var step = lifeStep(&instance, .moved, instance.node)
        step.status = problem == nil ? "ok" : "error"
        step.code = problem
        step.path = "\(problem == nil ? old.version : version)"
        steps.append(step)
        if problem == nil, let plan {
            output.counts[.moved] += 1
            instance.adopt(plan)
            output.effects.append(
                .moved(
                    journey: old.journey, from: old.version, to: version, instance: id, entered: instance.entered,
                    isHeld: instance.phase == .held))
        }
        settle(instance, at: place, timer: timer)
    }
}

extension Instance {
    /// Why the instance cannot go on by another plan: `nodeGone`, `nodeChanged`, or the time that the other plan gives
    /// it has passed, `journeyEnded` or `globalTimeout`; nil where it can. Nobody is ended by a move.
    func obstacle(to other: Plan, at time: Int64) -> String? {
        for node in listened {
            let known = plan.nodes[node]
            guard let index = other.indexes[known.id] else { return "nodeGone" }
            let found = other.nodes[index]
            if found.type != known.type { return "nodeChanged" }
            // What was asked of one action cannot be another's answer.
            if phase == .acting, case .action(let one) = known.step, case .action(let two) = found.step,
                one.action != two.action
            {
                return "nodeChanged"
            }
        }
        if let end = other.endAt, end <= time { return "journeyEnded" }
        if entered &+ other.globalTimeoutMilliseconds <= time { return "globalTimeout" }
        return nil
    }

    /// Goes on by another plan that has the nodes where it is.
    mutating func adopt(_ other: Plan) {
        let old = plan
        func index(_ node: Int) -> Int? { other.indexes[old.nodes[node].id] }
        // Outside of loops nobody counted where it has been: it may have been wherever a way led from to where it is.
        let before = old.leading(to: listened)
        let places = Set(listened)
        var counted: [Int: Int64] = [:], uncounted: Set<Int> = []
        for known in old.nodes.indices {
            guard let node = index(known) else { continue }
            if let visits = visits[known] {
                counted[node] = visits
                if spared.contains(known) { uncounted.insert(node) }
            } else if places.contains(known) {
                counted[node] = 1
            } else if before[known], !old.nodes[known].isInLoop {
                counted[node] = 1
                uncounted.insert(node)
            }
        }
        node = index(node) ?? 0
        branches = branches.compactMap(index)
        spared = uncounted
        visits = counted
        // Paths may have changed places; what was answered for them is still known.
        path = 0
        plan = other
    }
}
