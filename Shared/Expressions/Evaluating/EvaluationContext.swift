import Models

/// The facts that an evaluation may read. It is asked only for what the expression reaches.
package protocol EvaluationContext {
    /// Milliseconds since 1970-01-01T00:00Z.
    var now: Int64 { get }
    /// The zone of `now()`.
    var zone: Zone { get }
    /// What `random()` and `uuid()` are drawn from: the same seed gives the same draws.
    var seed: UInt64 { get }
    /// Empty for a person without one.
    var profile: JSONObject { get }
    /// The person's kept events, newest first; of one event definition, where a name is given.
    func experienceEvents(of name: String?) -> [JSONValue]
    /// The fields kept of an event; nil where it has not occurred, which makes all its fields null.
    func event(_ name: String) -> JSONValue?
    /// The latest response of an action; nil where there is none, which makes all its fields null.
    func action(_ name: String) -> JSONValue?
    /// The answer to a ``LookupRequest`` with this key.
    func lookup(_ key: String) -> LookupState
    func journeyAttribute(_ attribute: JourneyAttribute) -> Value
    func isMember(of audience: String) -> Bool
}

extension EvaluationContext {
    package var zone: Zone { .utc }
    package var seed: UInt64 { 0 }
    package func experienceEvents(of name: String?) -> [JSONValue] { [] }
    package func event(_ name: String) -> JSONValue? { nil }
    package func action(_ name: String) -> JSONValue? { nil }
    package func lookup(_ key: String) -> LookupState { .missing }
    package func journeyAttribute(_ attribute: JourneyAttribute) -> Value { .null }
    package func isMember(of audience: String) -> Bool { false }
}

/// What is known of an external source's answer.
package enum LookupState: Sendable {
    /// Not asked for yet.
    case missing
    case data(JSONValue)
    /// It was asked for in vain: an expression that needs it fails.
    case failed
}

/// A question to an external source, which an evaluation needs answered.
package struct LookupRequest: Sendable, Hashable {
    package let source: String
    package let group: String
    /// In the order of the group's definition.
    package let parameters: JSONObject
    /// The same for the same source, group and parameters, in whatever order they were given.
    package let key: String

    package init(source: String, group: String, parameters: JSONObject) {
        self.source = source
        self.group = group
        self.parameters = parameters
        key = LookupRequest.key(source: source, group: group, parameters: parameters)
    }

    /// A JSON array of source, group and the parameters in alphabetical order.
    private static func key(source: String, group: String, parameters: JSONObject) -> String {
        let sorted = parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        return JSONValue.array([.string(source), .string(group), .object(JSONObject(sorted))]).text
    }
}
