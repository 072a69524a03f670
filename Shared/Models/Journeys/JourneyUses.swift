/// What a journey names of the configuration, each list sorted and without repetition.
///
/// `{"events":["orderPlaced"],"sources":["loyalty"],"actions":["smsGateway"],"audiences":[],"journeys":[]}`
package struct JourneyUses: Sendable, Hashable {
    package var events: [String] = []
    /// External data sources; the profile is not named.
    package var sources: [String] = []
    package var actions: [String] = []
    package var audiences: [String] = []
    package var journeys: [String] = []

    package init() {}

    package init(json: JSONValue) {
        func names(_ key: String) -> [String] { (json[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        events = names("events")
        sources = names("sources")
        actions = names("actions")
        audiences = names("audiences")
        journeys = names("journeys")
    }

    package var json: JSONValue {
        [
            "events": JSONValue(events), "sources": JSONValue(sources), "actions": JSONValue(actions),
            "audiences": JSONValue(audiences), "journeys": JSONValue(journeys),
        ]
    }
}

extension JourneyDocument {
    /// What the journey names, in its nodes and in its expressions. A draft with mistakes tells as much as it can.
    package var uses: JourneyUses {
        var events: Set<String> = [], actions: Set<String> = [], audiences: Set<String> = [], journeys: Set<String> = []
        var references = ReferenceScan()
        for exit in properties.exit {
            switch exit {
            case .event(let event): events.insert(event)
            case .audience(let audience, _): audiences.insert(audience)
            }
        }
        if let goal = properties.goal { events.insert(goal.event) }
        for text in [properties.goal?.filter, properties.instanceKey] { references.read(text) }
        for node in nodes {
            switch node.body {
            case .event(let node): events.insert(node.event)
            case .businessEvent(let event): events.insert(event)
            case .audience(let audience, _): audiences.insert(audience)
            case .readAudience(let node): audiences.insert(node.audience)
            case .action(let node): actions.insert(node.action)
            case .jump(let journey, _): journeys.insert(journey)
            default: break
            }
            for text in node.expressions { references.read(text) }
        }
        func sorted(_ names: Set<String>) -> [String] { names.filter { !$0.isEmpty }.sorted() }
        var uses = JourneyUses()
        uses.events = sorted(events.union(references.events))
        uses.sources = sorted(references.sources.subtracting(["profile", "ExperiencePlatform"]))
        uses.actions = sorted(actions.union(references.actions))
        uses.audiences = sorted(audiences.union(references.audiences))
        uses.journeys = sorted(journeys)
        return uses
    }
}

extension JourneyDocument {
    /// The paths of the profile that the journey reads or writes, as far as names go. An empty path is all of it.
    package var profilePaths: Set<[String]> {
        var references = ReferenceScan()
        references.read(properties.goal?.filter)
        references.read(properties.instanceKey)
        if case .profile(let path, _) = properties.timezone { references.read("#{profile.\(path)}") }
        for node in nodes {
            for text in node.expressions { references.read(text) }
            if case .updateProfile(let field, _, _) = node.body { references.read("#{profile.\(field)}") }
        }
        return references.profilePaths
    }
}

extension JourneyNode {
    /// Every expression of the node.
    package var expressions: [String] {
        switch body {
        case .event(let node): [node.filter, node.match].compactMap(\.self)
        case .condition(let node):
            node.paths.compactMap { path in
                if case .when(let text) = path.test { text } else { nil }
            }
        case .wait(.until(let text)): [text]
        case .action(let node): node.parameters.map(\.expression)
        case .message(let node): node.parameters.map(\.expression)
        case .updateProfile(_, let value, _): [value]
        case .jump(_, let parameters): parameters.map(\.expression)
        default: []
        }
    }
}
