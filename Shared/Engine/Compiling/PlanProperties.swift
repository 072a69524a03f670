import Expressions
import Models

/// Compiling what holds for the journey as a whole.
extension PlanCompiler {
    mutating func compileProperties() {
        let properties = document.properties
        parts.reentrance = properties.reentrance
        parts.timeoutMilliseconds = properties.timeoutMilliseconds
        parts.globalTimeoutMilliseconds = properties.globalTimeoutMilliseconds
        parts.zone = compiledZone()
        compileWindow()
        parts.keepsHistory = properties.history == .full
        for (place, exit) in properties.exit.enumerated() { compile(exit, place) }
        if let goal = properties.goal { compile(goal) }
        if let key = properties.instanceKey { compileKey(key) }
    }

    private mutating func compileKey(_ key: String) {
        let field = "/properties/instanceKey"
        switch document.nodes.first?.body {
        case .event(let entry)?:
            parts.instanceKey = expression(
                key, node: nil, field: field, Use(expects: nil, ownEvent: entry.event, mayLookUp: false))
        case .businessEvent(let event)?:
            parts.instanceKey = expression(
                key, node: nil, field: field, Use(expects: nil, ownEvent: event, mayLookUp: false))
        case .audience?, .readAudience?:
            report(
                .keyWithoutEvent, field: field,
                "People do not enter by an event, so there is nothing to take a key of.",
                "Remove the instance key, or begin with an event.")
        default: break
        }
    }

    private mutating func compile(_ goal: JourneyProperties.Goal) {
        guard isPersonsEvent(goal.event, node: nil, field: "/properties/goal/event") else { return }
        let use = Use(expects: .boolean, ownEvent: goal.event, mayLookUp: false)
        let filter = goal.filter.flatMap { expression($0, node: nil, field: "/properties/goal/filter", use) }
        parts.goal = PlanGoal(
            event: goal.event, filter: filter.map(PlanExpression.init),
            withinMilliseconds: goal.withinMilliseconds ?? document.properties.globalTimeoutMilliseconds)
    }

    private mutating func compiledZone() -> PlanZone {
        switch document.properties.timezone {
        case .fixed(let name): return .fixed(zone(named: name, field: "/properties/timezone"))
        case .profile(let path, let fallback):
            let zone = zone(named: fallback, field: "/properties/timezone/fallback")
            parts.readsProfile = true
            parts.readsProfileAnywhere = true
            guard let path = Shape.path(path) else {
                report(
                    .malformed, field: "/properties/timezone/profile", "\(quoted(path)) is not a path of the profile.",
                    "Write a path such as timeZone.")
                return .fixed(zone)
            }
            parts.profilePaths.insert(path)
            reads.profile.insert(path)
            return .profile(path: path, fallback: zone)
        }
    }

    private mutating func zone(named name: String, field: String) -> Zone {
        if let zone = Zone(identifier: name) { return zone }
        report(
            .unknownTimezone, field: field, "There is no time zone \(quoted(name)).",
            "Use UTC or a name such as Europe/Paris.")
        return .utc
    }

    private mutating func compileWindow() {
        let properties = document.properties
        let zone = parts.zone.orFallback
        parts.startAt = time(properties.startAt, node: nil, field: "/properties/startAt")?.instant(in: zone)
        parts.endAt = time(properties.endAt, node: nil, field: "/properties/endAt")?.instant(in: zone)
        if let start = parts.startAt, let end = parts.endAt, start >= end {
            report(
                .emptyWindow, field: "/properties/endAt", "The journey ends before it starts.",
                "Let endAt be later than startAt.")
        }
    }

    private mutating func compile(_ exit: JourneyProperties.Exit, _ place: Int) {
        let field = "/properties/exit/\(place)"
        switch exit {
        case .audience(let audience, let change):
            parts.exitAudiences.append(audienceStep(audience, change, node: nil, field: field + "/audience"))
        case .event(let event):
            if isPersonsEvent(event, node: nil, field: field + "/event") {
                parts.exitEvents.insert(event)
                parts.eventNames.insert(event)
            }
        }
    }

    /// A date, a local time or an instant; nil where absent, or malformed with a finding.
    mutating func time(_ text: String?, node: Int?, field: String) -> PlanTime? {
        guard let text else { return nil }
        if let dateTime = ISO8601.parseDateTime(text) { return .instant(dateTime.instant) }
        if let local = ISO8601.parseLocalDateTime(text) { return .local(local) }
        report(
            .invalidDate, node: node, field: field, "\(quoted(text)) is not a date or time.",
            "Write 2026-01-31, 2026-01-31T09:00:00 or 2026-01-31T09:00:00Z.")
        return nil
    }

    /// Whether there is such an event, about a person of the journey's namespace.
    mutating func isPersonsEvent(_ name: String, node: Int?, field: String) -> Bool {
        if name.isEmpty { return false }
        guard let event = catalogue.events[name] else {
            report(
                .unknownEvent, node: node, field: field, "There is no event \(quoted(name)).",
                "Create the event, or choose one that there is.")
            return false
        }
        if event.isBusiness {
            report(
                .businessEvent, node: node, field: field, "The event \(quoted(name)) concerns no person.",
                "Choose an event of a person.")
            return false
        }
        guard let own = ownNamespace, own != event.namespace else { return true }
        report(
            .namespaceMismatch, node: node, field: field,
            "The event \(quoted(name)) knows people by \(quoted(event.namespace)), the journey by \(quoted(own)).",
            "Use events of one namespace in a journey.")
        return false
    }

    /// The namespace of the first event: who enters by an audience is known by it too.
    var ownNamespace: String? {
        for node in document.nodes {
            guard case .event(let step) = node.body, let event = catalogue.events[step.event],
                !event.isBusiness
            else { continue }
            return event.namespace
        }
        return nil
    }
}
