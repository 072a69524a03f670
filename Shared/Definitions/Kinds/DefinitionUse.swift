import Models

/// A definition that uses another: why that one cannot be deleted, or not changed freely.
package struct DefinitionUse: Sendable, Hashable {
    /// Of what uses it: `journeys`, `events`, ….
    package let kind: String
    package let name: String
    /// Of a journey.
    package let version: Int64?
    /// Of a journey: draft, live or closed.
    package let state: String?

    package init(kind: String, name: String, version: Int64? = nil, state: String? = nil) {
        self.kind = kind
        self.name = name
        self.version = version
        self.state = state
    }

    /// `{"kind":"journeys","name":"welcome","version":2,"state":"live"}`
    package var json: JSONValue {
        var object: JSONObject = ["kind": .string(kind), "name": .string(name)]
        if let version { object["version"] = .integer(version) }
        if let state { object["state"] = .string(state) }
        return .object(object)
    }

    /// What the sentence of a refusal says of it.
    var phrase: String {
        guard let state else { return "\(kind) \(name)" }
        return version.map { "\(kind) \(name) version \($0) (\(state))" } ?? "\(kind) \(name) (\(state))"
    }
}

extension DefinitionUse {
    /// The member of a journey's `uses` for a kind; nil for a kind that journeys do not use by name.
    static func member(for kind: DefinitionKind) -> String? {
        switch kind.name {
        case "events": "events"
        case "dataSources": "sources"
        case "actions": "actions"
        case "audiences": "audiences"
        case "journeys": "journeys"
        default: nil
        }
    }

    /// The draft and the versions of a journey's record that use a definition and may still read it: those that
    /// ended do not count.
    package static func uses(in record: StoredDefinition, of kind: DefinitionKind, _ name: String) -> [DefinitionUse] {
        guard let member = member(for: kind) else { return [] }
        return uses(in: record) { _, uses in uses?[member]?.arrayValue?.contains(.string(name)) ?? false }
    }

    /// The draft and the versions of a journey's record that did not end and of which this holds: their document, and
    /// what they use by name.
    package static func uses(
        in record: StoredDefinition, where holds: (_ document: JSONObject, _ uses: JSONValue?) -> Bool
    ) -> [DefinitionUse] {
        var found: [DefinitionUse] = []
        if let draft = record.document["draft"]?.objectValue, holds(draft, record.document["uses"]) {
            found.append(DefinitionUse(kind: "journeys", name: record.name, state: "draft"))
        }
        for version in record.document["versions"]?.arrayValue ?? [] {
            guard let state = version["state"]?.stringValue, ["live", "closed", "paused"].contains(state),
                holds(version["document"]?.objectValue ?? [:], version["uses"])
            else { continue }
            found.append(
                DefinitionUse(
                    kind: "journeys", name: record.name, version: version["version"]?.integerValue, state: state))
        }
        return found
    }
}
