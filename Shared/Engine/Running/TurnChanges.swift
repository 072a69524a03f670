import Models

/// Chains of audience changes: a change moves a journey, which updates the profile, which is a change again.
///
/// A chain goes on through everything that an instance does without waiting for the outside: conditions, jumps, and
/// look-ups, actions, reactions to its own messages, pauses and waits that end within a minute of the change. An event
/// is the beginning of another, and so is whatever takes longer.
extension Turn {
    /// Leaves the chain where the change that the instance follows is too long ago.
    func forgetChanges(_ instance: inout Instance) {
        instance.forgetChanges(before: at &- engine.limits.chainMilliseconds)
    }

    /// A change beyond the bound moves nobody and leads nobody in; whom it would have is said. Who leaves by it still
    /// does: that makes no chain longer.
    mutating func refuseLoop(_ move: AudienceMove, _ offer: Offer) {
        var said: Set<String> = []
        var place = 0
        while place < traveler.slots.count {
            defer { place += 1 }
            guard !traveler.slots[place].isOver, let header = traveler.slots[place].header,
                let plan = engine.journeys.plan(journey: header.journey, version: header.version),
                plan.listens(to: offer), var instance = takeInstance(at: place)
            else { continue }
            if wouldTake(&instance, offer), said.insert("\(plan.version):\(plan.journey)").inserted {
                refuse(plan, .changeLoop)
            }
            putBack(instance, at: place)
        }
        if surroundings == nil, only == nil {
            for place in engine.journeys.entries(for: move) {
                let plan = engine.journeys.members[place].plan
                if said.insert("\(plan.version):\(plan.journey)").inserted { refuse(plan, .changeLoop) }
            }
        }
        sayRefusals(of: move.id, [])
    }

    private mutating func wouldTake(_ instance: inout Instance, _ offer: Offer) -> Bool {
        instance.isBusy ? mayFit(offer, instance) : branch(of: &instance, for: offer, at: at) != nil
    }
}
