import Definitions
import Expressions
import Models

/// Who reads the fields of a schema of profiles: audiences by their rules, journeys by their expressions.
enum ProfileFieldUses {
    /// Audiences, and drafts and versions of journeys that did not end, which read a field that the schema names. None
    /// where it is no schema of profiles.
    static func uses(
        of schema: String, in store: DefinitionStore
    ) async throws(DefinitionError) -> [DefinitionUse] {
        guard let stored = try await store.get(.schemas, schema),
            let definition = try? SchemaDefinition(stored.document), definition.subject == .profile
        else { return [] }
        let fields = Set(Shape(schema: definition.schema).fields.keys.map(\.text))
        func reads(_ paths: some Sequence<[String]>) -> Bool {
            // The whole profile is each of its fields.
            paths.contains { path in path.first.map(fields.contains) ?? !fields.isEmpty }
        }
        var uses: [DefinitionUse] = []
        for audience in try await store.all(.audiences) where reads(paths(of: audience.document["rule"]?.stringValue)) {
            uses.append(DefinitionUse(kind: "audiences", name: audience.name))
        }
        for journey in try await store.all(.journeys) {
            uses += DefinitionUse.uses(in: journey) { document, _ in reads(JourneyDocument(document).profilePaths) }
        }
        return uses
    }

    /// What the rule of an audience reads; none where it is no rule, as nobody is a member then.
    private static func paths(of rule: String?) -> [[String]] {
        var scope = ExpressionScope()
        scope.barePathsAreProfile = true
        guard let rule, let compiled = try? Expression.compile(rule, in: scope) else { return [] }
        return compiled.references.profilePaths
    }
}
