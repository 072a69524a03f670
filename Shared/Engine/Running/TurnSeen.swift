import Models

/// Saying of every event what it met, also where it moved nobody.
extension Turn {
    /// Why an instance or an entry that was looked at did not move.
    enum Look {
        /// The journey goes on by such an event, but not from where the instance is.
        static let notListening = "notListening"
        static let filterFalse = "filterFalse"
        static let matchFalse = "matchFalse"
        /// The instance is busy: it is offered the event when it next listens.
        static let kept = "kept"
        /// It was kept, and had to make room for what came later.
        static let bufferFull = "bufferFull"
    }

    /// Notes that the instance did not move by the event at hand, for the reason found last.
    mutating func look(at instance: borrowing Instance) {
        if let refusedBy { look(at: instance, refusedBy) }
    }

    mutating func look(at instance: borrowing Instance, _ reason: String) {
        guard case .event(let event) = stimulus, instance.plan.awaits(event.events) else { return }
        looked.append(
            SeenEvent.Look(
                journey: instance.plan.journey, version: instance.plan.version, instance: instance.id, reason: reason,
                read: context.takeReadings().values))
    }

    /// Notes that nobody entered by the event at hand, where no record of its own says so.
    mutating func look(atEntryOf plan: Plan, _ reason: String) {
        guard case .event = stimulus else { return }
        looked.append(
            SeenEvent.Look(
                journey: plan.journey, version: plan.version, reason: reason, read: context.takeReadings().values))
    }

    /// A real event that concerns nobody in a dry run leaves nothing there: its own record says all.
    mutating func saySeen(_ event: PersonEvent, _ ruledOut: [SeenEvent.RuledOut]) {
        if engine.run?.mark.kind == .dryRun, looked.isEmpty, ruledOut.isEmpty { return }
        output.effects.append(
            .seen(
                SeenEvent(events: event.events, looked: looked, ruledOut: ruledOut), stimulus: event.id, at: at))
    }

    /// An event that was kept does not fit where the instance listens now, and is forgotten.
    mutating func sayForgotten(_ known: Instance.Kept, _ instance: borrowing Instance) {
        guard surroundings == nil, case .event(let names, _) = known.offer, let refusedBy else { return }
        let look = SeenEvent.Look(
            journey: instance.plan.journey, version: instance.plan.version, instance: instance.id, reason: refusedBy,
            read: context.takeReadings().values)
        output.effects.append(.seen(SeenEvent(events: names, looked: [look]), stimulus: known.id, at: at))
    }
}
