import Expressions
import Models

/// What leads a person into a journey.
struct Entrance {
    /// What makes the instance's id: of an event, a move, a run; of a jump the request-like id of its node's visit.
    let id: String
    let event: (name: String, payload: JSONValue)?
    /// Jumps that led here one from another.
    var chain: Int64 = 0
    /// Audience changes that led here one from another.
    var changes: Int64 = 0
    var admission: Admission?
}

/// Entering a journey.
extension Turn {
    mutating func enter(
        _ member: JourneySet.Member, _ entrance: Entrance, _ used: [(journey: String, key: String)] = []
    ) {
        let plan = member.plan
        context.forgetReadings()
        if let reason = refusalBeforeKey(member, entrance) { return refuse(plan, reason) }
        guard let key = instanceKey(plan, entrance) else { return refuse(plan, .filterError) }
        if used.contains(where: { $0.journey == plan.journey && $0.key.hasBytes(of: key) }) { return }
        let entryKey = member.entryKey(key)
        let isForced = entrance.admission?.forceReentrance ?? false
        if isForced { leaveForReentrance(plan.journey, key) }
        if let reason = refusal(of: plan, key, entryKey, isForced: isForced) { return refuse(plan, reason) }
        let (id, seed) = InstanceID.make(
            deployment: engine.deployment, partition: engine.partition, stimulus: entrance.id, journey: plan.journey,
            version: plan.version, personKey: traveler.person.key, key: key, run: engine.run?.mark.id)
        var instance = Instance(id: id, seed: seed, plan: plan, entered: at, key: key)
        instance.chain = entrance.chain
        instance.follow(changes: entrance.changes, at: at)
        if plan.remembersEntries { traveler.setLastEntry(entryKey, at) }
        if let admission = entrance.admission {
            traveler.setAdmission(to: plan.journey, LastAdmission(run: admission.run, at: at))
        }
        output.counts[.entered] += 1
        output.effects.append(.entered(journey: plan.journey, version: plan.version, instance: id, at: at))
        settleNew(&instance, entrance, key)
    }

    /// Takes the new instance through its entry, and into the traveler where it stays.
    mutating func settleNew(_ instance: inout Instance, _ entrance: Entrance, _ key: String) {
        noteBefore(instance)
        begin(&instance, entrance.event?.payload)
        record(instance, (entrance, key))
        guard instance.isInside || instance.pending != nil else { return rememberGoal(of: instance) }
        setTimer(of: instance, before: nil, mustSet: false)
        traveler.add(instance)
    }

    private mutating func begin(_ instance: inout Instance, _ payload: JSONValue?) {
        steps.append(nextStep(&instance, .entered))
        if let left = countVisits(&instance, [0]) { return move(&instance, left) }
        if let payload, let event = instance.plan.nodes[0].step.event, let left = keep(event, payload, &instance) {
            return move(&instance, left)
        }
        pass(&instance, 0, path: "next")
        move(&instance, .go(instance.plan.nodes[0].next))
    }

    /// The checks up to the filter, in their order.
    private mutating func refusalBeforeKey(_ member: JourneySet.Member, _ entrance: Entrance) -> EngineCount? {
        if let admission = entrance.admission, wasAdmitted(member.plan, admission) { return .alreadyAdmitted }
        if traveler.person.id.isEmpty { return .noIdentity }
        switch member.state {
        case .live: break
        case .paused: return .paused
        case .closed, .stopped, .finished: return .notLive
        }
        if let reason = member.plan.refusal(at: at) { return reason }
        if engine.run?.mark.kind == .test, context.profile["testProfile"] != true { return .testOnly }
        guard case .event(let step)? = member.plan.nodes.first?.step, let filter = step.filter,
            let event = entrance.event
        else { return nil }
        context.load(member.plan, now: at, newEvent: event)
        defer { context.unload() }
        do {
            let value = try filter.compiled.evaluate(in: context)
            context.note(filter)
            return value.isTrue ? nil : .filterFalse
        } catch {
            return .filterError
        }
    }

    /// What the filter of the entry read, where an instance enters again as it entered.
    func noteEntry(_ plan: Plan, _ event: (name: String, payload: JSONValue)?) {
        guard case .event(let step)? = plan.nodes.first?.step, let filter = step.filter, let event else { return }
        context.load(plan, now: at, newEvent: event)
        defer { context.unload() }
        context.note(filter)
    }

    /// The text of the instance key, empty where the journey has none; nil where it cannot be told.
    private func instanceKey(_ plan: Plan, _ entrance: Entrance) -> String? {
        guard let expression = plan.instanceKey, let event = entrance.event else { return "" }
        context.load(plan, now: at, newEvent: event)
        defer { context.unload() }
        guard let value = try? expression.compiled.evaluate(in: context) else { return nil }
        let text = value.text ?? (value.isNull ? "" : value.json.text)
        if text.utf8.count <= Person.idBytesMax { return text }
        var hash = SipHash(key: engine.deployment)
        hash.add(text)
        let (high, low) = hash.finish()
        return hexadecimal(high) + hexadecimal(low)
    }

    /// The checks after the filter, in their order.
    private mutating func refusal(
        of plan: Plan, _ key: String, _ entryKey: String, isForced: Bool
    ) -> EngineCount? {
        if placeInside(plan.journey, key) != nil { return .alreadyInside }
        if !isForced, let last = traveler.lastEntry(entryKey) {
            if !plan.reentrance.isAllowed { return .reentranceOff }
            if at < last &+ plan.reentrance.afterMilliseconds { return .reentranceTooSoon }
        }
        if traveler.slots.count >= engine.limits.instancesMax, traveler.insideCount >= engine.limits.instancesMax {
            return .tooMany
        }
        // Instances that left while a request was pending are bounded too: they go after a day at the latest.
        if traveler.slots.count >= 2 * engine.limits.instancesMax { return .tooMany }
        if plan.remembersEntries, traveler.lastEntries.count >= engine.limits.lastEntriesMax,
            traveler.lastEntry(entryKey) == nil
        {
            return .tooMany
        }
        return nil
    }

    /// Where the person is inside the journey already, in whatever version.
    /// - Parameter key: nil: whatever the key.
    private mutating func placeInside(_ journey: String, _ key: String?) -> Int? {
        for place in traveler.slots.indices {
            guard !traveler.slots[place].isOver, traveler.slots[place].header?.journey == journey else { continue }
            guard let instance = takeInstance(at: place) else {
                // What cannot be read may well be the same one.
                return place
            }
            putBack(instance, at: place)
            guard let key, !instance.key.hasBytes(of: key) else { return place }
        }
        return nil
    }

    /// Where the only instance is run again, it is the one that makes room.
    mutating func leaveForReentrance() {
        for slot in traveler.slots where !slot.isOver { leaveForReentrance(slot.header?.journey ?? "", nil) }
    }

    /// Whoever is inside makes room for the entrance that is forced.
    private mutating func leaveForReentrance(_ journey: String, _ key: String?) {
        guard let place = placeInside(journey, key), var instance = takeInstance(at: place) else { return }
        let timer = instance.timer
        leave(&instance, .exited, code: "forcedReentrance")
        settle(instance, at: place, timer: timer)
    }
}

extension Plan {
    /// Whether a rule may ask for the last entry.
    var remembersEntries: Bool { !reentrance.isAllowed || reentrance.afterMilliseconds > 0 }
}
