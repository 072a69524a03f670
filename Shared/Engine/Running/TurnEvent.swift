import Expressions
import Models

/// An event: exits, then instances, then entries.
extension Turn {
    mutating func take(_ event: PersonEvent) {
        var used: [(journey: String, key: String)] = []
        if !traveler.slots.isEmpty {
            leaveByExit(event)
            moveInstances(event, &used)
        }
        let (places, ruledOut) = engine.journeys.entries(for: event, at: at)
        output.counts[.filterFalse] += ruledOut
        for place in places { enter(engine.journeys.members[place], event, used) }
        sayRefusals(event)
    }

    private mutating func leaveByExit(_ event: PersonEvent) {
        var place = 0
        while place < traveler.slots.count {
            let next = place + 1
            guard !traveler.slots[place].isOver, let header = traveler.slots[place].header,
                let member = engine.journeys.member(journey: header.journey, version: header.version)
            else {
                place = next
                continue
            }
            let exit = event.events.first(where: member.plan.exitEvents.contains)
            let isConcerned = exit != nil || member.state == .stopped && member.plan.listens(to: event.events)
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

    private mutating func moveInstances(_ event: PersonEvent, _ used: inout [(journey: String, key: String)]) {
        var place = 0
        while place < traveler.slots.count {
            guard !traveler.slots[place].isOver, let header = traveler.slots[place].header,
                let plan = engine.journeys.plan(journey: header.journey, version: header.version),
                plan.listens(to: event.events), var instance = takeInstance(at: place)
            else {
                place += 1
                continue
            }
            let timer = instance.timer
            switch instance.phase {
            case .listening:
                guard let found = branch(of: &instance, for: event.events, event.payload, at: at) else {
                    putBack(instance, at: place)
                    place += 1
                    continue
                }
                used.append((plan.journey, instance.key))
                let next = consume(&instance, found, event.payload)
                move(&instance, next)
            case .lookingUp, .acting: keep(event, &instance)
            case .ended: break
            }
            if settle(instance, at: place, timer: timer) { place += 1 }
        }
    }

    /// The first branch that the event satisfies.
    mutating func branch(
        of instance: inout Instance, for names: [String], _ payload: JSONValue, at time: Int64
    ) -> Int? {
        for node in instance.listened {
            guard case .event(let step) = instance.plan.nodes[node].step, names.contains(step.event) else { continue }
            if satisfies(&instance, node, step, payload, at: time) { return node }
        }
        return nil
    }

    private mutating func satisfies(
        _ instance: inout Instance, _ node: Int, _ step: EventStep, _ payload: JSONValue, at time: Int64
    ) -> Bool {
        if step.filter == nil, step.match == nil { return true }
        context.load(instance, node: node, now: time, newEvent: (step.event, payload))
        defer { context.unload() }
        do {
            if let filter = step.filter, !(try filter.compiled.evaluate(in: context)).isTrue { return false }
            if let match = step.match, !(try match.compiled.evaluate(in: context)).isTrue { return false }
            return true
        } catch {
            refuse(instance.plan, .filterError)
            return false
        }
    }

    /// The instance takes the event at a node that it listens to.
    mutating func consume(_ instance: inout Instance, _ node: Int, _ payload: JSONValue) -> Next {
        let planned = instance.plan.nodes[node]
        guard case .event(let step) = planned.step else { return .stay }
        instance.node = node
        if let tree = instance.plan.kept[step.event] {
            instance.keep(event: step.event, tree.restricting(payload))
            if let left = leaveIfTooLarge(&instance) { return left }
        }
        pass(&instance, node, path: "next")
        return .go(planned.next)
    }

    /// Holds the event until the instance listens again; the oldest makes room.
    private mutating func keep(_ event: PersonEvent, _ instance: inout Instance) {
        let names = event.events.filter { instance.plan.listens(to: [$0]) }
        let payload: JSONValue =
            names.count == 1
            ? instance.plan.buffered[names[0]]?.restricting(event.payload) ?? .object(JSONObject()) : event.payload
        let kept = Instance.KeptEvent(
            id: event.id, at: at, events: names, payload: payload, weight: payload.weight)
        instance.kept.append(kept)
        instance.weight += kept.weight
        while instance.kept.count > engine.limits.keptEventsMax
            || instance.weight > engine.limits.stateBytesMax && !instance.kept.isEmpty
        {
            let dropped = instance.kept.removeFirst()
            instance.weight -= dropped.weight
            output.counts[.bufferFull] += 1
            var step = nextStep(&instance, .noted)
            step.code = "bufferFull"
            step.detail = "event \(dropped.id)"
            steps.append(step)
        }
    }

    // MARK: Refusals

    mutating func refuse(_ plan: Plan, _ reason: EngineCount) {
        output.counts[reason] += 1
        if reason == .filterFalse { return }
        reasons.append(Refusal.Reason(journey: plan.journey, version: plan.version, reason: "\(reason)"))
    }

    mutating func sayRefusals(_ event: PersonEvent) {
        if reasons.isEmpty { return }
        for reason in reasons {
            var step = StepEvent(step: 0, kind: .refused, at: at)
            step.code = reason.reason
            output.effects.append(
                .record(
                    StepRecord(
                        person: event.person, journey: reason.journey, version: reason.version, instance: nil,
                        stimulus: event.id, events: [step])))
        }
        output.effects.append(
            .refusal(Refusal(at: at, person: event.person, event: event.id, events: event.events, reasons: reasons)))
        reasons = []
    }
}
