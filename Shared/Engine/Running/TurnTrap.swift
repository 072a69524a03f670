import Models

/// What ended the process each time it was handled: said and got rid of, with as little looked into as can be.
extension Turn {
    /// Ends the instance as error `trapped` without reading its state, which may be what cannot be borne. A request
    /// that it waits for is forgotten with it.
    mutating func trap(_ id: String) {
        output.effects.append(.clearTimer(instance: id))
        guard let place = traveler.place(of: id), !traveler.slots[place].isOver,
            let header = traveler.slots[place].header
        else { return }
        var step = StepEvent(step: traveler.slots[place].steps + 1, kind: .left, at: at)
        step.status = LeftStatus.error.rawValue
        step.code = Self.trapped
        step.detail = "what came for it ended the process each time"
        output.counts[.error] += 1
        output.effects.append(
            .record(
                StepRecord(
                    person: traveler.person, journey: header.journey, version: header.version, instance: id,
                    stimulus: cause, events: [step], run: engine.run?.mark)))
        // Whether it was held cannot be told.
        output.effects.append(.released(journey: header.journey, version: header.version, instance: id))
        output.effects.append(
            .left(
                journey: header.journey, version: header.version, instance: id, status: LeftStatus.error.rawValue))
        traveler.remove(at: place)
    }

    /// Says to each journey that the event might have moved or entered that it did not; all instances stay.
    mutating func trap(_ event: PersonEvent) {
        var concerned: [Plan] = []
        for slot in traveler.slots where !slot.isOver {
            guard let header = slot.header,
                let plan = engine.journeys.plan(journey: header.journey, version: header.version),
                plan.listens(to: event.events) || event.events.contains(where: plan.exitEvents.contains)
            else { continue }
            concerned.append(plan)
        }
        concerned += engine.journeys.newestPlans(enteredBy: event.events)
        var said: Set<String> = []
        for plan in concerned where said.insert("\(plan.version):\(plan.journey)").inserted {
            output.counts[.trapped] += 1
            reasons.append(Refusal.Reason(journey: plan.journey, version: plan.version, reason: Self.trapped))
        }
        sayRefusals(of: event.id, event.events)
        saySeen(event, [])
    }

    private static let trapped = "\(EngineCount.trapped)"
}

extension Traveler.Slot {
    /// The number of the instance's last step event, read without the rest.
    var steps: Int64 {
        switch state {
        case .live(let instance): return instance.steps
        case .unreadable: return 0
        case .raw(let bytes):
            // The writer puts it before anything that has members of its own; inside a text the quotes are escaped.
            let name = Array(#","steps":"#.utf8)
            guard bytes.count > name.count else { return 0 }
            for start in 0..<(bytes.count - name.count) where bytes[start..<(start + name.count)].elementsEqual(name) {
                var value: Int64 = 0
                for byte in bytes[(start + name.count)...].prefix(18) {
                    guard (48...57).contains(byte) else { break }
                    value = value * 10 + Int64(byte - 48)
                }
                return value
            }
            return 0
        }
    }
}
