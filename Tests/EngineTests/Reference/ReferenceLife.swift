import Models

/// Outcomes, timers, and *Time limits and life*.
extension ReferenceModel {
    func takeFetch(_ request: String, of id: String, _ results: [String: ReferenceAnswer]) {
        guard let instance = found(id) else { return }
        guard instance.phase == .lookingUp, instance.pending == request else { return note(instance, request) }
        for key in instance.asked {
            let answer = results[key] ?? .failed("internalError")
            switch answer {
            case .data: say(instance, "fetch", node: instance.node, status: "ok")
            case .failed(let code): say(instance, "fetch", node: instance.node, status: "error", code: code)
            }
            instance.answers[key] = answer
        }
        instance.asked = []
        instance.pending = nil
        instance.due = nil
        arrive(instance)
        enterJumps()
    }

    func takeAction(_ request: String, of id: String, status: String, response: JSONValue) {
        guard let instance = found(id) else { return }
        guard instance.phase == .acting, instance.pending == request else {
            say(instance, "attempt", status: status == "http_200" ? "ok" : "error", code: status)
            return note(instance, request)
        }
        let id = instance.node
        say(instance, "attempt", node: id, status: status == "http_200" ? "ok" : "error", code: status)
        guard let node = instance.version.node(id) else { return }
        var onError: JourneyNode.Way?
        if case .action(let step) = node.body {
            onError = step.onError
            var kept = response.objectValue ?? JSONObject()
            kept["jo_status_code"] = .string(status)
            instance.actions[step.action] = .object(kept)
        }
        if case .message(let step) = node.body { onError = step.onError }
        if status == "http_200" {
            pass(instance, id, path: "next")
            go(instance, node.way.next)
        } else {
            fail(instance, id, code: status, onError: onError)
        }
        enterJumps()
    }

    /// Of a stopped version it leaves first.
    private func found(_ id: String) -> ReferenceInstance? {
        let instance = instances.first { $0.id == id }
        if let instance, instance.isInside, instance.version.state == .stopped { leave(instance, "stopped") }
        return instance
    }

    private func note(_ instance: ReferenceInstance, _ request: String) {
        say(instance, "noted", code: "outcome")
        guard !instance.isInside, instance.pending == request else { return }
        instance.pending = nil
        forget(instance)
    }

    func fire(_ id: String) {
        guard let instance = inside.first(where: { $0.id == id }) else { return }
        let properties = instance.version.document.properties
        if instance.version.state == .stopped {
            leave(instance, "stopped")
        } else if endAt(instance.version) == now {
            leave(instance, "exited", code: "journeyEnded")
        } else if instance.entered + properties.globalTimeoutMilliseconds == now {
            leave(instance, "timedOut", code: "globalTimeout")
        } else if instance.phase == .listening {
            occur(instance)
        } else {
            var onError: JourneyNode.Way?
            switch instance.version.node(instance.node)?.body {
            case .condition(let step): onError = step.onError
            case .action(let step): onError = step.onError
            case .message(let step): onError = step.onError
            default: break
            }
            fail(instance, instance.node, code: "noOutcome", onError: onError)
        }
        enterJumps()
    }

    /// What a stimulus leaves behind: an outcome that never came is not waited for longer than a day.
    func tidy() {
        isFullSaid = false
        for instance in instances where !instance.isInside && (instance.due ?? 0) <= now { forget(instance) }
        openGoals.removeAll { $0.hasReachedGoal || ($0.goalUntil ?? 0) <= now }
    }

    func end(_ id: String) {
        guard let instance = inside.first(where: { $0.id == id }) else { return }
        leave(instance, "stopped")
    }

    func release(_ id: String) {
        guard let instance = inside.first(where: { $0.id == id }), instance.phase == .held else { return }
        switch instance.version.state {
        case .hold, .discard: return
        case .stopped: leave(instance, "stopped")
        case .live, .closed:
            say(instance, "released", node: instance.node)
            arrive(instance)
        }
        enterJumps()
    }

    func move(_ id: String, to number: Int64) {
        guard let instance = inside.first(where: { $0.id == id }), instance.version.number != number else { return }
        let old = instance.version
        if old.state == .stopped { return leave(instance, "stopped") }
        let target = versions.first { $0.journey == old.journey && $0.number == number && $0.state != .stopped }
        let problem = target.map { obstacle(instance, $0) } ?? "versionNotLive"
        say(
            instance, "moved", node: instance.node, status: problem == nil ? "ok" : "error",
            path: "\(problem == nil ? old.number : number)", code: problem)
        guard problem == nil, let target else { return }
        instance.version = target
        instance.events = old.kept(instance.events)
        instance.path = 0
        // Where it is it has been once. Outside of loops nobody counts where else: wherever a way led from to here it
        // may have been, which makes ids differ and is not held against it.
        var visits: [String: Int64] = [:], spared: Set<String> = []
        for node in target.document.nodes where old.node(node.id) != nil {
            if let known = instance.visits[node.id] {
                visits[node.id] = known
                if instance.spared.contains(node.id) { spared.insert(node.id) }
            } else if instance.nodes.contains(node.id) {
                visits[node.id] = 1
            } else if !old.mayComeBack(to: node.id),
                instance.nodes.contains(where: { old.leads(from: node.id, to: $0) })
            {
                visits[node.id] = 1
                spared.insert(node.id)
            }
        }
        instance.visits = visits
        instance.spared = spared
    }

    private func obstacle(_ instance: ReferenceInstance, _ target: ReferenceVersion) -> String? {
        for id in instance.nodes {
            guard let node = target.node(id) else { return "nodeGone" }
            if node.type != instance.version.node(id)?.type { return "nodeChanged" }
        }
        // A move ends nobody.
        if let end = endAt(target), end <= now { return "journeyEnded" }
        if instance.entered + target.document.properties.globalTimeoutMilliseconds <= now { return "globalTimeout" }
        return nil
    }
}
