import Definitions
import Expressions
import JSONSchema
import Logging
import Models
import ServiceLifecycle
import Synchronization

/// An event definition made ready: its schema, rule and key compiled.
struct RecognisedEvent: Sendable {
    let definition: EventDefinition
    let schema: CompiledSchema
    let rule: CompiledExpression?
    let key: CompiledExpression?
    /// The key's path, where the key is nothing but a field: its value is taken as it stands in the payload, where an
    /// expression would round a long number.
    private let keyPath: [String]?

    init(_ definition: EventDefinition, schema: CompiledSchema, shape: Shape) throws(ExpressionError) {
        self.definition = definition
        self.schema = schema
        rule = try definition.rule.map { text throws(ExpressionError) in
            try Expression.compile(text, in: Self.scope(definition.name, shape, expects: .boolean))
        }
        key = definition.key.isEmpty
            ? nil : try Expression.compile(definition.key, in: Self.scope(definition.name, shape, expects: nil))
        keyPath = EventKey.path(definition.key, of: definition.name)
    }

    /// An event's own rule and key see any field of the payload.
    private static func scope(_ name: String, _ shape: Shape, expects: ValueType?) -> ExpressionScope {
        var scope = ExpressionScope()
        scope.events = [name: shape]
        scope.ownEvent = name
        scope.expects = expects
        return scope
    }

    /// Whether the payload is this event.
    func recognises(_ payload: JSONValue, at now: Int64) -> Bool {
        switch definition.recognition {
        case .system:
            guard let id = definition.eventID else { return false }
            let place = ["_experience", "campaign", "orchestration", "eventID"]
            return payload.value(at: place)?.stringValue == id
        case .rule:
            guard let rule else { return false }
            for equality in rule.requiredEqualities where equality.event == definition.name {
                if !equality.matches(payload.value(at: equality.path)) { return false }
            }
            // A rule that cannot be evaluated over a payload does not hold for it.
            return (try? rule.evaluate(in: PayloadContext(name: definition.name, payload: payload, now: now)).isTrue)
                ?? false
        }
    }

    /// The person's id: a text or a whole number that the key finds.
    func personID(_ payload: JSONValue, at now: Int64) -> Result<String, Identity.Refusal> {
        if let keyPath { return Identity.text(of: payload.value(at: keyPath)) }
        let context = PayloadContext(name: definition.name, payload: payload, now: now)
        guard let key, let value = try? key.evaluate(in: context) else { return Identity.text(of: nil) }
        // What was computed may have lost digits before it came here.
        if case .decimal(let number) = value, number.magnitude >= 0x1p53 {
            let reason = "is a number beyond 2^53, whose digits are lost; send it as a text"
            return .failure(Identity.Refusal(reason: reason))
        }
        return Identity.text(of: value.json)
    }
}

/// The key of an event definition: what finds the person's id in a payload.
enum EventKey {
    /// The path of a key that is nothing but a field, as `@event{orderPlaced.customer.id}`; nil for any other.
    static func path(_ key: String, of event: String) -> [String]? {
        let text = key.trimming(while: { $0.isWhitespace })
        guard text.hasPrefix("@event{"), text.hasSuffix("}"),
            let path = Shape.path(String(text.dropFirst(7).dropLast())), path.count > 1, path[0] == event
        else { return nil }
        return Array(path.dropFirst())
    }

    /// Why a value of a type is nobody's id; nil where it may be one.
    static func refusal(of type: ValueType) -> String? {
        switch type {
        case .string, .integer, .any: nil
        case .decimal:
            "finds a decimal, which is nobody's id: make the field an integer or a string in the schema"
        default:
            "finds a value of type \(type), which is nobody's id: a text or a whole number is"
        }
    }
}

extension String {
    fileprivate func trimming(while isOver: (Character) -> Bool) -> Substring {
        let start = drop(while: isOver)
        return start.lastIndex { !isOver($0) }.map { start[...$0] } ?? ""
    }
}

/// What a rule and a key may look at: the payload and the time.
private struct PayloadContext: EvaluationContext {
    let name: String
    let payload: JSONValue
    let now: Int64
    var profile: JSONObject { JSONObject() }

    func event(_ name: String) -> JSONValue? { name == self.name ? payload : nil }
}

/// Everything that is needed to take an event, of one moment.
final class IngestionSnapshot: Sendable {
    /// By name.
    let events: [RecognisedEvent]
    let inlets: [String: InletDefinition]

    init(events: [RecognisedEvent] = [], inlets: [String: InletDefinition] = [:]) {
        self.events = events
        self.inlets = inlets
    }
}

/// Keeps the snapshot current: definitions are compiled when one of them changed, not when an event comes.
final class EventBook: Service {
    private let store: DefinitionStore
    private let logger: Logger
    private let poll: Duration
    private let state = Mutex<(snapshot: IngestionSnapshot, changes: Int64)>((IngestionSnapshot(), -1))

    init(store: DefinitionStore, poll: Duration = .seconds(1), logger: Logger) {
        self.store = store
        self.poll = poll
        self.logger = logger
    }

    var current: IngestionSnapshot { state.withLock { $0.snapshot } }

    /// Reads and compiles anew where something was written since; after an own write, before its call answers.
    func refresh() async throws(DefinitionError) {
        let changes = try await store.changes()
        if state.withLock({ $0.changes }) == changes { return }
        var schemas: [String: (CompiledSchema, Shape)] = [:]
        for stored in try await store.all(.schemas) {
            guard let definition = try? SchemaDefinition(stored.document),
                let compiled = try? CompiledSchema(definition.schema)
            else { continue }
            schemas[stored.name] = (compiled, Shape(schema: definition.schema))
        }
        var events: [RecognisedEvent] = []
        for stored in try await store.all(.events) {
            guard let definition = try? EventDefinition(stored.document), let schema = schemas[definition.schema],
                let event = try? RecognisedEvent(definition, schema: schema.0, shape: schema.1)
            else {
                logger.error("a stored event definition cannot be used", metadata: ["event": "\(stored.name)"])
                continue
            }
            events.append(event)
        }
        var inlets: [String: InletDefinition] = [:]
        for stored in try await store.all(.inlets) {
            guard let inlet = try? InletDefinition(stored.document) else { continue }
            inlets[inlet.id] = inlet
        }
        let fresh = IngestionSnapshot(events: events.sorted { $0.definition.name < $1.definition.name }, inlets: inlets)
        state.withLock { state in
            if changes >= state.changes { state = (fresh, changes) }
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await self.refresh() } catch {
                    self.logger.warning("the definitions could not be read", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: self.poll)
            }
        }
    }
}
