import Models

/// Entering by a run that reads an audience.
extension Turn {
    mutating func take(_ admission: Admission) {
        if surroundings != nil { return leaveForReentrance() }
        guard let member = engine.journeys.member(journey: admission.journey, version: admission.version),
            case .readAudience = member.plan.entry
        else { return }
        let entrance = Entrance(
            id: admission.run, event: admission.event.map { ($0.name, $0.payload) }, admission: admission)
        enter(member, entrance)
        sayRefusals(of: admission.run, admission.event.map { [$0.name] } ?? [])
        enterJumps()
    }

    /// Whether this run came to the person before; of a journey that reads increments, whether any did since the person
    /// became a member.
    func wasAdmitted(_ plan: Plan, _ admission: Admission) -> Bool {
        guard let last = traveler.lastAdmission(to: plan.journey) else { return false }
        if case .readAudience(let step) = plan.entry, step.isIncremental, !admission.forceReentrance { return true }
        return last.run == admission.run
    }

    /// Who exited an audience is new to it the next time.
    mutating func forgetAdmissions(of audience: String) {
        for (journey, _) in traveler.admissions {
            guard case .readAudience(let step)? = engine.journeys.newestPlan(of: journey)?.entry,
                step.audience == audience, step.isIncremental
            else { continue }
            traveler.forgetAdmission(to: journey)
        }
    }
}

extension JourneySet {
    /// Until when it must be remembered which run came to a person; nil for ever, or while the journey is not known.
    func admissionNeeded(_ journey: String, _ last: LastAdmission) -> Int64? {
        guard case .readAudience(let step)? = newestPlan(of: journey)?.entry, !step.isIncremental else { return nil }
        return last.at &+ Self.runMillisecondsMax
    }

    /// A run that is still on its way after thirty days may come to somebody twice.
    static let runMillisecondsMax: Int64 = 30 * 86_400_000
}
