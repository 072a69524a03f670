import Expressions
import Models

/// Events, waits and time-outs.
extension Turn {
    /// Listens to all of these until the first occurs.
    mutating func listen(_ instance: inout Instance, _ targets: [Int]) -> Next {
        defer { context.forgetReadings() }
        instance.due = nil
        var mayTake = false
        for (branch, target) in targets.enumerated() {
            let due: Int64?
            switch instance.plan.nodes[target].step {
            case .event(let step):
                mayTake = true
                due = step.timeoutMilliseconds.map { at &+ $0 }
            case .reaction(let step):
                mayTake = true
                due = step.timeoutMilliseconds.map { at &+ $0 }
            case .wait(let step):
                switch dueTime(&instance, target, step) {
                case .time(let time): due = time
                case .none: due = at
                case .next(let next): return next
                }
            default:
                mayTake = true
                due = nil
            }
            if let due, due < instance.due ?? .max {
                instance.due = due
                instance.dueBranch = branch
            }
        }
        instance.node = targets[0]
        instance.branches = targets.count > 1 ? targets : []
        instance.phase = .listening
        if mayTake, !instance.kept.isEmpty {
            if let next = offerKept(&instance) { return next }
        }
        if let due = instance.due, due <= at { return fireBranch(&instance) }
        instance.forgetKept()
        return .stay
    }

    /// Offers the events that came while something was pending, in order and with their own times.
    private mutating func offerKept(_ instance: inout Instance) -> Next? {
        let kept = instance.kept
        instance.forgetKept()
        for (place, known) in kept.enumerated() {
            let found = branch(of: &instance, for: known.offer, at: known.at)
            sayRefusals(of: known.id, [])
            guard let node = found else {
                sayForgotten(known, instance)
                context.forgetReadings()
                continue
            }
            goOn(by: known.id, instance)
            for later in kept[(place + 1)...] {
                instance.kept.append(later)
                instance.weight += later.weight
            }
            return consume(&instance, node, known.offer, changes: known.changes)
        }
        return nil
    }

    /// The earliest branch is over.
    mutating func fireBranch(_ instance: inout Instance) -> Next {
        let node = instance.listened[instance.dueBranch]
        forgetChanges(&instance)
        let planned = instance.plan.nodes[node]
        instance.node = node
        switch planned.step {
        case .event(let step):
            pass(&instance, node, path: step.timeoutPath, status: "timedOut")
            return .go(step.onTimeout)
        case .reaction(let step):
            pass(&instance, node, path: step.timeoutPath, status: "timedOut")
            return .go(step.onTimeout)
        default:
            if case .wait(.at) = planned.step { context.readings.usesTime = true }
            pass(&instance, node, path: "next")
            return .go(planned.next)
        }
    }

    // MARK: Waits

    enum DueTime {
        case time(Int64)
        /// There is no such time: it goes on at once.
        case none
        case next(Next)
    }

    /// Comes to a single wait.
    mutating func arrive(_ instance: inout Instance, at node: Int, _ step: WaitStep) -> Next {
        switch dueTime(&instance, node, step) {
        case .next(let next): return next
        case .none:
            pass(
                &instance, node, path: "next", code: "nullTime",
                detail: "the point in time is null, so nothing was waited for")
            return .go(instance.plan.nodes[node].next)
        case .time(let due) where due <= at:
            pass(&instance, node, path: "next")
            return .go(instance.plan.nodes[node].next)
        case .time(let due):
            context.forgetReadings()
            instance.forgetNode()
            instance.forgetKept()
            instance.due = due
            instance.phase = .listening
            return .stay
        }
    }

    private mutating func dueTime(_ instance: inout Instance, _ node: Int, _ step: WaitStep) -> DueTime {
        let due = plannedTime(&instance, node, step)
        guard let shortest = engine.run?.waitMilliseconds, case .time(let time) = due else { return due }
        return .time(min(time, at &+ shortest))
    }

    private mutating func plannedTime(_ instance: inout Instance, _ node: Int, _ step: WaitStep) -> DueTime {
        switch step {
        case .elapsed(let milliseconds): return .time(at &+ milliseconds)
        case .at(let millisecondOfDay, let days):
            return .time(Self.next(millisecondOfDay, days, after: at, in: context.zone(of: instance.plan)))
        case .until(let expression):
            switch evaluate(expression, instance, node, notes: true) {
            case .value(let value): return pointInTime(value, &instance, node)
            case .lookups(let requests): return .next(ask(&instance, node, requests, onError: nil))
            case .failed(let code, let detail):
                return .next(fail(&instance, node, code: code, detail: detail, onError: nil))
            }
        }
    }

    /// Texts are read as times here, since JSON has no others.
    private mutating func pointInTime(_ value: Value, _ instance: inout Instance, _ node: Int) -> DueTime {
        let zone = context.zone(of: instance.plan)
        switch value {
        case .null: return .none
        case .dateTime(let time): return .time(time.instant)
        case .dateTimeOnly(let local): return .time(zone.instant(of: local))
        case .dateOnly(let date): return .time(zone.instant(of: LocalDateTime(date: date)))
        case .string(let text):
            if let time = ISO8601.parseDateTime(text) { return .time(time.instant) }
            if let local = ISO8601.parseLocalDateTime(text) { return .time(zone.instant(of: local)) }
        default: break
        }
        return .next(
            fail(
                &instance, node, code: "typeMismatch", detail: "the expression gave \(value.type), not a point in time",
                onError: nil))
    }

    /// The next moment at which the zone's clocks show this, strictly later.
    static func next(_ millisecondOfDay: Int64, _ days: UInt8, after: Int64, in zone: Zone) -> Int64 {
        let today = zone.local(of: after).date
        // A week has every day; one more for today's time that has passed, one for clocks put forward over it.
        for offset in 0...9 {
            let date = today.adding(days: Int64(offset))
            guard days & 1 << UInt8(date.dayOfWeek) != 0 else { continue }
            let instant = zone.instant(of: LocalDateTime(date: date, millisecondOfDay: millisecondOfDay))
            if instant > after { return instant }
        }
        return after
    }
}

extension Instance {
    mutating func forgetKept() {
        for event in kept { weight -= event.weight }
        kept = []
    }
}
