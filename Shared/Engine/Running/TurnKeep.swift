import Expressions
import Models

/// Keeping what comes for an instance while it looks up, acts or is held, until it listens again.
extension Turn {
    /// Whether something that came may fit a node that the instance comes to.
    private enum Fit: Equatable {
        case may
        case never(because: String)
        /// No node takes it, as a filter of one cannot be evaluated.
        case fails
    }

    /// Nodes whose filters are tried for one event; what may fit a further one is kept.
    private static let triedMax = 64

    /// Keeps what may still fit; the oldest makes room, after all that can fit nothing any more.
    /// - Returns: whether it was kept.
    mutating func keep(_ offer: Offer, _ id: String, _ instance: inout Instance) -> Bool {
        context.forgetReadings()
        switch fit(of: offer, at: at, instance) {
        case .may: break
        case .never(let reason):
            refusedBy = reason
            return false
        case .fails:
            // A record of its own says so.
            refusedBy = nil
            refuse(instance.plan, .filterError)
            return false
        }
        let held = instance.plan.buffered(offer)
        let kept = Instance.Kept(id: id, at: at, offer: held, weight: held.weight, changes: changes)
        instance.kept.append(kept)
        instance.weight += kept.weight
        if isOverfull(instance) { makeRoom(&instance) }
        context.forgetReadings()
        return true
    }

    private func isOverfull(_ instance: borrowing Instance) -> Bool {
        instance.kept.count > engine.limits.keptEventsMax
            || instance.weight > engine.limits.stateBytesMax && !instance.kept.isEmpty
    }

    private mutating func makeRoom(_ instance: inout Instance) {
        // The instance went on, perhaps, since they were kept.
        var place = 0
        while place < instance.kept.count {
            let known = instance.kept[place]
            context.forgetReadings()
            guard case .never(let reason) = fit(of: known.offer, at: known.at, instance) else {
                place += 1
                continue
            }
            refusedBy = reason
            sayForgotten(known, instance)
            instance.kept.remove(at: place)
            instance.weight -= known.weight
        }
        var dropped: [Instance.Kept] = []
        while isOverfull(instance) {
            let first = instance.kept.removeFirst()
            instance.weight -= first.weight
            context.forgetReadings()
            refusedBy = Look.bufferFull
            sayForgotten(first, instance)
            dropped.append(first)
        }
        if let first = dropped.first { sayFull(first, dropped.count, &instance) }
    }

    /// What a record holds where another instance has said it of the same stimulus.
    private static let saidByOther = "kept@full"

    /// Says once a stimulus that something was dropped, however many of the person's instances dropped something.
    private mutating func sayFull(_ first: Instance.Kept, _ count: Int, _ instance: inout Instance) {
        output.counts[.bufferFull] += count
        let isSaid = surroundings.map { $0.obstacles[Self.saidByOther] != nil } ?? isFullSaid
        isFullSaid = true
        if isSaid { return note(obstacle: "said", at: Self.saidByOther, of: instance) }
        var step = nextStep(&instance, .noted)
        step.code = Look.bufferFull
        step.detail = "\(first.offer.name) \(first.id)" + (count > 1 ? " and \(count - 1) more" : "")
        steps.append(step)
    }

    // MARK: What may fit

    /// Whether what comes now may fit a node that a busy instance comes to.
    func mayFit(_ offer: Offer, _ instance: Instance) -> Bool { fit(of: offer, at: at, instance) == .may }

    private func fit(of offer: Offer, at time: Int64, _ instance: Instance) -> Fit {
        let plan = instance.plan
        let waitsStop = (engine.run?.waitMilliseconds ?? 1) > 0
        let ahead = plan.ahead(of: instance.node, waitsStop: waitsStop)
        var fails = false
        var tried = 0, reason = Look.notListening
        for place in plan.nodes.indices where ahead[place] {
            switch (plan.nodes[place].step, offer) {
            case (.event(let step), .event(let names, let payload)) where names.contains(step.event):
                tried += 1
                if tried > Self.triedMax { return .may }
                let unknown = unknown(to: step, at: place, of: instance, ahead, waitsStop: waitsStop)
                switch fit(of: payload, at: time, to: step, at: place, of: instance, unknown) {
                case .may: return .may
                case .never(let found): reason = found
                case .fails: fails = true
                }
            case (.audience(let step), .audience(let audience, let change)) where step.matches(audience, change):
                return .may
            case (.reaction(let step), .reaction(let request, let reaction))
            where step.reaction == reaction && request.hasPrefix("\(instance.id):\(plan.nodes[step.to].id):"):
                return .may
            default: continue
            }
        }
        return fails ? .fails : .never(because: reason)
    }

    private func fit(
        of payload: JSONValue, at time: Int64, to step: EventStep, at node: Int, of instance: Instance,
        _ unknown: UnknownFacts
    ) -> Fit {
        if step.filter == nil, step.match == nil { return .may }
        context.forgetReadings()
        context.load(instance, node: node, now: time, newEvent: (step.event, payload))
        defer { context.unload() }
        do throws(EvaluationError) {
            for (expression, reason) in [(step.filter, Look.filterFalse), (step.match, Look.matchFalse)] {
                guard let expression, let value = try expression.compiled.evaluate(in: context, without: unknown),
                    !value.isTrue
                else { continue }
                context.note(expression)
                return .never(because: reason)
            }
            return .may
        } catch {
            return .fails
        }
    }

    /// What the filters of a node read and what may be another by the time that the instance is there.
    private func unknown(
        to step: EventStep, at node: Int, of instance: borrowing Instance, _ ahead: [Bool], waitsStop: Bool
    ) -> UnknownFacts {
        let plan = instance.plan
        var unknown = UnknownFacts()
        if case .profile = plan.zone { unknown.isZoneUnknown = true }
        guard step.readsWhatChanges else { return unknown }
        let leading = plan.leading(to: node, waitsStop: waitsStop)
        for place in plan.nodes.indices where ahead[place] && leading[place] {
            let known = plan.nodes[place].step
            if let event = known.event, event != step.event { unknown.events.insert(event) }
            if case .action(let acting) = known, let action = acting.action { unknown.actions.insert(action) }
        }
        return unknown
    }
}

extension EventStep {
    /// Whether its filters read earlier events or responses, which may be others by then.
    var readsWhatChanges: Bool {
        [filter, match].contains { expression in
            guard let references = expression?.compiled.references else { return false }
            return !references.actions.isEmpty || references.eventFields.contains { $0.event != event }
        }
    }
}
