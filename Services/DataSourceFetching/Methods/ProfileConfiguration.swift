import Definitions
import JSONRPC
import Models

/// `{"profile": {namespace, id, attributes}}` in `config.apply`: merged into what is known, never exported, as people
/// are no configuration.
struct ProfileConfiguration: ConfigurationKind {
    let profiles: Profiles

    var singular: String { "profile" }

    func export() async throws(DefinitionError) -> [ExportedDocument] { [] }

    func apply(
        _ document: JSONObject, beside: JSONObject, dryRun: Bool, lookup: inout DefinitionLookup, author: Author
    ) async throws(DefinitionError) -> AppliedDocument {
        var reader = ObjectReader(document)
        let namespace = reader.requiredString("namespace"), id = reader.requiredString("id").composed
        let attributes = reader.object("attributes") ?? [:]
        reader.refuseUnknown()
        if reader.problems.isEmpty { reader.report(ProfileRules.problems(namespace: namespace, id: id)) }
        if !reader.problems.isEmpty {
            throw DefinitionError(.invalid, "The profile cannot be taken as it is.", problems: reader.problems)
        }
        do {
            let (profile, old, isChanged) = try await profiles.upsert(
                Person(namespace: namespace, id: id), attributes, .deep, dryRun: dryRun)
            return AppliedDocument(
                name: "\(namespace):\(id)", result: isChanged ? (old == nil ? .created : .updated) : .unchanged,
                revision: dryRun ? old?.revision : profile.revision)
        } catch {
            throw DefinitionError(.unavailable, RPCError(error).message, cause: error)
        }
    }
}
