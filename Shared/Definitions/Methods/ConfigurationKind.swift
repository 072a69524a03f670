import Models

/// What a service takes in `config.apply` and gives in `config.export`, of one kind.
package protocol ConfigurationKind: Sendable {
    /// The member under which a document lies: `{"dataSource": {…}}`.
    var singular: String { get }

    /// All documents of the kind, by name.
    func export() async throws(DefinitionError) -> [ExportedDocument]

    /// Makes the kind's document of this name equal to the one given, or with `dryRun` says what would happen.
    ///
    /// - Parameters:
    ///   - document: the inner object.
    ///   - beside: the other members of the outer one, such as `publish` of a journey.
    ///   - lookup: what checks see; a dry run notes here what it would write.
    func apply(
        _ document: JSONObject, beside: JSONObject, dryRun: Bool, lookup: inout DefinitionLookup, author: Author
    ) async throws(DefinitionError) -> AppliedDocument
}

/// A document of an export: without secrets, which are named by JSON pointers.
package struct ExportedDocument: Sendable {
    package let document: JSONObject
    package let secrets: [String]
    /// Members beside the document, such as `publish`.
    package let beside: JSONObject

    package init(document: JSONObject, secrets: [String] = [], beside: JSONObject = [:]) {
        self.document = document
        self.secrets = secrets
        self.beside = beside
    }
}

/// What became of a document.
package struct AppliedDocument: Sendable {
    /// What happened, or in a dry run what would happen.
    package enum Result: String, Sendable, CaseIterable {
        case created, updated, unchanged
    }

    package let name: String
    package let result: Result
    /// The revision in force afterwards; of a dry run, before.
    package let revision: Int64?

    package init(name: String, result: Result, revision: Int64?) {
        self.name = name
        self.result = result
        self.revision = revision
    }
}

extension DefinitionFamily: ConfigurationKind {
    package var singular: String { kind.singular }

    package func export() async throws(DefinitionError) -> [ExportedDocument] {
        try await store.all(kind).map { stored in
            let (document, secrets) = kind.withoutSecrets(stored.document)
            return ExportedDocument(document: document, secrets: secrets)
        }
    }

    package func apply(
        _ document: JSONObject, beside: JSONObject, dryRun: Bool, lookup: inout DefinitionLookup, author: Author
    ) async throws(DefinitionError) -> AppliedDocument {
        let name = document["name"]?.stringValue ?? ""
        let seen = lookup
        let result = try await store.attempting { () throws(DefinitionError) -> WriteResult<Applied> in
            let old = try await store.get(kind, name)
            let prepared = try await prepare(document, old: old, lookup: seen)
            if let old, old.document.removing("revision") == prepared.document {
                return .written(Applied(document: prepared.document, result: .unchanged, revision: old.revision))
            }
            let result = old == nil ? AppliedDocument.Result.created : .updated
            if dryRun {
                return .written(Applied(document: prepared.document, result: result, revision: old?.revision))
            }
            let written = try await store.writeAnew(
                kind, name, prepared.document, old: old, checkedAt: prepared.checkedAt, by: author)
            return written.map { Applied(document: prepared.document, result: result, revision: $0.revision) }
        }
        if dryRun {
            lookup.expect(kind, name, result.document)
        } else if result.result != .unchanged {
            try await written(name)
        }
        return AppliedDocument(name: name, result: result.result, revision: result.revision)
    }
}

private struct Applied: Sendable {
    let document: JSONObject
    let result: AppliedDocument.Result
    let revision: Int64?
}

extension DefinitionStore {
    /// As `write`, but a name that somebody made meanwhile is an answer too: what applies a document updates it then.
    fileprivate func writeAnew(
        _ kind: DefinitionKind, _ name: String, _ document: JSONObject, old: StoredDefinition?, checkedAt: Int64?,
        by author: Author
    ) async throws(DefinitionError) -> WriteResult<StoredDefinition> {
        do {
            return try await write(kind, name, document, old: old, checkedAt: checkedAt, by: author)
        } catch {
            if error.code == .exists { return .stale(current: error.currentRevision ?? 0) }
            throw error
        }
    }
}
