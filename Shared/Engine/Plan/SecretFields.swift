import Expressions
import Models

/// Fields that schemas mark as `writeOnly`: they are taken, used, and shown to nobody.
struct SecretFields: Sendable, Hashable {
    /// What stands in the place of a secret.
    static let mask = JSONValue.string("•••")

    private var profile: [[String]] = []
    private var events: [String: [[String]]] = [:]

    var isEmpty: Bool { profile.isEmpty && events.isEmpty }

    init(schemas: [String: SchemaDefinition], events definitions: some Sequence<EventDefinition>) {
        for schema in schemas.values where schema.subject == .profile { profile += SecretScan.paths(in: schema.schema) }
        for event in definitions {
            guard let schema = schemas[event.schema] else { continue }
            let paths = SecretScan.paths(in: schema.schema)
            if !paths.isEmpty { events[event.name] = paths }
        }
    }

    /// Whether a secret lies at, below or above the value.
    func hides(_ read: PlanRead) -> Bool {
        func hides(_ secrets: [[String]], _ path: [String]) -> Bool {
            secrets.contains { $0.starts(with: path) || path.starts(with: $0) }
        }
        return switch read.source {
        case .event(let event, let path): hides(events[event] ?? [], path)
        case .profile(let path): hides(profile, path)
        case .lookup, .action, .audience, .attribute: false
        }
    }
}

/// Finds the parts of a schema that are marked, along all ways by which a value can come under a part.
///
/// What a way cannot be followed by is hidden as a whole, so that no secret is shown for want of reading.
private struct SecretScan {
    private let root: JSONValue
    private var visits = 0

    /// Nested deeper than this, and with more parts than this, a schema with a mark is hidden as a whole.
    private static let depthMax = 24
    private static let visitsMax = 2_000

    /// Keywords whose schemas are for the value itself or for its items, which have no name in a path.
    private static let samePlace = [
        "items", "contains", "unevaluatedItems", "if", "then", "else", "allOf", "anyOf", "oneOf", "prefixItems",
    ]
    /// Keywords whose schemas are for members whose names they do not give.
    private static let unnamed = [
        "additionalProperties", "patternProperties", "unevaluatedProperties", "dependentSchemas",
    ]

    /// The paths of the marked parts; an empty path is the value as a whole.
    static func paths(in schema: JSONValue) -> [[String]] {
        guard isMarked(schema, depth: 0) else { return [] }
        var scan = SecretScan(root: schema)
        return Array(Set(scan.paths(in: schema, depth: 0)))
    }

    private init(root: JSONValue) { self.root = root }

    private mutating func paths(in schema: JSONValue, depth: Int) -> [[String]] {
        guard case .object(let object) = schema else { return [] }
        visits += 1
        if object["writeOnly"] == true || depth >= Self.depthMax || visits > Self.visitsMax { return [[]] }
        var paths: [[String]] = []
        for (name, part) in object["properties"]?.objectValue ?? [:] {
            paths += self.paths(in: part, depth: depth + 1).map { [name] + $0 }
        }
        for keyword in Self.samePlace {
            guard let part = object[keyword] else { continue }
            for part in part.arrayValue ?? [part] { paths += self.paths(in: part, depth: depth + 1) }
        }
        for keyword in Self.unnamed where object[keyword].map({ Self.isMarked($0, depth: depth) }) ?? false {
            paths.append([])
        }
        for keyword in ["$ref", "$dynamicRef"] {
            guard let reference = object[keyword]?.stringValue else { continue }
            guard let target = SchemaReference.target(of: reference, in: root) else { return [[]] }
            paths += self.paths(in: target, depth: depth + 1)
        }
        return paths
    }

    /// Whether a mark stands anywhere in the text of the schema.
    private static func isMarked(_ value: JSONValue, depth: Int) -> Bool {
        // What is nested deeper cannot be stored.
        guard depth < 512 else { return true }
        switch value {
        case .object(let object):
            return object["writeOnly"] == true || object.contains { isMarked($0.value, depth: depth + 1) }
        case .array(let items): return items.contains { isMarked($0, depth: depth + 1) }
        default: return false
        }
    }
}
