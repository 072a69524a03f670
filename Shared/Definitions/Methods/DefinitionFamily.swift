import JSONRPC
import Models

/// One kind of definition as callers see it: the methods `X.create`, `get`, `list`, `update`, `delete` and `usedIn`,
/// and its part of `config.export` and `config.apply`.
///
/// A service makes one per kind that it owns, sets the hooks that it needs, adds ``methods`` to its registry and hands
/// the family to ``ConfigurationMethods``. Every hook may run several times for one call: when somebody else writes at
/// the same time, the change is read, checked and written again.
package struct DefinitionFamily<D: Definition>: Sendable {
    package typealias Validate =
        @Sendable (_ new: D, _ old: D?, _ lookup: DefinitionLookup) async throws(DefinitionError) -> [Problem]
    package typealias Complete =
        @Sendable (_ document: inout JSONObject, _ old: D?) throws(DefinitionError) -> JSONObject
    package typealias UsedIn = @Sendable (_ name: String) async throws(DefinitionError) -> [DefinitionUse]
    package typealias ChangeInUse = @Sendable (_ old: D, _ new: D) -> [Problem]
    package typealias Breaks =
        @Sendable (_ change: DefinitionChange, _ lookup: DefinitionLookup) async throws(DefinitionError) -> Breakage
    package typealias Written = @Sendable (_ name: String) async throws(DefinitionError) -> Void
    package typealias Present = @Sendable (_ shown: JSONObject) -> JSONObject

    package let kind: DefinitionKind
    package let store: DefinitionStore
    package let sealing: SecretSealing
    /// What the methods' descriptions call one of them, as `data source`.
    package let title: String
    /// The members of a document but `revision`, for `rpc.discover`.
    package let members: [RPCParameter]
    /// A whole document, without secrets, for the examples.
    package let example: JSONObject
    package var writeScope: Scope = .admin

    /// Finds what is wrong with a document beyond its own shape, before each write.
    package var validate: Validate = { _, _, _ in [] }
    /// Fills in what Sojourn makes (ids, hashes of keys), after secrets were sealed and before the document is read.
    /// What it returns is shown once, in the answer of `create`.
    package var complete: Complete = { _, _ in [:] }
    /// Who uses a definition; by default the journeys.
    package var usedIn: UsedIn
    /// What must not change while the definition is used; an empty answer lets the change pass.
    package var changeInUse: ChangeInUse = { _, _ in [] }
    /// What a new, changed or deleted definition would break of what is in force, whether it names this one or not. It
    /// sees what is stored at one number of all writes; where others write meanwhile it is asked again.
    package var breaks: Breaks = { _, _ in Breakage() }
    /// After each write or deletion, before the call answers: refresh a cache, announce to the engine.
    package var written: Written = { _ in }
    /// Adds members to an answer that are not stored, such as an address.
    package var present: Present = { $0 }

    package init(
        _ type: D.Type = D.self, kind: DefinitionKind, store: DefinitionStore, sealing: SecretSealing, title: String,
        members: [RPCParameter], example: JSONObject
    ) {
        self.kind = kind
        self.store = store
        self.sealing = sealing
        self.title = title
        self.members = members
        self.example = example
        usedIn = { name throws(DefinitionError) in try await store.journeysUsing(kind, name) }
    }

    /// The document as an answer shows it.
    package func shown(_ stored: StoredDefinition) -> JSONObject { present(kind.masked(stored.document)) }
}

/// Looks definitions up for a check: what is stored, and what earlier documents of the same dry run would store.
package struct DefinitionLookup: Sendable {
    let store: DefinitionStore
    private var pending: [String: [String: JSONObject]] = [:]

    package init(store: DefinitionStore) {
        self.store = store
    }

    package func document(_ kind: DefinitionKind, _ name: String) async throws(DefinitionError) -> JSONObject? {
        if let document = pending[kind.name]?[name] { return document }
        return try await store.get(kind, name)?.document
    }

    /// The definition of a name, or nil where there is none that can be read.
    package func definition<D: Definition>(
        _ type: D.Type, _ kind: DefinitionKind, _ name: String
    ) async throws(DefinitionError) -> D? {
        guard let document = try await document(kind, name) else { return nil }
        return try? D(document)
    }

    /// The documents of a kind by name, as they are and as the dry run would make them.
    package func documents(_ kind: DefinitionKind) async throws(DefinitionError) -> [String: JSONObject] {
        var documents: [String: JSONObject] = [:]
        for stored in try await store.all(kind) { documents[stored.name] = stored.document }
        documents.merge(pending[kind.name] ?? [:]) { $1 }
        return documents
    }

    package mutating func expect(_ kind: DefinitionKind, _ name: String, _ document: JSONObject) {
        pending[kind.name, default: [:]][name] = document
    }
}
