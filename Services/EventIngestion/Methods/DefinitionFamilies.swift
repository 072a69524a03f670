import Definitions
import Expressions
import Foundation
import JSONRPC
import JSONSchema
import LiveVersions
import Models
import ServiceKit

/// `schemas.*`, `events.*` and `inlets.*`.
struct DefinitionFamilies {
    let store: DefinitionStore
    let sealing: SecretSealing
    let book: EventBook
    /// Where senders reach this service.
    let address: String

    func register(in registry: inout MethodRegistry) {
        let schemas = schemas, events = events, inlets = inlets
        registry.add(schemas.methods)
        registry.add(events.methods)
        registry.add(inlets.methods)
        registry.add([inferMethod, previewMethod, rotateKeyMethod])
        registry.add(ConfigurationMethods([schemas, events, inlets], store: store).methods)
    }

    // MARK: Schemas

    private var schemas: DefinitionFamily<SchemaDefinition> {
        var family = DefinitionFamily<SchemaDefinition>(
            kind: .schemas, store: store, sealing: sealing, title: "schema",
            members: [
                .required("name", .name, "Letters, digits, _ and -."),
                .optional("kind", .choice("event", "profile"), "What it is the shape of; default event."),
                .optional("description", .string, "For people."),
                .required("schema", .any, "JSON Schema 2020-12."),
            ],
            example: [
                "name": "order", "kind": "event",
                "schema": ["type": "object", "properties": ["total": ["type": "number"]]],
            ])
        let store = store, book = book
        family.validate = { new, _, _ throws(DefinitionError) in
            do throws(SchemaError) {
                _ = try CompiledSchema(new.schema)
                return []
            } catch {
                return [Problem(path: "/schema" + error.pointer, message: error.reason)]
            }
        }
        family.usedIn = { name throws(DefinitionError) in
            let events = try await store.all(.events).filter { $0.document["schema"]?.stringValue == name }
                .map { DefinitionUse(kind: "events", name: $0.name) }
            return events + (try await ProfileFieldUses.uses(of: name, in: store))
        }
        family.changeInUse = { old, new in
            guard let before = try? CompiledSchema(old.schema), let after = try? CompiledSchema(new.schema) else {
                return []
            }
            let fields = Set(SchemaFields.fields(of: after).map(\.path))
            return SchemaFields.fields(of: before).filter { !fields.contains($0.path) }.map { field in
                Problem(path: "/schema", message: "the field \(field.path) is in use and must stay")
            }
        }
        family.breaks = { change, lookup throws(DefinitionError) in
            var breakage = try await ChangeCheck().breakage(by: change, lookup: lookup)
            try await Self.addEvents(brokenBy: change, lookup, &breakage)
            return breakage
        }
        family.written = { _ throws(DefinitionError) in try await book.refresh() }
        return family
    }

    /// Events that would be known no more, or whose people would not, as their rules and keys read what the schema has
    /// no longer.
    private static func addEvents(
        brokenBy change: DefinitionChange, _ lookup: DefinitionLookup, _ breakage: inout Breakage
    ) async throws(DefinitionError) {
        guard change.changes("schema", "kind"), let new = change.new, let old = change.old,
            let after = try? SchemaDefinition(new), let before = try? SchemaDefinition(old)
        else { return }
        for (name, document) in try await lookup.documents(.events).sorted(by: { $0.key < $1.key })
        where document["schema"] == .string(change.name) {
            guard let event = try? EventDefinition(document), problems(of: event, before).isEmpty else { continue }
            let reasons = problems(of: event, after).map {
                Problem(path: "/schema", message: "event \(name), \($0.path): \($0.message)")
            }
            if !reasons.isEmpty { breakage.add(DefinitionUse(kind: EventDefinition.kind, name: name), reasons) }
        }
    }

    private var inferMethod: RPCMethod {
        RPCMethod(
            "schemas.infer", summary: "A schema for a pasted sample, which the next real one must not be refused by.",
            description: """
                Numbers are of type number, but whole ones named like an id (`id`, `orderId`, `order_id`) or read by \
                `key` are integers; null and an empty list have no type; what is not required may be null. Required \
                are `_id`, `timestamp` and what `key` reads, where the sample has them.
                """,
            scope: .read,
            params: [
                .required("sample", .any, "A sample of an event or profile."),
                .optional("key", .string, "The key of the event that it is for, or the path of the person's id."),
            ],
            result: .object([("schema", .object)]),
            example: RPCExample(
                params: ["sample": ["customer": ["id": 42], "total": 12], "key": "customer.id"],
                result: [
                    "schema": [
                        "type": "object", "required": ["customer"],
                        "properties": [
                            "customer": [
                                "type": "object", "required": ["id"], "properties": ["id": ["type": "integer"]],
                            ],
                            "total": ["type": ["number", "null"]],
                        ],
                    ]
                ])
        ) { _, params throws(RPCError) in
            let paths = try Self.keyPaths(params["key"]?.stringValue ?? "")
            return ["schema": SchemaInference.infer(sample: params["sample"] ?? .null, keyPaths: paths)]
        }
    }

    /// What a key reads: of an expression the fields of its event, else the path that it is.
    private static func keyPaths(_ key: String) throws(RPCError) -> [[String]] {
        if key.isEmpty { return [] }
        if let path = Shape.path(key) { return [path] }
        var names = ReferenceScan(), scope = ExpressionScope()
        names.read(key)
        for name in names.events { scope.events[name] = .any }
        do { return try Expression.compile(key, in: scope).references.eventFields.map(\.path) } catch {
            throw .invalidParams(path: "/key", message: "is neither a path nor a key: " + error.message)
        }
    }

    // MARK: Events

    private static let eventMembers: [RPCParameter] = [
        .required("name", .name, "At most 30 letters, digits and _."),
        .optional("description", .string, "For people."),
        .required("schema", .name, "The schema of its payload."),
        .optional("type", .choice("system", "rule"), "How it is recognised: by its made event id, or by a rule."),
        .optional("rule", .string, "A boolean expression over the payload."),
        .optional("eventID", .string, "Of a system-generated event; made when absent."),
        .optional("namespace", .string, "The kind of the person's identity."),
        .optional("key", .string, "An expression that gives the person's id."),
        .optional("fields", .array(of: .string), "Paths that journeys may read; none: all."),
        .optional("keepInProfile", .boolean, "Keep it among the person's latest events."),
    ]

    private var events: DefinitionFamily<EventDefinition> {
        var family = DefinitionFamily<EventDefinition>(
            kind: .events, store: store, sealing: sealing, title: "event", members: Self.eventMembers,
            example: [
                "name": "orderPlaced", "schema": "order", "type": "rule",
                "rule": "@event{orderPlaced.eventType} == \"commerce.order\"", "namespace": "crmId",
                "key": "@event{orderPlaced.customer.id}",
            ])
        let book = book
        family.complete = { document, old throws(DefinitionError) in
            if document["type"] == "system", (document["eventID"] ?? .null).isNull {
                document["eventID"] = .string(old?.eventID ?? UUID().uuidString.lowercased())
            }
            return [:]
        }
        family.validate = { new, _, lookup throws(DefinitionError) in
            guard let schema = try await lookup.definition(SchemaDefinition.self, .schemas, new.schema) else {
                return [Problem(path: "/schema", message: "there is no schema \(new.schema); create it first")]
            }
            return Self.problems(of: new, schema)
        }
        family.changeInUse = { old, new in
            var problems: [Problem] = []
            func keep(_ key: String, _ isSame: Bool) {
                if !isSame {
                    problems.append(Problem(path: "/\(key)", message: "cannot change while journeys use the event"))
                }
            }
            keep("schema", old.schema == new.schema)
            keep("type", old.recognition == new.recognition)
            keep("rule", old.rule == new.rule)
            keep("eventID", old.eventID == new.eventID)
            keep("namespace", old.namespace == new.namespace)
            keep("key", old.key == new.key)
            let isWider = new.fields.isEmpty || (!old.fields.isEmpty && Set(old.fields).isSubset(of: new.fields))
            keep("fields", isWider)
            // A journey may read the kept ones, and would no longer compile.
            keep("keepInProfile", new.keepInProfile || !old.keepInProfile)
            return problems
        }
        family.breaks = { change, lookup throws(DefinitionError) in
            try await ChangeCheck().breakage(by: change, lookup: lookup)
        }
        family.written = { _ throws(DefinitionError) in try await book.refresh() }
        return family
    }

    /// What is wrong with an event beyond its own shape: rule, key and fields against its schema.
    private static func problems(of event: EventDefinition, _ schema: SchemaDefinition) -> [Problem] {
        guard schema.subject == .event else {
            return [Problem(path: "/schema", message: "is a schema of profiles; an event needs one of kind event")]
        }
        guard (try? CompiledSchema(schema.schema)) != nil else {
            return [Problem(path: "/schema", message: "cannot be compiled; mend the schema first")]
        }
        var problems: [Problem] = []
        let shape = Shape(schema: schema.schema)
        for (key, text, expects) in [("rule", event.rule, ValueType.boolean), ("key", event.key, .any)] {
            guard let text, !text.isEmpty else { continue }
            var scope = ExpressionScope()
            scope.events = [event.name: shape]
            scope.ownEvent = event.name
            scope.expects = expects == .any ? nil : expects
            do {
                let compiled = try Expression.compile(text, in: scope)
                if key == "key", let refusal = EventKey.refusal(of: compiled.type) {
                    problems.append(Problem(path: "/key", message: refusal))
                }
            } catch {
                let hint = error.suggestion.map { "; did you mean \($0)?" } ?? ""
                let place = "line \(error.line), column \(error.column): "
                problems.append(Problem(path: "/\(key)", message: place + error.message + hint))
            }
        }
        for (place, field) in event.fields.enumerated() {
            guard let path = Shape.path(field), shape.type(at: path) != nil else {
                problems.append(Problem(path: "/fields/\(place)", message: "the schema has no field \(field)"))
                continue
            }
        }
        return problems
    }

    private var previewMethod: RPCMethod {
        let store = store, address = address
        return RPCMethod(
            "events.preview", summary: "A complete sample of the event, and the curl line that posts it.",
            scope: .read, params: [.required("name", .name, "The event.")],
            result: .object([("sample", .object), ("curl", .string), ("keyPath", .string)]), errors: [.notFound],
            example: RPCExample(
                params: ["name": "orderPlaced"],
                result: ["sample": ["_id": "e-1"], "curl": "curl …", "keyPath": "customer.id"])
        ) { _, params throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                try await Self.preview(params["name"]?.stringValue ?? "", store, address)
            }
        }
    }

    private static func preview(
        _ name: String, _ store: DefinitionStore, _ address: String
    ) async throws(DefinitionError) -> JSONValue {
        let lookup = DefinitionLookup(store: store)
        guard let event = try await lookup.definition(EventDefinition.self, .events, name) else {
            throw DefinitionError(.notFound, "There is no event \(name).")
        }
        guard let schema = try await lookup.definition(SchemaDefinition.self, .schemas, event.schema),
            let compiled = try? CompiledSchema(schema.schema)
        else { throw DefinitionError(.notFound, "There is no schema \(event.schema).") }
        var sample = SchemaSample.sample(of: compiled)
        if let id = event.eventID, event.recognition == .system {
            sample = put(.string(id), at: ["_experience", "campaign", "orchestration", "eventID"][...], in: sample)
        }
        var scope = ExpressionScope()
        scope.events = [name: Shape(schema: schema.schema)]
        scope.ownEvent = name
        if let rule = event.rule, let compiledRule = try? Expression.compile(rule, in: scope) {
            // What the rule asks for is put into the sample, so that it is recognised as it stands.
            for equality in compiledRule.requiredEqualities where equality.event == name {
                sample = put(equality.constant.json, at: equality.path[...], in: sample)
            }
        }
        let inlet = try await store.all(.inlets).compactMap { try? InletDefinition($0.document) }
            .first { $0.events.isEmpty || $0.events.contains(name) }
        var line = "curl -X POST '\(address)/collection/\(inlet?.id ?? "INLET")' -H 'Content-Type: application/json'"
        if inlet?.authentication == .apiKey { line += " -H 'x-api-key: KEY'" }
        line += " -d '\(sample.text.replacing("'", with: "'\\''"))'"
        var answer: JSONObject = ["sample": sample, "curl": .string(line)]
        let fields = (try? Expression.compile(event.key, in: scope))?.references.eventFields ?? []
        if fields.count == 1, let path = fields.first?.path { answer["keyPath"] = .string(path.joined(separator: ".")) }
        return .object(answer)
    }

    private static func put(_ value: JSONValue, at path: ArraySlice<String>, in root: JSONValue) -> JSONValue {
        guard let key = path.first else { return value }
        var object = root.objectValue ?? JSONObject()
        object[key] = put(value, at: path.dropFirst(), in: object[key] ?? .null)
        return .object(object)
    }

    // MARK: Inlets

    private var inlets: DefinitionFamily<InletDefinition> {
        var family = DefinitionFamily<InletDefinition>(
            kind: .inlets, store: store, sealing: sealing, title: "inlet",
            members: [
                .required("name", .name, "Letters, digits, _ and -."),
                .optional("id", .string, "The part of its address; made when absent."),
                .optional("description", .string, "For people."),
                .optional("authentication", .choice("none", "apiKey", "jwt"), "Who may send; default apiKey."),
                .optional("events", .array(of: .name), "Events that are taken here; none: all."),
                .optional("origins", .array(of: .string), "Origins that browsers may send from; none: any."),
                .optional("rateLimit", .integer(0...1_000_000), "Requests a second and address without credentials."),
            ],
            example: ["name": "web", "authentication": "none", "events": ["orderPlaced"], "rateLimit": 200])
        let book = book, address = address
        family.complete = { document, old throws(DefinitionError) in
            if (document["id"] ?? .null).isNull {
                let made = hexadecimal(UInt64.random(in: 0 ... .max)) + hexadecimal(UInt64.random(in: 0 ... .max))
                document["id"] = .string(old?.id ?? made)
            }
            let authentication = document["authentication"] ?? "apiKey"
            guard authentication == "apiKey", old?.keyHash == nil else { return [:] }
            let key = APIKey.make()
            document["keyHash"] = .string(APIKey.hash(of: key))
            return ["key": .string(key)]
        }
        family.validate = { new, _, lookup throws(DefinitionError) in
            var problems: [Problem] = []
            for (place, name) in new.events.enumerated() where try await lookup.document(.events, name) == nil {
                problems.append(
                    Problem(path: "/events/\(place)", message: "there is no event \(name); create it first"))
            }
            if !ObjectReader.isName("i" + new.id) {
                problems.append(Problem(path: "/id", message: "must be letters, digits, _ and -"))
            }
            return problems
        }
        family.usedIn = { _ throws(DefinitionError) in [] }
        family.written = { _ throws(DefinitionError) in try await book.refresh() }
        family.present = { shown in
            var shown = shown
            shown["url"] = .string("\(address)/collection/\(shown["id"]?.stringValue ?? "")")
            return shown
        }
        return family
    }

    private var rotateKeyMethod: RPCMethod {
        let store = store, book = book
        return RPCMethod(
            "inlets.rotateKey", summary: "Makes a new key for the inlet; the old one is refused at once.",
            scope: .admin, params: [.required("name", .name, "The inlet.")],
            result: .object([("name", .name), ("key", .string)]), errors: [.notFound, .notValidInThisState],
            example: RPCExample(params: ["name": "web"], result: ["name": "web", "key": "sk_…"])
        ) { context, params throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            let key = APIKey.make()
            let author = Author(name: context.principal.name, address: context.remoteAddress)
            return try await RPCError.from { () throws(DefinitionError) in
                _ = try await store.update(.inlets, name, by: author) { stored throws(DefinitionError) in
                    var document = stored.document
                    document["keyHash"] = .string(APIKey.hash(of: key))
                    return document
                }
                try await book.refresh()
                return ["name": .string(name), "key": .string(key)]
            }
        }
    }
}
