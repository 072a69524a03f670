import Expressions
import Models

/// Events and audience changes: exits, then instances, then goals and entries.
extension Turn {
    mutating func take(_ event: PersonEvent) {
        var used: [(journey: String, key: String)] = []
        let offer = Offer.event(event.events, event.payload)
        if !traveler.slots.isEmpty {
            leaveByExit(offer)
            moveInstances(offer, event.id, &used)
        }
        countGoals(event)
        enterJumps()
        if surroundings != nil || only != nil { return }
        let candidates = engine.journeys.entries(for: event, at: at)
        let ruledOut = countRuledOut(candidates)
        for place in candidates.members {
            let member = engine.journeys.members[place]
            let entrance = Entrance(id: event.entrance, event: (member.plan.entryEvent, event.payload))
            enter(member, entrance, used)
        }
        if !engine.journeys.broken.isEmpty || !traveler.asides.isEmpty { refuseBroken(event) }
        sayRefusals(of: event.id, event.events)
        enterJumps()
        saySeen(event, ruledOut)
    }

    /// Counts those whom the constants of their filters ruled out.
    private mutating func countRuledOut(_ candidates: EntryCandidates) -> [SeenEvent.RuledOut] {
        if candidates.groups.isEmpty { return [] }
        output.counts[.filterFalse] += candidates.ruledOut
        var groups: [SeenEvent.RuledOut] = []
        for (group, except) in candidates.groups {
            let spared = except.map { EntryGroup.Member(engine.journeys.members[$0].plan) }
            output.tallies.append(.group(group, except: spared))
            groups.append(
                SeenEvent.RuledOut(
                    group: group.id, count: Int64(group.members.count - spared.count),
                    except: spared.map { .init(journey: $0.journey, version: $0.version) }))
        }
        return groups
    }

    mutating func take(_ move: AudienceMove) {
        var used: [(journey: String, key: String)] = []
        let offer = Offer.audience(move.audience, move.change)
        changes = move.chain
        if !traveler.slots.isEmpty { leaveByExit(offer) }
        if move.change == .exited, surroundings == nil, only == nil { forgetReads(of: move.audience) }
        if move.chain > engine.limits.changesMax { return refuseLoop(move, offer) }
        if !traveler.slots.isEmpty { moveInstances(offer, move.id, &used) }
        enterJumps()
        if surroundings != nil || only != nil { return }
        for place in engine.journeys.entries(for: move) {
            enter(engine.journeys.members[place], Entrance(id: move.id, event: nil, changes: changes), used)
        }
        if !engine.journeys.broken.isEmpty || !traveler.asides.isEmpty { refuseBroken(move) }
        sayRefusals(of: move.id, [])
        enterJumps()
    }

    /// A reaction concerns one instance, and makes nobody enter or leave.
    mutating func take(_ reaction: Reaction) {
        guard let place = traveler.place(of: reaction.instance), !traveler.slots[place].isOver else { return }
        guard var instance = takeInstance(at: place) else { return setAside(reaction.instance) }
        let timer = instance.timer
        let offer = Offer.reaction(reaction.request, reaction.reaction)
        if isStopped(instance.plan) {
            leave(&instance, .stopped)
        } else if !self.offer(offer, reaction.id, to: &instance) {
            putBack(instance, at: place)
            return
        }
        settle(instance, at: place, timer: timer)
        enterJumps()
        sayRefusals(of: reaction.id, [])
    }

    private mutating func leaveByExit(_ offer: Offer) {
        var place = 0
        while place < traveler.slots.count {
            let next = place + 1
            guard !traveler.slots[place].isOver, isMeant(place), let header = traveler.slots[place].header,
                let member = engine.journeys.member(journey: header.journey, version: header.version)
            else {
                place = next
                continue
            }
            let exit = member.plan.exit(by: offer)
            let isConcerned = exit != nil || member.state == .stopped && member.plan.listens(to: offer)
            guard isConcerned, var instance = takeInstance(at: place) else {
                place = next
                continue
            }
            let timer = instance.timer
            if member.state == .stopped {
                leave(&instance, .stopped)
            } else {
                leave(&instance, .exited, code: "exit", detail: exit)
            }
            if settle(instance, at: place, timer: timer) { place = next }
        }
    }

    func isMeant(_ place: Int) -> Bool { only.map { $0 == traveler.slots[place].id } ?? true }

    private mutating func moveInstances(
        _ offer: Offer, _ id: String, _ used: inout [(journey: String, key: String)]
    ) {
        var place = 0
        while place < traveler.slots.count {
            guard !traveler.slots[place].isOver, isMeant(place), let header = traveler.slots[place].header,
                let plan = engine.journeys.plan(journey: header.journey, version: header.version),
                plan.listens(to: offer), var instance = takeInstance(at: place)
            else {
                place += 1
                continue
            }
            let timer = instance.timer
            let isListening = instance.phase == .listening
            guard self.offer(offer, id, to: &instance) else {
                look(at: instance)
                putBack(instance, at: place)
                place += 1
                continue
            }
            if !isListening { look(at: instance, Look.kept) }
            if isListening { used.append((plan.journey, instance.key)) }
            if settle(instance, at: place, timer: timer) { place += 1 }
        }
    }

    /// Lets the instance take what occurred, or keep it while it is busy.
    /// - Returns: whether it did either.
    private mutating func offer(_ offer: Offer, _ id: String, to instance: inout Instance) -> Bool {
        if instance.isBusy { return keep(offer, id, &instance) }
        guard let found = branch(of: &instance, for: offer, at: at) else { return false }
        let next = consume(&instance, found, offer, changes: changes)
        move(&instance, next)
        return true
    }

    /// The first branch that takes it.
    mutating func branch(of instance: inout Instance, for offer: Offer, at time: Int64) -> Int? {
        refusedBy = Look.notListening
        context.forgetReadings()
        for node in instance.listened {
            switch (instance.plan.nodes[node].step, offer) {
            case (.event(let step), .event(let names, let payload)) where names.contains(step.event):
                if satisfies(&instance, node, step, payload, at: time) { return node }
            case (.audience(let step), .audience(let audience, let change)) where step.matches(audience, change):
                return node
            case (.reaction(let step), .reaction(let request, let reaction))
            where step.reaction == reaction && instance.requestID(of: step.to, round: nil) == request:
                return node
            default: continue
            }
        }
        return nil
    }

    private mutating func satisfies(
        _ instance: inout Instance, _ node: Int, _ step: EventStep, _ payload: JSONValue, at time: Int64
    ) -> Bool {
        if step.filter == nil, step.match == nil { return true }
        context.forgetReadings()
        context.load(instance, node: node, now: time, newEvent: (step.event, payload))
        defer { context.unload() }
        do {
            if let filter = step.filter, !(try decision(filter, instance)).isTrue {
                refusedBy = Look.filterFalse
                return false
            }
            if let match = step.match, !(try decision(match, instance)).isTrue {
                refusedBy = Look.matchFalse
                return false
            }
            return true
        } catch {
            // A record of its own says so.
            refusedBy = nil
            refuse(instance.plan, .filterError)
            return false
        }
    }

    /// What a filter or match comes to, with what it reads noted.
    private func decision(
        _ expression: PlanExpression, _ instance: borrowing Instance
    ) throws(EvaluationFailure) -> Value {
        let value = try value(of: expression, for: instance.id, instance.plan)
        context.note(expression)
        return value
    }

    /// The instance takes it at a node that it listens to.
    /// - Parameter changes: the number of an audience change in its chain.
    mutating func consume(_ instance: inout Instance, _ node: Int, _ offer: Offer, changes: Int64) -> Next {
        let planned = instance.plan.nodes[node]
        instance.node = node
        instance.chain = 0
        switch offer {
        case .event: instance.follow(changes: 0, at: at)
        case .audience: instance.follow(changes: changes, at: at)
        case .reaction: forgetChanges(&instance)
        }
        if case .event(_, let payload) = offer, let event = planned.step.event,
            let left = keep(event, payload, &instance)
        {
            return left
        }
        pass(&instance, node, path: "next")
        return .go(planned.next)
    }

    /// Keeps what later nodes read of an event.
    mutating func keep(_ event: String, _ payload: JSONValue, _ instance: inout Instance) -> Next? {
        guard let tree = instance.plan.kept[event] else { return nil }
        instance.keep(event: event, tree.restricting(payload))
        return leaveIfTooLarge(&instance)
    }
}

extension Plan {
    /// Whether it may concern an instance of the plan.
    func listens(to offer: Offer) -> Bool {
        switch offer {
        case .event(let names, _): listens(to: names)
        case .audience(let audience, let change): listens(to: audience, change)
        case .reaction: true
        }
    }

    /// The exit criterion that it meets, as step events name it.
    func exit(by offer: Offer) -> String? {
        switch offer {
        case .event(let names, _): names.first(where: exitEvents.contains)
        case .audience(let audience, let change):
            exitAudiences.contains { $0.matches(audience, change) } ? "\(change.rawValue) \(audience)" : nil
        case .reaction: nil
        }
    }

    /// With what the plan reads of an event alone.
    func buffered(_ offer: Offer) -> Offer {
        guard case .event(let all, let payload) = offer else { return offer }
        let names = all.filter { listens(to: [$0]) }
        if names.count > 1 { return .event(names, payload) }
        return .event(names, names.first.flatMap { buffered[$0]?.restricting(payload) } ?? .object(JSONObject()))
    }
}

extension PlanStep {
    /// The event that an instance takes here.
    var event: String? {
        switch self {
        case .event(let step): step.event
        case .businessEvent(let event): event
        default: nil
        }
    }
}
