import Models

extension Catalogue {
    /// What the definitions say of a thing that an expression names: `["event", name, field…]`, `["profile", field…]`,
    /// `["source", name]`, `["action", name]`; nil where they say nothing.
    package func note(_ path: [String]) -> String? {
        let rest = path.dropFirst(2)
        switch path.first {
        case "event":
            guard path.count > 1, let event = events[path[1]] else { return nil }
            if rest.isEmpty { return event.description }
            return schemas[event.schema].flatMap { SchemaNotes.description(at: rest, in: $0.schema) }
        case "profile":
            let profiles = schemas.values.filter { $0.subject == .profile }.sorted { $0.name < $1.name }
            return profiles.lazy.compactMap { SchemaNotes.description(at: path.dropFirst(), in: $0.schema) }.first
        case "source": return path.count == 2 ? sourceDescriptions[path[1]] : nil
        case "action": return path.count == 2 ? actions[path[1]]?.description : nil
        default: return nil
        }
    }
}

/// Finds what a schema document says of a field.
private struct SchemaNotes {
    /// Subschemas looked at; schemas that refer to each other have no end.
    private static let visitsMax = 500

    private let root: JSONValue
    private var visits = 0

    static func description(at path: ArraySlice<String>, in schema: JSONValue) -> String? {
        var notes = SchemaNotes(root: schema)
        return notes.description(at: path, in: schema)
    }

    private init(root: JSONValue) {
        self.root = root
    }

    private mutating func description(at path: ArraySlice<String>, in schema: JSONValue) -> String? {
        visits += 1
        guard visits <= Self.visitsMax else { return nil }
        if let name = path.first {
            if let part = schema["properties"]?[name], let found = description(at: path.dropFirst(), in: part) {
                return found
            }
            if let items = schema["items"], let found = description(at: path, in: items) { return found }
        } else if let text = schema["description"]?.stringValue ?? schema["title"]?.stringValue {
            return text
        }
        var parts = ["allOf", "anyOf", "oneOf"].flatMap { schema[$0]?.arrayValue ?? [] }
        if let reference = schema["$ref"]?.stringValue, let target = target(of: reference) { parts.append(target) }
        for part in parts {
            if let found = description(at: path, in: part) { return found }
        }
        return nil
    }

    /// Of `#` and `#/$defs/name`, with the escapes of JSON Pointer.
    private func target(of reference: String) -> JSONValue? {
        if reference == "#" { return root }
        guard reference.hasPrefix("#/") else { return nil }
        var target: JSONValue? = root
        for part in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            target = target?[String(part.replacing("~1", with: "/").replacing("~0", with: "~"))]
        }
        return target
    }
}
