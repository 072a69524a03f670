import Expressions
import Models

/// Compiling audiences and reactions, and the entries that are no event of a person.
extension PlanCompiler {
    mutating func compiled(_ audience: String, _ change: String, _ place: Int) -> AudienceStep {
        let step = audienceStep(audience, change, node: place, field: "/audience")
        if place == 0 { parts.entry = .audience(step.audience, change: step.change) }
        return step
    }

    mutating func audienceStep(_ audience: String, _ change: String, node: Int?, field: String) -> AudienceStep {
        checkAudience(audience, node: node, field: field)
        return AudienceStep(audience: audience, change: AudienceChange(rawValue: change) ?? .any)
    }

    private mutating func checkAudience(_ audience: String, node: Int?, field: String) {
        guard !audience.isEmpty, !catalogue.audiences.contains(audience) else { return }
        report(
            .unknownAudience, node: node, field: field, "There is no audience \(quoted(audience)).",
            "Create the audience, or choose one that there is.")
    }

    mutating func compiled(_ step: JourneyNode.Reaction, _ node: JourneyNode, _ place: Int) -> PlanStep {
        checkTimeout(step.timeoutMilliseconds, step.onTimeout, place)
        let kind = Reaction.Kind(rawValue: step.reaction)
        if kind == nil, !step.reaction.isEmpty {
            report(
                .malformed, node: place, field: "/reaction", "There is no reaction \(quoted(step.reaction)).",
                "Use one of \(Reaction.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        var target: Int?
        if let to = indexes[step.to], case .message = document.nodes[to].body { target = to }
        if target == nil, !step.to.isEmpty {
            report(
                .reactionTarget, node: place, field: "/to", "\(quoted(step.to)) is not the id of a message's node.",
                "Name an email, sms or push node.")
        } else if !step.to.isEmpty, !hasHappened(message: step.to, before: place) {
            report(
                .reactionTarget, node: place, field: "/to",
                "No way leads through \(quoted(step.to)) to this node, so there is nothing to react to.",
                "Put the node behind the message.")
        }
        guard let target, let kind else { return .end }
        return .reaction(
            ReactionStep(
                to: target, reaction: kind, timeoutMilliseconds: step.timeoutMilliseconds,
                onTimeout: targets(step.onTimeout ?? node.way),
                timeoutPath: step.onTimeout == nil ? "next" : "onTimeout"))
    }

    mutating func compileBusinessEvent(_ name: String, _ node: JourneyNode, _ place: Int) {
        if let event = catalogue.events[name] {
            if !event.isBusiness {
                report(
                    .notBusinessEvent, node: place, field: "/event", "The event \(quoted(name)) is one of a person.",
                    "Choose a business event, or use a node of type event.")
            }
        } else if !name.isEmpty {
            report(
                .unknownEvent, node: place, field: "/event", "There is no event \(quoted(name)).",
                "Create the event, or choose one that there is.")
        }
        checkIsEntry(place)
        let next = node.way.next.count == 1 ? indexes[node.way.next[0]] : nil
        if let next, case .readAudience = document.nodes[next].body { return }
        report(
            .businessEventNext, node: place, field: "/next",
            "A business event concerns no person, so an audience must be read next.",
            "Lead to one node of type readAudience.")
    }

    mutating func compile(_ step: JourneyNode.ReadAudience, _ place: Int) {
        checkAudience(step.audience, node: place, field: "/audience")
        var schedule = PlanEntry.ReadAudience.Schedule.now
        let isStarted = startsByBusinessEvent && document.nodes[0].way.next == [document.nodes[place].id]
        if isStarted {
            if step.schedule != .now {
                report(
                    .malformed, node: place, field: "/schedule", "The business event says when the audience is read.",
                    "Remove the schedule.")
            }
            if case .businessEvent(let event) = document.nodes[0].body { schedule = .event(event) }
        } else {
            schedule = compiled(step.schedule, place)
        }
        checkIsEntry(place)
        guard place == 0 || isStarted else { return }
        let zone = parts.zone.orFallback
        parts.entry = .readAudience(
            .init(
                audience: step.audience, schedule: schedule, zone: zone, ratePerSecond: step.rate,
                isIncremental: step.incremental, forcesReentrance: step.forceReentrance))
    }

    private mutating func compiled(
        _ schedule: JourneyNode.ReadAudience.Schedule, _ place: Int
    ) -> PlanEntry.ReadAudience.Schedule {
        switch schedule {
        case .now: return .now
        case .at(let text):
            guard let time = time(text, node: place, field: "/schedule/at") else { return .now }
            return .at(time.instant(in: parts.zone.orFallback))
        case .cron(let text):
            do { return .cron(try CronExpression(text)) } catch {
                report(
                    .invalidSchedule, node: place, field: "/schedule/cron",
                    "\(quoted(text)) is no schedule: \(error.message).",
                    "Write minute, hour, day, month and weekday, such as 0 9 * * mon.")
                return .now
            }
        }
    }

    var startsByBusinessEvent: Bool {
        if case .businessEvent? = document.nodes.first?.body { true } else { false }
    }

    /// A business event, and an audience that is read, stand at the beginning and nowhere else.
    private mutating func checkIsEntry(_ place: Int) {
        var isThere = place == 0
        if case .readAudience = document.nodes[place].body, startsByBusinessEvent,
            document.nodes[0].way.next == [document.nodes[place].id]
        {
            isThere = true
        }
        var leading = predecessors[place]
        if isThere, place != 0 { leading -= 1 }
        if isThere, leading == 0 { return }
        report(
            .entryOnly, node: place,
            "A node of type \(quoted(document.nodes[place].type)) begins a journey, and no way may lead to it.",
            "Put it first, or use an event or an audience change here.")
    }
}

extension JourneyNode {
    /// The types that there are.
    static let types = [
        "event", "businessEvent", "audience", "readAudience", "reaction", "condition", "wait", "action", "email", "sms",
        "push", "updateProfile", "jump", "end",
    ]
}
