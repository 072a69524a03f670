import Models

/// What comes for those who are inside a version without a plan, or would enter one.
extension Turn {
    /// Says why the event moves nobody there, and keeps it for those inside.
    mutating func refuseBroken(_ event: PersonEvent) {
        keepForWaiting(.event(event.events, event.payload))
        for broken in engine.journeys.broken {
            let isEntered = broken.isNewest && broken.entryEvent.map(event.events.contains) ?? false
            refuse(broken, isEntered: isEntered, concerns: event.events.contains(where: broken.events.contains))
        }
    }

    mutating func refuseBroken(_ move: AudienceMove) {
        keepForWaiting(.audience(move.audience, move.change))
        for broken in engine.journeys.broken {
            let isEntered = broken.isNewest && broken.entryAudience == move.audience
            refuse(broken, isEntered: isEntered, concerns: broken.audiences.contains(move.audience))
        }
    }

    /// Whoever has a plan again but did not take yet what came before takes this after it.
    private mutating func keepForWaiting(_ offer: Offer) {
        for (instance, _) in traveler.asides {
            guard let place = traveler.place(of: instance), let header = traveler.slots[place].header,
                let plan = engine.journeys.plan(journey: header.journey, version: header.version),
                plan.listens(to: offer)
            else { continue }
            setAside(instance)
        }
    }

    private mutating func refuse(_ broken: JourneySet.Broken, isEntered: Bool, concerns: Bool) {
        let inside = concerns ? traveler.instances(of: broken) : []
        for instance in inside { setAside(instance) }
        if !inside.isEmpty {
            refuse(broken, .notCompiled)
        } else if isEntered {
            refuse(broken, broken.refusal)
        }
    }

    /// Nobody enters a broken version, by whatever way.
    mutating func refuse(_ broken: JourneySet.Broken, _ reason: EngineCount) {
        output.counts[reason] += 1
        reasons.append(Refusal.Reason(journey: broken.journey, version: broken.version, reason: "\(reason)"))
    }
}

extension Turn {
    /// Keeps the stimulus for an instance that cannot take it, and asks again soon.
    mutating func setAside(_ id: String) {
        guard surroundings == nil, waitsForPlan(id), var item = asideItem else { return }
        item["at"] = .integer(at)
        let isFull = traveler.setAside(
            .object(item), for: id, countMax: engine.limits.asideMax, bytesMax: engine.limits.stateBytesMax)
        if isFull { output.counts[.bufferFull] += 1 }
        output.effects.append(.setTimer(instance: id, due: at &+ engine.limits.retryMilliseconds))
    }

    /// Whether the instance's version has no plan, or it has one again and did not take yet what came meanwhile.
    func waitsForPlan(_ id: String) -> Bool {
        guard let place = traveler.place(of: id), let header = traveler.slots[place].header else { return false }
        return engine.journeys.broken(header.journey, header.version) != nil || traveler.hasAside(of: id)
    }

    /// The stimulus as in the inbox; nil of one that is not kept.
    private var asideItem: JSONObject? {
        let bytes: [UInt8]
        switch stimulus {
        case .event(let event): bytes = event.element
        case .outcome(let outcome): bytes = outcome.element
        case .audience(let move): bytes = move.element
        case .reaction(let reaction): bytes = reaction.element
        case .end(_, let cause): return ["kind": "end", "id": .string(cause)]
        case .release(_, let cause): return ["kind": "release", "id": .string(cause)]
        // A move that fails is said and may be asked for again; a timer comes again by itself.
        case .move, .timer, .admit, .trapped, .trappedEvent: return nil
        }
        return (try? JSONValue.parse(bytes))?.objectValue
    }
}

extension Engine {
    /// Lets an instance that has a plan again take what came meanwhile, in order and each at its own time.
    func takeAside(
        of instance: String, now: Int64, traveler: inout Traveler, profile: inout JSONObject, kept: KeptEvents,
        into output: inout EngineOutput
    ) {
        guard let place = traveler.place(of: instance), let header = traveler.slots[place].header,
            journeys.plan(journey: header.journey, version: header.version) != nil
        else { return }
        for item in traveler.takeAside(of: instance) {
            guard let replayed = try? ReplayStimulus(item, of: instance, person: traveler.person) else {
                output.counts[.unreadable] += 1
                continue
            }
            handle(
                replayed.stimulus, only: instance, at: replayed.at, now: now, traveler: &traveler, profile: &profile,
                kept: kept, into: &output)
        }
    }
}

extension Traveler {
    /// The instances that are inside a version.
    fileprivate func instances(of broken: JourneySet.Broken) -> [String] {
        slots.compactMap { slot in
            guard !slot.isOver, let header = slot.header, header.journey == broken.journey,
                header.version == broken.version
            else { return nil }
            return slot.id
        }
    }
}
