/// What holds for a journey as a whole. Durations are in milliseconds; times are kept as their text, since a local one
/// is read in the journey's zone.
package struct JourneyProperties: Sendable, Hashable {
    /// Whose clocks the journey goes by.
    package enum Timezone: Sendable, Hashable {
        case fixed(String)
        /// `{"profile": "timeZone", "fallback": "UTC"}`: the zone named at this path of the profile, or else the other.
        case profile(path: String, fallback: String)
    }

    /// Whether, and how long after the last entry, a person may enter again.
    package struct Reentrance: Sendable, Hashable {
        package var isAllowed = true
        package var afterMilliseconds: Int64 = 300_000

        package init() {}
    }

    /// What makes a person leave, wherever they are.
    package enum Exit: Sendable, Hashable {
        case event(String)
        case audience(String, change: String)
    }

    /// An event that counts as conversion.
    package struct Goal: Sendable, Hashable {
        package let event: String
        package let filter: String?
        package let withinMilliseconds: Int64?
    }

    /// Ten years: what a duration of a journey may be at most.
    package static let durationMillisecondsMax: Int64 = 3_650 * 86_400_000
    /// What the histories of instances hold.
    package enum History: String, Sendable, CaseIterable {
        /// What happened, and all that is needed to run the instance again.
        case full
        /// What happened.
        case short
    }

    package static let globalTimeoutDefault: Int64 = 91 * 86_400_000

    package let timezone: Timezone
    package let reentrance: Reentrance
    package let startAt: String?
    package let endAt: String?
    /// For an action or a look-up, 1 to 30 s.
    package let timeoutMilliseconds: Int64
    /// From entry.
    package let globalTimeoutMilliseconds: Int64
    package let exit: [Exit]
    package let goal: Goal?
    /// An expression over the entry event: one place at a time per person and key, where it is given.
    package let instanceKey: String?
    package let history: History

    init(_ reader: inout ObjectReader) {
        timezone = Timezone(&reader)
        var reentrance = Reentrance()
        if let object = reader.object("reentrance") {
            var part = ObjectReader(object, path: reader.pointer("reentrance"))
            reentrance.isAllowed = part.bool("allowed") ?? true
            reentrance.afterMilliseconds =
                part.duration("after", in: 0...Self.durationMillisecondsMax) ?? reentrance.afterMilliseconds
            part.refuseUnknown()
            reader.report(part.problems)
        }
        self.reentrance = reentrance
        startAt = reader.string("startAt")
        endAt = reader.string("endAt")
        timeoutMilliseconds = reader.duration("timeout", in: 1_000...30_000) ?? 5_000
        globalTimeoutMilliseconds =
            reader.duration("globalTimeout", in: 1...Self.durationMillisecondsMax) ?? Self.globalTimeoutDefault
        exit = Self.exit(&reader)
        goal = Self.goal(&reader)
        instanceKey = reader.string("instanceKey", lengthMax: 16_384)
        history = reader.choice("history", History.self) ?? .short
        reader.refuseUnknown()
    }

    private static func exit(_ reader: inout ObjectReader) -> [Exit] {
        var exit: [Exit] = []
        for (place, item) in (reader.array("exit", countMax: 100) ?? []).enumerated() {
            var part = ObjectReader(item, path: reader.pointer("exit") + "/\(place)")
            if let event = part.string("event") {
                exit.append(.event(event))
            } else if let audience = part.string("audience") {
                exit.append(.audience(audience, change: part.choice("change", AudienceChange.self)?.rawValue ?? "any"))
            } else if part.problems.isEmpty {
                part.report("event", "or audience is required")
            }
            part.refuseUnknown()
            reader.report(part.problems)
        }
        return exit
    }

    private static func goal(_ reader: inout ObjectReader) -> Goal? {
        guard let object = reader.object("goal") else { return nil }
        var part = ObjectReader(object, path: reader.pointer("goal"))
        let goal = Goal(
            event: part.requiredString("event"), filter: part.string("filter", lengthMax: 16_384),
            withinMilliseconds: part.duration("within", in: 1...durationMillisecondsMax))
        part.refuseUnknown()
        reader.report(part.problems)
        return goal
    }
}

/// How a person's membership of an audience changed.
package enum AudienceChange: String, Sendable, CaseIterable {
    case entered, exited, any
}

extension JourneyProperties.Timezone {
    init(_ reader: inout ObjectReader) {
        switch reader.value("timezone") {
        case nil: self = .fixed("UTC")
        case .string(let name)?: self = .fixed(name)
        case .object(let object)?:
            var part = ObjectReader(object, path: reader.pointer("timezone"))
            self = .profile(path: part.string("profile") ?? "timeZone", fallback: part.string("fallback") ?? "UTC")
            part.refuseUnknown()
            reader.report(part.problems)
        case let other?:
            self = .fixed("UTC")
            reader.report("timezone", "expected a zone's name or {profile, fallback}, found \(other.typeName)")
        }
    }
}
