import Models

extension Instance.Kept {
    /// As it stands in an instance's state.
    var json: JSONValue {
        guard changes != 0, case .object(var object) = offer.json(id: id, at: at) else {
            return offer.json(id: id, at: at)
        }
        object["chain"] = .integer(changes)
        return .object(object)
    }
}

/// What an instance that listens may take.
enum Offer: Sendable, Hashable {
    case event([String], JSONValue)
    case audience(String, AudienceChange)
    /// With the id of the message's request.
    case reaction(String, Reaction.Kind)

    /// What a person calls it, in step events.
    var name: String {
        switch self {
        case .event: "event"
        case .audience: "audience change"
        case .reaction: "reaction"
        }
    }

    var weight: Int {
        switch self {
        case .event(_, let payload): payload.weight
        case .audience, .reaction: 64
        }
    }

    /// As it is kept in an instance's state, with its id and time.
    func json(id: String, at: Int64) -> JSONValue {
        switch self {
        case .event(let names, let payload):
            ["id": .string(id), "at": .integer(at), "events": JSONValue(names), "payload": payload]
        case .audience(let audience, let change):
            [
                "id": .string(id), "at": .integer(at), "audience": .string(audience),
                "change": .string(change.rawValue),
            ]
        case .reaction(let request, let reaction):
            [
                "id": .string(id), "at": .integer(at), "request": .string(request),
                "reaction": .string(reaction.rawValue),
            ]
        }
    }

    init(json: JSONValue) throws(MalformedElement) {
        if let payload = json["payload"] {
            self = .event((json["events"]?.arrayValue ?? []).compactMap(\.stringValue), payload)
        } else if let audience = json["audience"]?.stringValue,
            let change = json["change"]?.stringValue.flatMap(AudienceChange.init)
        {
            self = .audience(audience, change)
        } else if let request = json["request"]?.stringValue,
            let reaction = json["reaction"]?.stringValue.flatMap(Reaction.Kind.init)
        {
            self = .reaction(request, reaction)
        } else {
            throw MalformedElement("something kept is not complete")
        }
    }
}
