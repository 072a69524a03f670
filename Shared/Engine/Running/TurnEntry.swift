import Expressions
import Models

/// Entering a journey.
extension Turn {
    mutating func enter(
        _ member: JourneySet.Member, _ event: PersonEvent, _ used: [(journey: String, key: String)]
    ) {
        let plan = member.plan
        guard case .event(let entry)? = plan.nodes.first?.step else { return }
        if let reason = refusalBeforeKey(member, entry, event) { return refuse(plan, reason) }
        guard let key = instanceKey(plan, entry, event) else { return refuse(plan, .filterError) }
        if used.contains(where: { $0.journey == plan.journey && $0.key == key }) { return }
        let entryKey = key.isEmpty ? plan.journey : plan.journey + ":" + key
        if let reason = refusal(of: plan, key, entryKey) { return refuse(plan, reason) }
        let (id, seed) = InstanceID.make(
            deployment: engine.deployment, partition: engine.partition, stimulus: event.id, journey: plan.journey,
            version: plan.version, personKey: traveler.person.key, key: key)
        var instance = Instance(id: id, seed: seed, plan: plan, entered: at, key: key)
        if plan.remembersEntries { traveler.setLastEntry(entryKey, at) }
        output.counts[.entered] += 1
        output.effects.append(.entered(journey: plan.journey, version: plan.version, instance: id, at: at))
        steps.append(nextStep(&instance, .entered))
        if let left = countVisits(&instance, [0]) {
            move(&instance, left)
        } else {
            let next = consume(&instance, 0, event.payload)
            move(&instance, next)
        }
        record(instance)
        guard instance.isInside || instance.pending != nil else { return }
        setTimer(of: instance, before: nil, mustSet: false)
        traveler.add(instance)
    }

    /// The checks up to the filter, in their order.
    private mutating func refusalBeforeKey(
        _ member: JourneySet.Member, _ entry: EventStep, _ event: PersonEvent
    ) -> EngineCount? {
        if event.person.id.isEmpty { return .noIdentity }
        if member.state != .live { return .notLive }
        if let reason = member.plan.refusal(at: at) { return reason }
        guard let filter = entry.filter else { return nil }
        context.load(member.plan, now: at, newEvent: (entry.event, event.payload))
        do {
            return try filter.compiled.evaluate(in: context).isTrue ? nil : .filterFalse
        } catch {
            return .filterError
        }
    }

    /// The text of the instance key, empty where the journey has none; nil where it cannot be told.
    private func instanceKey(_ plan: Plan, _ entry: EventStep, _ event: PersonEvent) -> String? {
        guard let expression = plan.instanceKey else { return "" }
        context.load(plan, now: at, newEvent: (entry.event, event.payload))
        guard let value = try? expression.compiled.evaluate(in: context) else { return nil }
        let text = value.text ?? (value.isNull ? "" : value.json.text)
        if text.utf8.count <= Person.idBytesMax { return text }
        var hash = SipHash(key: engine.deployment)
        hash.add(text)
        let (high, low) = hash.finish()
        return hexadecimal(high) + hexadecimal(low)
    }

    /// The checks after the filter, in their order.
    private mutating func refusal(of plan: Plan, _ key: String, _ entryKey: String) -> EngineCount? {
        if isInside(plan.journey, key) { return .alreadyInside }
        if let last = traveler.lastEntry(entryKey) {
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

    private mutating func isInside(_ journey: String, _ key: String) -> Bool {
        for place in traveler.slots.indices {
            guard !traveler.slots[place].isOver, traveler.slots[place].header?.journey == journey else { continue }
            guard let instance = takeInstance(at: place) else {
                // What cannot be read may well be the same one.
                return true
            }
            putBack(instance, at: place)
            if instance.key == key { return true }
        }
        return false
    }
}

extension Plan {
    /// Whether a rule may ask for the last entry.
    var remembersEntries: Bool { !reentrance.isAllowed || reentrance.afterMilliseconds > 0 }
}
