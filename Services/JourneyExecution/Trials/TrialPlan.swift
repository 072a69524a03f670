import Engine
import Models

extension PlanSnapshot {
    /// A test or dry run with its journeys: its own, and those that people jump to from there, which nobody enters in
    /// another way.
    struct TrialPlan: Sendable {
        let trial: Trial
        let plan: Plan
        let journeys: JourneySet
        private let events: Set<String>

        /// - Parameter others: every version that can have people inside.
        init(
            trial: Trial, plan: Plan, others: [JourneySet.Member],
            isMember: @escaping @Sendable (_ audience: String, _ profile: JSONObject, _ now: Int64) -> Bool
        ) {
            self.trial = trial
            self.plan = plan
            var members = [JourneySet.Member(plan: plan, state: .live)]
            var open = plan.jumpTargets
            var seen: Set = [plan.journey]
            while let name = open.popLast() {
                guard seen.insert(name).inserted else { continue }
                for other in others where other.plan.journey == name {
                    members.append(other.asSeenByRun)
                    open += other.plan.jumpTargets
                }
            }
            journeys = JourneySet(members, entered: [plan.journey], isMember: isMember)
            events = journeys.eventNames
        }

        /// Whether the event may concern somebody in the run, or lead into it.
        func listens(to event: PersonEvent) -> Bool { event.events.contains(where: events.contains) }
    }
}

extension JourneySet.Member {
    /// That a journey is paused holds its real people alone.
    fileprivate var asSeenByRun: JourneySet.Member {
        guard case .paused = state else { return self }
        return JourneySet.Member(plan: plan, state: .live)
    }
}
