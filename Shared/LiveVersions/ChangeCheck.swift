import Audiences
import Definitions
import Engine
import Expressions
import Models

/// Asks, before a definition is written, which live versions would no longer compile with it, and which audiences'
/// rules: one check for every kind of definition.
///
/// A live version goes on by what it was published with, so nothing would happen to it at once. But what a definition
/// says now is what partners answer and senders send, and the next version could not be published.
package struct ChangeCheck: Sendable {
    package init() {}

    /// What the change would break, by what is stored and what a dry run would make of it.
    package func breakage(
        by change: DefinitionChange, lookup: DefinitionLookup
    ) async throws(DefinitionError) -> Breakage {
        if !mayBreak(change) { return Breakage() }
        let records = try await lookup.documents(.journeys).sorted { $0.key < $1.key }.map(\.value)
        let versions = records.flatMap(LiveVersion.all(in:))
        let isProfile = Self.isProfileSchema(change.old) || Self.isProfileSchema(change.new)
        if versions.isEmpty, !isProfile { return Breakage() }
        let stored = try await Stored(lookup)
        var changed = stored
        changed.documents[change.kind.name, default: [:]][change.name] = change.new
        let touched = stored.touched(by: change, changed)
        let concerned = versions.filter { touched.concerns($0) }
        var breakage = Breakage()
        if !concerned.isEmpty {
            let facts =
                concerned.contains { !$0.uses.journeys.isEmpty } ? records.compactMap(LiveVersion.facts(of:)) : []
            breakage = BrokenVersions.breakage(
                of: concerned, before: stored.catalogue(facts), after: changed.catalogue(facts)
            ) { Self.path(of: $0, in: change.kind) }
        }
        if isProfile { Self.addAudiences(stored.audiences, changed.audiences, &breakage) }
        return breakage
    }

    /// Whether the change touches anything that plans are made of.
    private func mayBreak(_ change: DefinitionChange) -> Bool {
        switch change.kind {
        case .schemas: change.changes("schema", "kind")
        case .events: change.changes("schema", "namespace", "key", "fields", "keepInProfile", "business")
        // A new name breaks nobody: journeys do not name it.
        case .dataSources: change.old != nil && change.changes("groups")
        case .actions: change.old != nil && change.changes("parameters", "response", "errorResponse")
        default: false
        }
    }

    private static func isProfileSchema(_ document: JSONObject?) -> Bool { document?["kind"] == "profile" }

    /// Audiences whose rules can no longer be evaluated, as nobody would be a member any more.
    private static func addAudiences(_ before: AudienceRules, _ after: AudienceRules, _ breakage: inout Breakage) {
        for (name, reason) in after.unusable.sorted(by: { $0.key < $1.key }) where before.unusable[name] == nil {
            breakage.add(
                DefinitionUse(kind: AudienceDefinition.kind, name: name),
                [Problem(path: "/schema", message: "audience \(name), /rule: \(reason)")])
        }
    }

    private static func path(of finding: Finding, in kind: DefinitionKind) -> String {
        switch kind {
        case .schemas: "/schema"
        case .dataSources: "/groups"
        case .actions:
            switch FindingCode(rawValue: finding.code) {
            case .missingParameter, .unknownParameter: "/parameters"
            default: "/response"
            }
        default: ""
        }
    }
}

/// The definitions at one moment, as documents.
private struct Stored {
    var documents: [String: [String: JSONObject]] = [:]

    init(_ lookup: DefinitionLookup) async throws(DefinitionError) {
        for kind: DefinitionKind in [.schemas, .events, .dataSources, .actions, .audiences] {
            documents[kind.name] = try await lookup.documents(kind)
        }
    }

    /// Those that can be read, by name.
    private func all<D: Definition>(_ type: D.Type) -> [D] {
        (documents[D.kind] ?? [:]).sorted { $0.key < $1.key }.compactMap { try? D($0.value) }
    }

    func catalogue(_ journeys: [JourneyFacts]) -> Catalogue {
        Catalogue(
            schemas: all(SchemaDefinition.self), events: all(EventDefinition.self),
            dataSources: all(DataSourceDefinition.self), actions: all(ActionDefinition.self),
            audiences: Set((documents[AudienceDefinition.kind] ?? [:]).keys), journeys: journeys)
    }

    var audiences: AudienceRules {
        let profile = Shape(profileSchemas: all(SchemaDefinition.self).filter { $0.subject == .profile })
        return AudienceRules(all(AudienceDefinition.self), profile: profile, changes: 0)
    }

    /// What a change reaches.
    struct Touched {
        var events: Set<String> = []
        var sources: Set<String> = []
        var actions: Set<String> = []
        /// Whether the shape of profiles becomes another.
        var profile = false
        /// Whether what is known of kept events becomes another.
        var keptEvents = false

        func concerns(_ version: LiveVersion) -> Bool {
            let uses = version.uses
            // Who jumps gives fields of another journey's event.
            return !events.isDisjoint(with: uses.events) || !events.isEmpty && !uses.journeys.isEmpty
                || !sources.isDisjoint(with: uses.sources) || !actions.isDisjoint(with: uses.actions)
                || profile && !version.document.profilePaths.isEmpty || keptEvents && version.readsKeptEvents
        }
    }

    func touched(by change: DefinitionChange, _ changed: Stored) -> Touched {
        var touched = Touched()
        switch change.kind {
        case .schemas:
            touched.profile = [change.old, change.new].contains { $0?["kind"] == "profile" }
            touched.events = Set(
                (documents[EventDefinition.kind] ?? [:]).filter { $0.value["schema"] == .string(change.name) }.keys)
        case .events: touched.events = [change.name]
        case .dataSources: touched.sources = [change.name]
        case .actions: touched.actions = [change.name]
        default: break
        }
        touched.keptEvents = touched.events.contains { name in
            [self, changed].contains { $0.documents[EventDefinition.kind]?[name]?["keepInProfile"] == true }
        }
        return touched
    }
}
