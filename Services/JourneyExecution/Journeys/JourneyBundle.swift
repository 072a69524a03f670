import Definitions
import JSONRPC
import Models

/// A journey with everything that it needs, as documents of `config.apply` in the order in which they are applied.
///
/// `{"journey":"welcome","version":2,"documents":[{"schema":{…}},{"event":{…}},…,{"journey":{…}}],
/// "secrets":[{"kind":"action","name":"smsGateway","path":"/authentication/value"}],"missing":[{"kind":…,"name":…}]}`
///
/// Secrets are left out and named; what the journey names and nobody has made is named as missing. Journeys that it
/// jumps into are in it, before it.
struct JourneyBundle {
    /// Journeys of one bundle; jumps lead from one to the next.
    static let journeysMax = 100

    private let store: DefinitionStore
    private var documents: [(kind: DefinitionKind, document: JSONObject)] = []
    private var secrets: [JSONValue] = []
    private var missing: [JSONValue] = []
    private var seen: Set<String> = []
    private var journeys: [JSONObject] = []

    private init(_ store: DefinitionStore) {
        self.store = store
    }

    /// Gathers the bundle of one document of a journey.
    static func export(
        _ document: JSONObject, version: Int64?, from store: DefinitionStore
    ) async throws(DefinitionError) -> JSONValue {
        var bundle = JourneyBundle(store)
        let name = document["name"]?.stringValue ?? ""
        _ = bundle.seen.insert("journeys/\(name)")
        try await bundle.add(document)
        return bundle.json(name, version)
    }

    private func json(_ name: String, _ version: Int64?) -> JSONValue {
        let order: [DefinitionKind] = [.schemas, .events, .dataSources, .audiences, .actions]
        var all: [JSONValue] = []
        for kind in order {
            all += documents.filter { $0.kind == kind }.map { [kind.singular: .object($0.document)] }
        }
        all += journeys.map { ["journey": .object($0)] }
        return [
            "journey": .string(name), "version": version.map(JSONValue.integer) ?? .null, "documents": .array(all),
            "secrets": .array(secrets), "missing": .array(missing),
        ]
    }

    /// Adds a journey after all that it needs.
    private mutating func add(_ document: JSONObject) async throws(DefinitionError) {
        let read = JourneyDocument(document)
        let uses = read.uses
        for event in uses.events { try await add(.events, event) }
        for source in uses.sources { try await add(.dataSources, source) }
        for audience in uses.audiences { try await add(.audiences, audience) }
        for action in uses.actions { try await add(.actions, action) }
        if read.readsProfile || !uses.audiences.isEmpty { try await addProfileSchemas() }
        for journey in uses.journeys where seen.insert("journeys/\(journey)").inserted {
            let record = try await store.get(.journeys, journey).map { JourneyRecord($0.document) }
            guard let target = record?.live?.document ?? record?.shown, seen.count <= Self.journeysMax else {
                missing.append(["kind": "journey", "name": .string(journey)])
                continue
            }
            // The depth is bounded by the journeys of one bundle.
            try await add(target)
        }
        journeys.append(document)
    }

    private mutating func add(_ kind: DefinitionKind, _ name: String) async throws(DefinitionError) {
        guard seen.insert("\(kind.name)/\(name)").inserted else { return }
        guard let stored = try await store.get(kind, name) else {
            missing.append(["kind": .string(kind.singular), "name": .string(name)])
            return
        }
        let (document, left) = kind.withoutSecrets(stored.document)
        documents.append((kind, document))
        for path in left {
            secrets.append(["kind": .string(kind.singular), "name": .string(name), "path": .string(path)])
        }
        if kind == .events, let schema = document["schema"]?.stringValue { try await add(.schemas, schema) }
    }

    /// A profile has the shape of all schemas of its kind.
    private mutating func addProfileSchemas() async throws(DefinitionError) {
        for stored in try await store.all(.schemas) where stored.document["kind"] == "profile" {
            try await add(.schemas, stored.name)
        }
    }
}

extension JourneyDocument {
    /// Whether the journey reads or writes profiles.
    var readsProfile: Bool {
        if case .profile = properties.timezone { return true }
        var scan = ReferenceScan()
        for text in [properties.goal?.filter, properties.instanceKey] + nodes.flatMap(\.expressions) { scan.read(text) }
        return !scan.sources.isDisjoint(with: ["profile", "ExperiencePlatform"]) || !scan.audiences.isEmpty
            || nodes.contains { if case .updateProfile = $0.body { true } else { false } }
    }
}

extension JourneyRecord {
    /// The draft if there is one, else the newest version.
    var shown: JSONObject? { draft ?? versions.last?.document }
}
