import Models

/// An evaluation context made of plain values.
package struct EvaluationValues: EvaluationContext, Sendable {
    package var now: Int64
    package var zone: Zone = .utc
    package var seed: UInt64 = 0
    package var profile: JSONObject = [:]
    package var experienceEvents: [JSONValue] = []
    /// The kept events of one definition, by its name.
    package var keptEvents: JSONObject = [:]
    package var events: JSONObject = [:]
    package var actions: JSONObject = [:]
    /// By the key of the request.
    package var lookups: [String: LookupState] = [:]
    /// Answers by source and group for requests of whatever parameters.
    package var sources: JSONObject = [:]
    package var journey: JSONObject = [:]
    package var audiences: Set<String> = []

    package init(now: Int64) {
        self.now = now
    }

    /// Of the `values` of `expressions.evaluate`: `event`, `profile`, `sources`, `actions`, `journey`, and beyond the
    /// example `audiences` (a list of names), `experienceEvents` (a list of payloads, newest first) and `keptEvents`
    /// (such lists by event).
    package init(values: JSONValue, now: Int64, zone: Zone = .utc) {
        self.now = now
        self.zone = zone
        events = values["event"]?.objectValue ?? [:]
        profile = values["profile"]?.objectValue ?? [:]
        sources = values["sources"]?.objectValue ?? [:]
        actions = values["actions"]?.objectValue ?? [:]
        journey = values["journey"]?.objectValue ?? [:]
        audiences = Set((values["audiences"]?.arrayValue ?? []).compactMap(\.stringValue))
        experienceEvents = values["experienceEvents"]?.arrayValue ?? []
        keptEvents = values["keptEvents"]?.objectValue ?? [:]
    }

    package func event(_ name: String) -> JSONValue? { events[name] }
    package func action(_ name: String) -> JSONValue? { actions[name] }
    package func isMember(of audience: String) -> Bool { audiences.contains(audience) }

    package func experienceEvents(of name: String?) -> [JSONValue] {
        name.map { keptEvents[$0]?.arrayValue ?? [] } ?? experienceEvents
    }

    package func lookup(_ key: String) -> LookupState {
        if let state = lookups[key] { return state }
        guard !sources.isEmpty, let request = try? JSONValue.parse(key), let source = request[0]?.stringValue,
            let group = request[1]?.stringValue, let answer = sources[source]?[group]
        else { return .missing }
        return .data(answer)
    }

    package func journeyAttribute(_ attribute: JourneyAttribute) -> Value {
        Value(json: journey[attribute.rawValue] ?? .null)
    }
}
