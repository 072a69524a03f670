import Expressions
import Models

/// *Order of a stimulus*.
extension ReferenceModel {
    func take(event id: String, _ names: [String], _ payload: JSONValue) {
        let offer = ReferenceOffer.event(names: names, payload: payload)
        let used = exitAndMove(offer, id)
        countGoals(names, payload)
        enterJumps()
        for version in entrances() {
            guard let event = version.entryEvent, names.contains(event) else { continue }
            enter(version, event: (event, payload), used: used)
        }
        enterJumps()
    }

    func take(audience: String, change: String, id: String) {
        let used = exitAndMove(.audience(audience, change: change), id)
        enterJumps()
        for version in entrances() {
            guard case .audience(let other, let wanted) = version.entry.body, other == audience,
                wanted == "any" || wanted == change
            else { continue }
            enter(version, event: nil, used: used)
        }
        enterJumps()
    }

    func take(reaction kind: String, request: String, of id: String, stimulus: String) {
        guard let instance = inside.first(where: { $0.id == id }) else { return }
        if instance.version.state == .stopped {
            leave(instance, "stopped")
        } else {
            _ = offer(.reaction(request: request, kind: kind), stimulus, to: instance)
        }
        enterJumps()
    }

    /// The newest version of each journey, in the order of names.
    private func entrances() -> [ReferenceVersion] {
        Set(versions.map(\.journey)).sorted().compactMap { newest($0) }
    }

    private func exitAndMove(_ offer: ReferenceOffer, _ id: String) -> [(journey: String, key: String)] {
        for instance in inside where instance.version.listens(to: offer) {
            if instance.version.state == .stopped {
                leave(instance, "stopped")
            } else if instance.version.document.properties.exit.contains(where: { $0.isMet(by: offer) }) {
                leave(instance, "exited", code: "exit")
            }
        }
        var used: [(journey: String, key: String)] = []
        for instance in inside where instance.version.listens(to: offer) {
            let isListening = instance.phase == .listening
            if self.offer(offer, id, to: instance), isListening {
                used.append((instance.version.journey, instance.key))
            }
        }
        return used
    }

    private func offer(_ offer: ReferenceOffer, _ id: String, to instance: ReferenceInstance) -> Bool {
        switch instance.phase {
        case .ended: return false
        case .lookingUp, .acting, .held:
            guard mayFit(instance, offer, at: now) else { return false }
            instance.kept.append((id, now, instance.version.held(offer)))
            if instance.kept.count > 16 { makeRoom(instance) }
            return true
        case .listening:
            guard let node = taker(instance, offer, at: now) else { return false }
            consume(instance, node, offer)
            return true
        }
    }

    /// What can fit nothing any more goes first, then the oldest; it is said once a stimulus.
    private func makeRoom(_ instance: ReferenceInstance) {
        instance.kept.removeAll { !mayFit(instance, $0.offer, at: $0.at) }
        guard instance.kept.count > 16 else { return }
        instance.kept.removeFirst()
        if !isFullSaid { say(instance, "noted", code: "bufferFull") }
        isFullSaid = true
    }

    /// Whether it may fit a node that the instance comes to with what it keeps: not where a filter is false already,
    /// whatever comes before.
    private func mayFit(_ instance: ReferenceInstance, _ offer: ReferenceOffer, at: Int64) -> Bool {
        let version = instance.version, ahead = version.carried(from: instance.node)
        return ahead.contains { id in
            guard let node = version.node(id) else { return false }
            switch (node.body, offer) {
            case (.event(let step), .event(let names, let payload)):
                guard names.contains(step.event) else { return false }
                return [step.filter, step.match].compactMap(\.self).allSatisfy { text in
                    // An earlier event that may come anew on the way there is not known yet.
                    let isOpen = ahead.contains { other in
                        guard case .event(let earlier)? = version.node(other)?.body, earlier.event != step.event,
                            text.contains("@event{\(earlier.event).")
                        else { return false }
                        return version.carried(from: other).contains(id)
                    }
                    if isOpen { return true }
                    let found = evaluate(text, instance, version, event: (step.event, payload), at: at)
                    if case .value(let value) = found { return value.isTrue }
                    return false
                }
            case (.audience(let audience, let change), .audience(let other, let moved)):
                return audience == other && (change == "any" || change == moved)
            case (.reaction(let step), .reaction(let request, let kind)):
                return step.reaction == kind && request.hasPrefix("\(instance.id):\(step.to):")
            default: return false
            }
        }
    }

    /// The first branch that the offer satisfies.
    func taker(_ instance: ReferenceInstance, _ offer: ReferenceOffer, at: Int64) -> String? {
        instance.nodes.first { id in
            guard let node = instance.version.node(id) else { return false }
            switch (node.body, offer) {
            case (.event(let step), .event(let names, let payload)):
                guard names.contains(step.event) else { return false }
                return [step.filter, step.match].compactMap(\.self).allSatisfy { text in
                    let found = evaluate(text, instance, instance.version, event: (step.event, payload), at: at)
                    if case .value(let value) = found { return value.isTrue }
                    return false
                }
            case (.audience(let audience, let change), .audience(let other, let moved)):
                return audience == other && (change == "any" || change == moved)
            case (.reaction(let step), .reaction(let request, let kind)):
                return step.reaction == kind && instance.request(of: step.to) == request
            default: return false
            }
        }
    }

    func consume(_ instance: ReferenceInstance, _ node: String, _ offer: ReferenceOffer) {
        instance.chain = 0
        if case .event(_, let payload) = offer, case .event(let step)? = instance.version.node(node)?.body {
            instance.events[step.event] = payload
        }
        pass(instance, node, path: "next")
        go(instance, instance.version.node(node)?.way.next ?? [])
    }

    // MARK: Goals

    private func countGoals(_ names: [String], _ payload: JSONValue) {
        let left = openGoals.sorted { ($0.goalUntil ?? 0, $0.id) < ($1.goalUntil ?? 0, $1.id) }
        let all = instances.sorted { ($0.entered, $0.id) < ($1.entered, $1.id) } + left
        for instance in all {
            guard let goal = instance.version.document.properties.goal, names.contains(goal.event),
                !instance.hasReachedGoal, let until = instance.goalUntil, now < until,
                versions.contains(where: { $0 === instance.version })
            else { continue }
            if let filter = goal.filter {
                guard
                    case .value(let value) = evaluate(filter, nil, instance.version, event: (goal.event, payload)),
                    value.isTrue
                else { continue }
            }
            instance.hasReachedGoal = true
            say(instance, "goal")
        }
    }

    // MARK: Entry

    func enter(
        _ version: ReferenceVersion, event: (name: String, payload: JSONValue)?,
        used: [(journey: String, key: String)] = [], chain: Int = 0, run: String? = nil, isForced: Bool = false
    ) {
        let properties = version.document.properties
        switch version.state {
        case .live: break
        case .hold, .discard: return refuse(version, "paused")
        case .closed, .stopped: return refuse(version, "notLive")
        }
        if let end = endAt(version), now >= end { return refuse(version, "ended") }
        if case .event(let step) = version.entry.body, let filter = step.filter, let event {
            guard case .value(let value) = evaluate(filter, nil, version, event: event), value.isTrue else { return }
        }
        var key = ""
        if let text = properties.instanceKey, let event {
            if case .value(let value) = evaluate(text, nil, version, event: event), case .string(let found) = value {
                key = found
            }
        }
        if used.contains(where: { $0.journey == version.journey && $0.key == key }) { return }
        let entry = version.journey + ":" + key
        let other = inside.first { $0.version.journey == version.journey && $0.key == key }
        if isForced, let other {
            leave(other, "exited", code: "forcedReentrance")
        } else if other != nil {
            return refuse(version, "alreadyInside")
        }
        if !isForced, let last = lastEntries[entry] {
            if !properties.reentrance.isAllowed { return refuse(version, "reentranceOff") }
            if now - last < properties.reentrance.afterMilliseconds { return refuse(version, "reentranceTooSoon") }
        }
        lastEntries[entry] = now
        if let run { lastRuns[version.journey] = run }
        let instance = ReferenceInstance(id: nextID(), version: version, entered: now, key: key)
        instance.chain = chain
        instances.append(instance)
        say(instance, "entered")
        if version.mayComeBack(to: version.entry.id) { instance.visits[version.entry.id] = 1 }
        switch (version.entry.body, event) {
        case (.event(let step), let event?): instance.events[step.event] = event.payload
        case (.businessEvent(let name), let event?): instance.events[name] = event.payload
        default: break
        }
        pass(instance, version.entry.id, path: "next")
        go(instance, version.entry.way.next)
    }

    func admit(_ version: ReferenceVersion, run: String, event: (name: String, payload: JSONValue)?, isForced: Bool) {
        if lastRuns[version.journey] == run { return }
        enter(version, event: event, run: run, isForced: isForced)
        enterJumps()
    }

    func enterJumps() {
        while !jumps.isEmpty {
            let jump = jumps.removeFirst()
            guard let version = newest(jump.journey), let event = version.entryEvent else { continue }
            if jump.chain > 10 {
                refuse(version, "jumpLoop")
            } else {
                enter(version, event: (event, jump.payload), chain: jump.chain)
            }
        }
    }
}

extension ReferenceInstance {
    var goalUntil: Int64? {
        let properties = version.document.properties
        return properties.goal.map { entered + ($0.withinMilliseconds ?? properties.globalTimeoutMilliseconds) }
    }
}
