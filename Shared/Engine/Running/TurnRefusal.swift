import Models

/// Saying why nobody entered or moved.
extension Turn {
    mutating func refuse(_ plan: Plan, _ reason: EngineCount) {
        output.counts[reason] += 1
        if reason == .filterFalse || reason == .alreadyAdmitted {
            // They are the rule and not the exception, so they are counted and not recorded.
            output.tallies.append(.one(EntryGroup.Member(plan), reason: "\(reason)"))
            if reason == .filterFalse { look(atEntryOf: plan, Look.filterFalse) }
            return
        }
        reasons.append(Refusal.Reason(journey: plan.journey, version: plan.version, reason: "\(reason)"))
    }

    /// - Parameters:
    ///   - id: of what was refused.
    ///   - events: names of the event definitions, where it was an event.
    mutating func sayRefusals(of id: String, _ events: [String]) {
        if reasons.isEmpty { return }
        for reason in reasons {
            var step = StepEvent(step: 0, kind: .refused, at: at)
            step.code = reason.reason
            output.effects.append(
                .record(
                    StepRecord(
                        person: traveler.person, journey: reason.journey, version: reason.version, instance: nil,
                        stimulus: id, events: [step], run: engine.run?.mark)))
        }
        output.effects.append(
            .refusal(Refusal(at: at, person: traveler.person, event: id, events: events, reasons: reasons)))
        reasons = []
    }
}
