import Expressions
import Models

/// Counting that journeys came to what they are there for.
extension Turn {
    /// Counts the event for every instance that is inside, or left and whose window is open.
    mutating func countGoals(_ event: PersonEvent) {
        guard event.events.contains(where: engine.journeys.goalEvents.contains) else { return }
        var place = 0
        while place < traveler.slots.count {
            guard isMeant(place), let header = traveler.slots[place].header,
                let goal = engine.journeys.plan(journey: header.journey, version: header.version)?.goal,
                event.events.contains(goal.event), var instance = takeInstance(at: place)
            else {
                place += 1
                continue
            }
            guard let until = instance.goalUntil, at < until, isReached(instance.plan, goal, event) else {
                putBack(instance, at: place)
                place += 1
                continue
            }
            let timer = instance.timer
            instance.hasReachedGoal = true
            steps.append(goalStep(event, nextStep(&instance, .goal)))
            settle(instance, at: place, timer: timer)
            place += 1
        }
        if only == nil { countLeftGoals(event) }
    }

    private mutating func countLeftGoals(_ event: PersonEvent) {
        var place = 0
        while place < traveler.goals.count {
            let (instance, open) = traveler.goals[place]
            guard at < open.until, let plan = engine.journeys.plan(journey: open.journey, version: open.version),
                let goal = plan.goal, event.events.contains(goal.event), isReached(plan, goal, event)
            else {
                place += 1
                continue
            }
            let step = goalStep(event, StepEvent(step: open.steps + 1, kind: .goal, at: at))
            output.effects.append(
                .record(
                    StepRecord(
                        person: traveler.person, journey: open.journey, version: open.version, instance: instance,
                        stimulus: cause, events: [step], run: engine.run?.mark, input: input(of: instance, plan))))
            traveler.removeGoal(at: place)
        }
    }

    private mutating func goalStep(_ event: PersonEvent, _ step: StepEvent) -> StepEvent {
        output.counts[.goal] += 1
        var step = step
        step.detail = "event \(event.id)"
        return step
    }

    /// A filter that fails counts nothing.
    private func isReached(_ plan: Plan, _ goal: PlanGoal, _ event: PersonEvent) -> Bool {
        guard let filter = goal.filter else { return true }
        context.load(plan, now: at, newEvent: (goal.event, event.payload))
        defer { context.unload() }
        return (try? filter.compiled.evaluate(in: context).isTrue) ?? false
    }

    /// Remembers of an instance that is forgotten that its goal may still be reached.
    mutating func rememberGoal(of instance: borrowing Instance) {
        guard let until = instance.goalUntil, until > at else { return }
        traveler.setGoal(
            OpenGoal(
                journey: instance.plan.journey, version: instance.plan.version, until: until, steps: instance.steps),
            of: instance.id, countMax: engine.limits.openGoalsMax)
    }
}
