import Models

/// What an instance saw, as far as its plan reads it: the input of its record, by which it can be run again.
///
/// The stimulus as in the inbox, with `at`; beside it `profile`, `audiences`, what was `kept` while it was busy, the
/// journey's `state` and what `stood` in the way of jumps and updates, by node, or of another `version`, each where
/// there is any; there too who was a member after each update of the profile, as `audiences@1`. Of the person's kept
/// events only what expressions over them came to, in order, as `keptEvents`: the events themselves may be a thousand.
extension Turn {
    struct Before {
        let kept: [Instance.Kept]
        let profile: JSONObject
        var obstacles = JSONObject()
        /// How often the instance has updated the profile.
        var updates = 0
    }

    /// Remembers what the instance is about to see; the first time counts, as one stimulus may come to it twice.
    mutating func noteBefore(_ instance: borrowing Instance) {
        guard keepsInput(of: instance.plan), befores[instance.id] == nil else { return }
        befores[instance.id] = Before(kept: instance.kept, profile: context.profile)
    }

    /// Remembers what stood in the way of a jump or a move.
    mutating func note(obstacle: String, at place: String, of instance: borrowing Instance) {
        befores[instance.id]?.obstacles[place] = .string(obstacle)
    }

    /// Remembers who is a member now that the instance has updated the profile; where it is run again, goes by that.
    mutating func noteMemberships(of instance: borrowing Instance) {
        guard keepsInput(of: instance.plan), !instance.plan.audiences.isEmpty, var before = befores[instance.id]
        else { return }
        before.updates += 1
        let place = "audiences@\(before.updates)"
        let members: JSONValue
        if let surroundings {
            members = surroundings.obstacles[place] ?? .null
            context.memberships = members
        } else {
            members = memberships(instance.plan, context.profile)
        }
        before.obstacles[place] = members
        befores[instance.id] = before
    }

    private func memberships(_ plan: Plan, _ profile: JSONObject) -> JSONValue {
        .object(JSONObject(plan.audiences.map { ($0, .bool(engine.journeys.isMember($0, profile, at))) }))
    }

    func keepsInput(of plan: Plan) -> Bool { plan.keepsHistory || engine.run != nil }

    /// - Parameter entrance: what led into a new instance, and its key.
    func input(of id: String, _ plan: Plan, _ entrance: (Entrance, key: String)? = nil) -> JSONValue? {
        guard keepsInput(of: plan) else { return nil }
        let before = befores[id] ?? Before(kept: [], profile: context.profile)
        var input = JSONObject([("at", .integer(at))])
        input.merge(entrance.map { Self.element($0.0, $0.key, plan) } ?? element(plan))
        if !plan.profile.isEmpty, case .object(let read) = plan.profile.restricting(.object(before.profile)),
            !read.isEmpty
        {
            input["profile"] = .object(read)
        }
        if !plan.audiences.isEmpty {
            input["audiences"] = memberships(plan, before.profile)
        }
        if !before.kept.isEmpty { input["kept"] = .array(before.kept.map(\.json)) }
        if let state = engine.journeys.member(journey: plan.journey, version: plan.version)?.state.recorded {
            input["state"] = .string(state)
        }
        if !before.obstacles.isEmpty { input["stood"] = .object(before.obstacles) }
        if let answers = context.keptAnswers[id] { input["keptEvents"] = .array(answers) }
        return .object(input)
    }

    private static func element(_ entrance: Entrance, _ key: String, _ plan: Plan) -> JSONObject {
        var element = JSONObject([("kind", "entry")])
        if !key.isEmpty { element["key"] = .string(key) }
        if entrance.chain > 0 { element["chain"] = .integer(entrance.chain) }
        if let (name, payload) = entrance.event { element["payload"] = plan.recorded([name], payload) }
        return element
    }

    private func element(_ plan: Plan) -> JSONObject {
        switch stimulus {
        case .event(let event), .trappedEvent(let event):
            let names = event.events.filter { plan.eventNames.contains($0) }
            let restricted = PersonEvent(
                id: event.id, person: event.person, events: names, payload: plan.recorded(names, event.payload))
            return Self.object(restricted.element)
        case .outcome(let outcome): return Self.object(outcome.element)
        case .audience(let move): return Self.object(move.element)
        case .reaction(let reaction): return Self.object(reaction.element)
        case .timer(_, let due): return ["kind": "timer", "due": .integer(due)]
        case .admit(let admission): return ["kind": "admit", "id": .string(admission.run)]
        case .end(_, let cause), .trapped(_, let cause): return ["kind": "end", "id": .string(cause)]
        case .release(_, let cause): return ["kind": "release", "id": .string(cause)]
        case .move(_, let version, let cause):
            return ["kind": "move", "id": .string(cause), "to": .integer(version)]
        }
    }

    /// An element that Sojourn wrote itself.
    private static func object(_ bytes: [UInt8]) -> JSONObject {
        (try? JSONValue.parse(bytes))?.objectValue ?? JSONObject()
    }
}

extension Plan {
    /// Of an event what the plan reads: for the nodes that come, its filters, its key and its goal.
    func recorded(_ names: [String], _ payload: JSONValue) -> JSONValue {
        if names.count > 1 { return payload }
        return names.first.flatMap { buffered[$0]?.restricting(payload) } ?? .object(JSONObject())
    }
}

extension JourneySet.State {
    /// How a record names it; nil where people inside go on as usual.
    var recorded: String? {
        switch self {
        case .live, .closed, .finished: nil
        case .stopped: "stopped"
        case .paused(let onAction): onAction.rawValue
        }
    }

    init(recorded: String?) {
        switch recorded {
        case nil: self = .live
        case "stopped"?: self = .stopped
        case let onAction?: self = .paused(onAction: OnAction(rawValue: onAction) ?? .hold)
        }
    }
}
