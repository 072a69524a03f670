import Expressions
import Models

/// What journeys may name: the configuration at one revision, with the shapes of all fields.
///
/// Built once a revision; journeys compiled against it share it.
package struct Catalogue: Sendable {
    struct Event: Sendable {
        /// Empty of an event that concerns no person.
        let namespace: String
        let isBusiness: Bool
        /// The chosen fields, the mandatory ones, and those that tell the person.
        let shape: Shape
        /// The name of its schema, and what is said of it.
        var schema = ""
        var description: String?
    }

    struct Action: Sendable {
        let parameters: [ActionDefinition.Parameter]
        /// What `@action{Name…}` may read.
        let response: Shape
        let revision: Int64
        /// Of the answer to success.
        let sample: JSONValue
        var description: String?
    }

    let events: [String: Event]
    let sources: [String: [String: ExpressionScope.FieldGroup]]
    let actions: [String: Action]
    let audiences: Set<String>
    private(set) var journeys: [String: JourneyFacts]
    let profile: Shape
    /// What an item of a person's kept events is, by event definition.
    let keptEvents: [String: Shape]
    /// The same of all of them.
    let keptEvent: Shape
    /// The events that are not kept with the person.
    let unkeptEvents: Set<String>
    /// The documents from which the shapes are, by name, and what is said of sources.
    let schemas: [String: SchemaDefinition]
    let sourceDescriptions: [String: String]
    /// Nil where no schema marks a field as one.
    let secrets: SecretFields?

    package init(
        schemas: [SchemaDefinition], events: [EventDefinition], dataSources: [DataSourceDefinition],
        actions: [ActionDefinition], audiences: Set<String> = [], journeys: [JourneyFacts] = []
    ) {
        var byName: [String: SchemaDefinition] = [:]
        for schema in schemas { byName[schema.name] = schema }
        self.schemas = byName
        var eventsByName: [String: Event] = [:]
        for event in events {
            eventsByName[event.name] = Event(
                namespace: event.namespace, isBusiness: event.isBusiness,
                shape: Self.shape(of: event, schema: byName[event.schema]), schema: event.schema,
                description: event.description)
        }
        self.events = eventsByName
        let names = Set(events.filter(\.isKept).map(\.name))
        let kept = eventsByName.filter { names.contains($0.key) }
        keptEvents = kept.mapValues { Self.keptShape($0.shape) }
        keptEvent = Self.merged(keptEvents.values.map(\.self))
        unkeptEvents = Set(eventsByName.keys).subtracting(kept.keys)
        var sources: [String: [String: ExpressionScope.FieldGroup]] = [:]
        var sourceDescriptions: [String: String] = [:]
        for source in dataSources {
            sourceDescriptions[source.name] = source.description
            var groups: [String: ExpressionScope.FieldGroup] = [:]
            for group in source.groups {
                groups[group.name] = .init(shape: Shape(sample: group.sample), parameters: group.parameters)
            }
            sources[source.name] = groups
        }
        self.sources = sources
        self.sourceDescriptions = sourceDescriptions
        var actionsByName: [String: Action] = [:]
        for action in actions {
            actionsByName[action.name] = Action(
                parameters: action.parameters, response: Self.response(of: action), revision: action.revision,
                sample: action.response, description: action.description)
        }
        self.actions = actionsByName
        self.audiences = audiences
        self.journeys = Self.byName(journeys)
        let secrets = SecretFields(schemas: byName, events: events)
        self.secrets = secrets.isEmpty ? nil : secrets
        profile = Self.profile(schemas.filter { $0.subject == .profile })
    }

    /// What one version was compiled from, with the revisions and samples of the actions that there are now.
    init(_ basis: PlanBasis, now: Catalogue) {
        events = basis.events.mapValues { Event(namespace: $0.namespace, isBusiness: $0.isBusiness, shape: $0.shape) }
        sources = basis.sources
        actions = Dictionary(
            uniqueKeysWithValues: basis.actions.map { name, action in
                let known = now.actions[name]
                return (
                    name,
                    Action(
                        parameters: action.parameters, response: action.response, revision: known?.revision ?? 0,
                        sample: known?.sample ?? .null)
                )
            })
        audiences = basis.audiences
        journeys = Self.byName(basis.journeys.map { JourneyFacts(name: $0.key, entryEvent: $0.value) })
        profile = basis.profile
        keptEvents = basis.keptEvents
        keptEvent = basis.keptEvent
        unkeptEvents = []
        schemas = [:]
        sourceDescriptions = [:]
        // What is not shown is said now, whatever was said then.
        secrets = now.secrets
    }

    private static func byName(_ journeys: [JourneyFacts]) -> [String: JourneyFacts] {
        Dictionary(journeys.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The same configuration with these journeys beside it.
    package func with(journeys: [JourneyFacts]) -> Catalogue {
        var changed = self
        changed.journeys = Self.byName(journeys)
        return changed
    }

    /// The same configuration with one journey as it is to be.
    package func replacing(_ journey: JourneyFacts) -> Catalogue {
        var changed = self
        changed.journeys[journey.name] = journey
        return changed
    }

    /// Without a profile schema every path is accepted; of several, a field is what the first that has it says.
    private static func profile(_ schemas: [SchemaDefinition]) -> Shape {
        if schemas.isEmpty { return .any }
        var fields: [ExactText: ValueType] = [:]
        var others: ValueType?
        for schema in schemas {
            let shape = Shape(schema: schema.schema)
            fields.merge(shape.fields) { first, _ in first }
            others = others ?? shape.others
        }
        return Shape(fields: fields, others: others)
    }

    private static func shape(of event: EventDefinition, schema: SchemaDefinition?) -> Shape {
        guard let schema else { return .any }
        let shape = Shape(schema: schema.schema)
        if event.fields.isEmpty { return shape }
        let chosen = event.fields.compactMap(Shape.path)
        return shape.restricted(to: chosen + mandatory(schema.schema, depth: 0) + keyPaths(of: event, shape))
    }

    /// Each kept event has an id and a time, whatever its schema says.
    private static func keptShape(_ shape: Shape) -> Shape {
        var fields = shape.fields
        if shape.fields["_id"] == nil { fields["_id"] = .string }
        if shape.fields["timestamp"] == nil { fields["timestamp"] = .dateTime }
        return Shape(fields: fields, others: shape.others)
    }

    /// Of things of several kinds: a field that is not the same in all of them may be anything, and so may others.
    private static func merged(_ shapes: [Shape]) -> Shape {
        var fields: [ExactText: ValueType] = [:]
        for shape in shapes { fields.merge(shape.fields) { one, other in one == other ? one : .any } }
        return Shape(fields: fields, others: .any)
    }

    /// The fields from which the person's id is made.
    private static func keyPaths(of event: EventDefinition, _ shape: Shape) -> [[String]] {
        var scope = ExpressionScope()
        scope.events[event.name] = shape
        scope.ownEvent = event.name
        guard let key = try? Expression.compile(event.key, in: scope) else { return [] }
        return key.references.eventFields.map(\.path)
    }

    /// The paths that each valid payload has, as far as `properties` and `required` tell.
    private static func mandatory(_ schema: JSONValue, depth: Int) -> [[String]] {
        guard depth < 16 else { return [[]] }
        var paths: [[String]] = []
        for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue) {
            let part = schema["properties"]?[name] ?? .null
            if part["properties"] != nil, part["required"] != nil {
                paths += mandatory(part, depth: depth + 1).map { [name] + $0 }
            } else {
                paths.append([name])
            }
        }
        return paths
    }

    private static func response(of action: ActionDefinition) -> Shape {
        let sample = Shape(sample: action.response)
        var fields = sample.fields
        fields[ExactText(ActionResponse.statusField)] = .string
        fields[ExactText(ActionResponse.errorField)] = ValueType(sample: action.errorResponse)
        return Shape(fields: fields, others: sample.others)
    }
}

/// What one journey must know of another that it jumps to.
package struct JourneyFacts: Sendable, Hashable {
    package let name: String
    /// The event by which people enter; nil where they do not enter by one.
    let entryEvent: String?
    /// Journeys that it jumps to.
    let jumps: Set<String>
    let isLive: Bool

    /// A live journey that leads nowhere else.
    init(name: String, entryEvent: String?) {
        self.name = name
        self.entryEvent = entryEvent
        jumps = []
        isLive = true
    }

    /// - Parameter document: of the newest published version, or of the draft where there is none.
    package init(_ document: JourneyDocument, isLive: Bool) {
        name = document.name
        if case .event(let entry)? = document.nodes.first?.body { entryEvent = entry.event } else { entryEvent = nil }
        jumps = Set(
            document.nodes.compactMap { node in
                if case .jump(let journey, _) = node.body { journey } else { nil }
            })
        self.isLive = isLive
    }
}

/// Fields that `@action{Name…}` has beside those of the response.
enum ActionResponse {
    static let statusField = "jo_status_code"
    static let errorField = "errorResponse"
}

extension ActionDefinition.ParameterType {
    var valueType: ValueType {
        switch self {
        case .string: .string
        case .integer: .integer
        case .decimal: .decimal
        case .boolean: .boolean
        case .dateOnly: .dateOnly
        case .dateTimeOnly: .dateTimeOnly
        case .dateTime: .dateTime
        case .duration: .duration
        case .listString: .list(.string)
        case .listInteger: .list(.integer)
        case .listDecimal: .list(.decimal)
        case .any: .any
        }
    }
}
