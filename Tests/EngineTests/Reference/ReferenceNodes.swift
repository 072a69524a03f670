import Expressions
import Models

/// *Nodes*.
extension ReferenceModel {
    func pass(
        _ instance: ReferenceInstance, _ node: String, path: String?, status: String = "ok", code: String? = nil
    ) {
        say(instance, "node", node: node, status: status, path: path, code: code)
        instance.answers = [:]
        instance.rounds = 0
        instance.path = 0
        instance.due = nil
        instance.pending = nil
    }

    func fail(_ instance: ReferenceInstance, _ node: String, code: String, onError: JourneyNode.Way?) {
        pass(instance, node, path: onError == nil ? nil : "onError", status: "error", code: code)
        if let onError { go(instance, onError.next) } else { leave(instance, "error", code: code) }
    }

    /// Moves until the instance waits for something or has left.
    func go(_ instance: ReferenceInstance, _ targets: [String]) {
        guard !targets.isEmpty else { return leave(instance, "finished") }
        for target in targets where instance.version.mayComeBack(to: target) || instance.visits[target] != nil {
            let visits = (instance.visits[target] ?? 0) + 1
            let charged = visits - (instance.spared.contains(target) ? 1 : 0)
            if charged > instance.version.node(target)?.visitsMax ?? 100 {
                instance.nodes = [target]
                return fail(instance, target, code: "maxVisits", onError: nil)
            }
            instance.visits[target] = visits
        }
        instance.nodes = targets
        if targets.count > 1 { return listen(instance) }
        arrive(instance)
    }

    /// Comes to the node, or to it again when what it asked for was answered.
    func arrive(_ instance: ReferenceInstance) {
        guard let node = instance.version.node(instance.node) else { return }
        switch node.body {
        case .event, .audience, .reaction: listen(instance)
        case .wait(let step): wait(instance, node, step)
        case .condition(let step): decide(instance, node, step)
        case .action(let step): act(instance, node, "action", step.parameters, step.onError)
        case .message(let step): act(instance, node, "message", step.parameters, step.onError)
        case .updateProfile(let field, let text, let onError):
            switch evaluate(text, instance, instance.version) {
            case .value(let value):
                profile[field] = value.json
                pass(instance, node.id, path: "next")
                go(instance, node.way.next)
            case .needs(let needed): ask(instance, needed.map(\.key))
            case .failed: fail(instance, node.id, code: "lookupFailed", onError: onError)
            }
        case .jump(let journey, let parameters): jump(instance, node, journey, parameters)
        case .readAudience, .businessEvent:
            pass(instance, node.id, path: "next")
            go(instance, node.way.next)
        case .end:
            pass(instance, node.id, path: nil)
            leave(instance, "finished")
        case .unknown: break
        }
    }

    // MARK: Listening

    private func listen(_ instance: ReferenceInstance) {
        instance.due = nil
        var takes = false
        for id in instance.nodes {
            guard let node = instance.version.node(id) else { continue }
            var time: Int64?
            switch node.body {
            case .event(let step):
                takes = true
                time = step.timeoutMilliseconds.map { now + $0 }
            case .reaction(let step):
                takes = true
                time = step.timeoutMilliseconds.map { now + $0 }
            case .audience: takes = true
            case .wait(let step): time = moment(instance, step) ?? now
            default: break
            }
            if let time, instance.due.map({ time < $0 }) ?? true {
                instance.due = time
                instance.dueNode = id
            }
        }
        instance.phase = .listening
        if takes {
            let kept = instance.kept
            instance.kept = []
            for (place, item) in kept.enumerated() {
                guard let node = taker(instance, item.offer, at: item.at) else { continue }
                instance.kept = Array(kept[(place + 1)...])
                return consume(instance, node, item.offer)
            }
        }
        if let due = instance.due, due <= now { return occur(instance) }
        instance.kept = []
    }

    /// The earliest wait or time-out is over.
    func occur(_ instance: ReferenceInstance) {
        guard let node = instance.version.node(instance.dueNode) else { return }
        var onTimeout: JourneyNode.Way??
        switch node.body {
        case .event(let step): onTimeout = .some(step.onTimeout)
        case .reaction(let step): onTimeout = .some(step.onTimeout)
        default: break
        }
        if let onTimeout {
            pass(instance, node.id, path: onTimeout == nil ? "next" : "onTimeout", status: "timedOut")
            go(instance, (onTimeout ?? node.way).next)
        } else {
            pass(instance, node.id, path: "next")
            go(instance, node.way.next)
        }
    }

    private func wait(_ instance: ReferenceInstance, _ node: JourneyNode, _ step: JourneyNode.Wait) {
        let time = moment(instance, step)
        if let time, time > now {
            instance.due = time
            instance.dueNode = node.id
            instance.phase = .listening
            instance.kept = []
            return
        }
        pass(instance, node.id, path: "next", code: time == nil ? "nullTime" : nil)
        go(instance, node.way.next)
    }

    /// When the wait is over; nil where its expression is null.
    private func moment(_ instance: ReferenceInstance, _ step: JourneyNode.Wait) -> Int64? {
        let zone = zone(instance.version)
        switch step {
        case .elapsed(let milliseconds): return now + milliseconds
        case .until(let text):
            guard case .value(let value) = evaluate(text, instance, instance.version) else { return nil }
            switch value {
            case .dateTime(let time): return time.instant
            case .dateTimeOnly(let local): return zone.instant(of: local)
            default: return nil
            }
        case .at(let time, let days):
            let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
            var date = zone.local(of: now).date.adding(days: -1)
            while true {
                let local = LocalDateTime(date: date, millisecondOfDay: ISO8601.parseTimeOfDay(time) ?? 0)
                let instant = zone.instant(of: local)
                if instant > now, days.isEmpty || days.contains(names[date.dayOfWeek - 1]) { return instant }
                date = date.adding(days: 1)
            }
        case .none: return nil
        }
    }

    // MARK: Deciding

    private func decide(_ instance: ReferenceInstance, _ node: JourneyNode, _ step: JourneyNode.Condition) {
        if step.prefetch, instance.rounds == 0 {
            var keys: [String] = []
            for path in step.paths {
                guard case .when(let text) = path.test,
                    case .needs(let needed) = evaluate(text, instance, instance.version)
                else { continue }
                for request in needed where !keys.contains(request.key) { keys.append(request.key) }
            }
            if !keys.isEmpty { return ask(instance, keys) }
        }
        while instance.path < step.paths.count {
            let path = step.paths[instance.path]
            let label = path.label ?? "path \(instance.path + 1)"
            let holds: Bool
            switch path.test {
            case .when(let text):
                switch evaluate(text, instance, instance.version) {
                case .value(let value): holds = value.isTrue
                case .needs(let needed): return ask(instance, needed.map(\.key))
                case .failed: return fail(instance, node.id, code: "lookupFailed", onError: step.onError)
                }
            case .cap:
                let key = "cap:\(node.id):\(instance.path)"
                switch instance.answers[key] {
                case nil: return ask(instance, [key])
                case .failed?: return fail(instance, node.id, code: "lookupFailed", onError: step.onError)
                case .data(let data)?: holds = data == true
                }
            case .share: holds = share(instance, node, step) == label
            case .time(let from, let to, let days): holds = isTime(instance, from, to, days)
            case .date(let from, let to):
                let zone = zone(instance.version)
                func instant(_ text: String) -> Int64 {
                    ISO8601.parseLocalDateTime(text).map { zone.instant(of: $0) } ?? 0
                }
                holds = from.map { instant($0) <= now } ?? true && to.map { now < instant($0) } ?? true
            case .none: holds = false
            }
            if holds {
                pass(instance, node.id, path: label)
                return go(instance, path.way.next)
            }
            instance.path += 1
        }
        pass(instance, node.id, path: step.otherwise == nil ? nil : "otherwise")
        go(instance, step.otherwise?.next ?? [])
    }

    /// A person keeps the side across loops, unless it is drawn anew.
    private func share(_ instance: ReferenceInstance, _ node: JourneyNode, _ step: JourneyNode.Condition) -> String? {
        let visit = instance.visits[node.id] ?? 1
        let draw = "\(instance.id):\(instance.version.number):\(node.id):\(step.redraw ? visit : 0)"
        if let known = shares[draw] { return known }
        shares[draw] = drawn(instance.id, instance.steps + 1)
        return shares[draw]
    }

    private func isTime(_ instance: ReferenceInstance, _ from: String?, _ to: String?, _ days: [String]) -> Bool {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        let local = zone(instance.version).local(of: now)
        var day = local.date
        if let from = from.flatMap(ISO8601.parseTimeOfDay), let to = to.flatMap(ISO8601.parseTimeOfDay) {
            let time = local.millisecondOfDay
            if from < to {
                if time < from || time >= to { return false }
            } else {
                if time >= to, time < from { return false }
                if time < to { day = day.adding(days: -1) }
            }
        }
        return days.isEmpty || days.contains(names[day.dayOfWeek - 1])
    }

    // MARK: Asking and acting

    func ask(_ instance: ReferenceInstance, _ keys: [String]) {
        instance.rounds += 1
        instance.phase = .lookingUp
        instance.asked = keys
        instance.due = now + 86_400_000
        instance.pending = instance.request(of: instance.node) + ":\(instance.rounds)"
        requests.append(
            ReferenceRequest(id: instance.pending ?? "", kind: "fetch", content: JSONValue(keys.sorted())))
    }

    private func act(
        _ instance: ReferenceInstance, _ node: JourneyNode, _ kind: String, _ parameters: [JourneyNode.Parameter],
        _ onError: JourneyNode.Way?
    ) {
        switch instance.version.state {
        case .hold:
            instance.phase = .held
            instance.answers = [:]
            instance.rounds = 0
            instance.due = nil
            instance.pending = nil
            return say(instance, "held", node: node.id)
        case .discard: return leave(instance, "exited", code: "paused")
        case .live, .closed, .stopped: break
        }
        var values = JSONObject()
        var keys: [String] = []
        for parameter in parameters {
            switch evaluate(parameter.expression, instance, instance.version) {
            case .value(let value) where value.isNull:
                if parameter.name == "to" {
                    return fail(instance, node.id, code: "missingParameter", onError: onError)
                }
            case .value(let value): values[parameter.name] = value.json
            case .needs(let needed): keys += needed.map(\.key)
            case .failed: return fail(instance, node.id, code: "lookupFailed", onError: onError)
            }
        }
        if !keys.isEmpty { return ask(instance, Array(Set(keys))) }
        instance.answers = [:]
        instance.rounds = 0
        instance.phase = .acting
        instance.due = now + 86_400_000
        instance.pending = instance.request(of: node.id)
        requests.append(ReferenceRequest(id: instance.pending ?? "", kind: kind, content: .object(values)))
    }

    private func jump(
        _ instance: ReferenceInstance, _ node: JourneyNode, _ journey: String, _ parameters: [JourneyNode.Parameter]
    ) {
        var order = JSONObject()
        for parameter in parameters {
            // The random journeys map fields of `order` alone.
            guard case .value(let value) = evaluate(parameter.expression, instance, instance.version) else { continue }
            order[String(parameter.name.dropFirst("order.".count))] = value.json
        }
        guard let target = newest(journey), target.entryEvent != nil else {
            return fail(instance, node.id, code: "journeyUnknown", onError: nil)
        }
        if target.state == .closed || target.state == .stopped {
            return fail(instance, node.id, code: "journeyNotLive", onError: nil)
        }
        let payload = order.isEmpty ? JSONObject() : ["order": .object(order)]
        jumps.append((journey, .object(payload), instance.chain + 1))
        pass(instance, node.id, path: "next")
        go(instance, node.way.next)
    }
}
