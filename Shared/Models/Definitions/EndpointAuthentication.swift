/// How Sojourn shows who it is to a third party. Secrets are sealed before they are stored.
package enum EndpointAuthentication: Sendable, Hashable {
    case none
    /// RFC 7617.
    case basic(user: String, password: Secret)
    case apiKey(name: String, value: Secret, inQuery: Bool)
    /// A token that an endpoint gives.
    case custom(CustomAuthentication)

    /// Reads `{"type":"none"}`, `{"type":"basic","user":…,"password":…}`,
    /// `{"type":"apiKey","name":…,"value":…,"in":"header" or "query"}` or the form of
    /// ``CustomAuthentication``; absent means none.
    package init(_ reader: inout ObjectReader, key: String = "authentication") {
        self = .none
        guard let object = reader.object(key) else { return }
        var part = ObjectReader(object, path: reader.pointer(key))
        let type = part.string("type") ?? "none"
        switch type {
        case "none": break
        case "basic":
            self = .basic(user: part.requiredString("user"), password: Secret(&part, "password"))
        case "apiKey":
            let place = part.string("in") ?? "header"
            if place != "header", place != "query" { part.report("in", "must be header or query") }
            self = .apiKey(
                name: part.requiredString("name"), value: Secret(&part, "value"), inQuery: place == "query")
        case "custom", "customAuthorization": self = .custom(CustomAuthentication(&part))
        default: part.report("type", "must be one of none, basic, apiKey, custom")
        }
        part.refuseUnknown()
        reader.report(part.problems)
    }
}

/// A secret of a definition: as the user gave it, or sealed, as the store keeps it.
package enum Secret: Sendable, Hashable {
    case plain(String)
    /// AES-GCM, base64, with the id of its key: see `SealedSecrets` in ServiceKit.
    case sealed(String)

    /// What stands for a secret in every answer.
    package static let mask = "••••••"

    init(_ reader: inout ObjectReader, _ key: String) {
        self = .plain("")
        guard let value = reader.value(key) else {
            reader.report(key, "is required")
            return
        }
        if let text = value.stringValue {
            self = .plain(text)
        } else if let sealed = value["sealed"]?.stringValue {
            self = .sealed(sealed)
        } else {
            reader.report(key, "must be a string")
        }
    }
}
