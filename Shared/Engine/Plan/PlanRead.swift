import Expressions
import Models

/// A value that an expression reads, for step events to show.
struct PlanRead: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case event(String, [String])
        case profile([String])
        /// The beginning of the keys of its look-ups, and the path in the answer.
        case lookup(String, [String])
        case action(String, [String])
        case audience(String)
        case attribute(JourneyAttribute)
    }

    /// What stands in braces in the expression: `orderPlaced.order.total`, `profile.tier`, `loyalty.account.points`.
    let path: String
    let source: Source

    private init(_ parts: [String], _ source: Source) {
        path = parts.joined(separator: ".")
        self.source = source
    }

    /// What an expression reads, in the order of its text as far as it is of one kind.
    static func all(of references: References) -> [PlanRead] {
        references.eventFields.map { PlanRead([$0.event] + $0.path, .event($0.event, $0.path)) }
            + references.profilePaths.map { PlanRead(["profile"] + $0, .profile($0)) }
            + references.lookups.map {
                PlanRead(
                    [$0.source, $0.group] + $0.path,
                    .lookup(LookupKey.beginning(of: $0.source, $0.group), $0.path))
            }
            + references.actions.map { PlanRead([$0.action] + $0.path, .action($0.action, $0.path)) }
            + references.audiences.map { PlanRead(["inAudience(\($0))"], .audience($0)) }
            + references.journeyAttributes.map { PlanRead(["journey", $0.rawValue], .attribute($0)) }
    }
}

/// Fields that schemas mark as `writeOnly`: they are taken, used, and shown to nobody.
struct SecretFields: Sendable, Hashable {
    /// What stands in the place of a secret.
    static let mask = JSONValue.string("•••")

    private var profile: [[String]] = []
    private var events: [String: [[String]]] = [:]

    var isEmpty: Bool { profile.isEmpty && events.isEmpty }

    init(schemas: [String: SchemaDefinition], events definitions: some Sequence<EventDefinition>) {
        for schema in schemas.values where schema.subject == .profile { profile += Self.marked(schema.schema) }
        for event in definitions {
            guard let schema = schemas[event.schema] else { continue }
            let paths = Self.marked(schema.schema)
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

    /// Deeper parts are not looked at: schemas are not nested like this.
    private static let depthMax = 24

    /// The paths whose schemas are marked, through lists too.
    private static func marked(_ schema: JSONValue, depth: Int = 0) -> [[String]] {
        if schema["writeOnly"] == true { return [[]] }
        guard depth < depthMax else { return [] }
        var paths: [[String]] = []
        for (name, part) in schema["properties"]?.objectValue ?? [:] {
            paths += marked(part, depth: depth + 1).map { [name] + $0 }
        }
        if let items = schema["items"] { paths += marked(items, depth: depth + 1) }
        for part in schema["allOf"]?.arrayValue ?? [] { paths += marked(part, depth: depth + 1) }
        return paths
    }
}
