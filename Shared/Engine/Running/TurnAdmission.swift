import Models

/// Entering by a run that reads an audience.
extension Turn {
    mutating func take(_ admission: Admission) {
        if surroundings != nil { return leaveForReentrance() }
        if let broken = engine.journeys.broken(admission.journey, admission.version) {
            refuse(broken, broken.refusal)
            return sayRefusals(of: admission.run, admission.event.map { [$0.name] } ?? [])
        }
        guard let member = engine.journeys.member(journey: admission.journey, version: admission.version),
            case .readAudience = member.plan.entry
        else { return }
        let entrance = Entrance(
            id: admission.run, event: admission.event.map { ($0.name, $0.payload) }, admission: admission)
        enter(member, entrance)
        sayRefusals(of: admission.run, admission.event.map { [$0.name] } ?? [])
        enterJumps()
    }

    /// Whether this run came to the person before. Whom a journey that reads increments comes to is not asked here: the
    /// owner passes over those to whom the run before came.
    func wasAdmitted(_ plan: Plan, _ admission: Admission) -> Bool {
        traveler.lastAdmission(to: plan.journey)?.run == admission.run
    }

    /// Who exited an audience is new to the journeys that read its increments.
    mutating func forgetReads(of audience: String) {
        for journey in engine.journeys.incrementalReaders[audience] ?? [] {
            output.effects.append(.unread(journey: journey))
        }
    }
}

extension JourneySet {
    /// Until when it must be remembered which run came to a person; nil while the journey is not known.
    func admissionNeeded(_ journey: String, _ last: LastAdmission) -> Int64? {
        guard case .readAudience? = newestPlan(of: journey)?.entry else { return nil }
        return last.at &+ Self.runMillisecondsMax
    }

    /// A run that is still on its way after thirty days may come to somebody twice.
    static let runMillisecondsMax: Int64 = 30 * 86_400_000
}
