import Models

/// A change that passed every check and may be written.
struct PreparedDefinition: Sendable {
    /// Sealed and complete, without a revision.
    let document: JSONObject
    /// What the answer shows once.
    let once: JSONObject
    /// The number of all writes that the checks were made at; nil: they looked at nothing else.
    let checkedAt: Int64?
}

extension DefinitionFamily {
    /// Checks a whole new document against what is stored.
    func prepare(
        _ given: JSONObject, old: StoredDefinition?, lookup: DefinitionLookup
    ) async throws(DefinitionError) -> PreparedDefinition {
        let checkedAt = try await store.changes()
        var document = try kind.sealed(given.removing("revision"), stored: old?.document, sealing)
        let before = try old.map { stored throws(DefinitionError) in try definition(stored.document) }
        let once = try complete(&document, before)
        let new = try definition(document)
        let problems = try await validate(new, before, lookup)
        if !problems.isEmpty {
            throw DefinitionError(.invalid, "The \(title) cannot be taken as it is.", problems: problems)
        }
        if let before {
            let problems = changeInUse(before, new)
            if !problems.isEmpty {
                let uses = try await usedIn(new.name)
                if !uses.isEmpty { throw DefinitionError.inUse(kind, uses, problems) }
            }
        }
        try await refuseBreaking(name: new.name, old: old?.document, new: document, lookup)
        if JSONValue.object(document).bytes.count > DefinitionKind.documentBytesMax {
            throw DefinitionError(
                .invalid, "The \(title) is too large.",
                problems: [Problem(path: "", message: "has more than \(DefinitionKind.documentBytesMax) bytes")])
        }
        return PreparedDefinition(document: document, once: once, checkedAt: checkedAt)
    }

    private func refuseBreaking(
        name: String, old: JSONObject?, new: JSONObject?, _ lookup: DefinitionLookup
    ) async throws(DefinitionError) {
        let breakage = try await breaks(DefinitionChange(kind: kind, name: name, old: old, new: new), lookup)
        if !breakage.isEmpty { throw DefinitionError.breaks(kind, breakage) }
    }

    private func definition(_ document: JSONObject) throws(DefinitionError) -> D {
        do { return try D(document) } catch {
            throw DefinitionError.invalid(error, "The \(title) cannot be taken as it is.")
        }
    }

    /// Makes a new definition.
    func create(
        _ given: JSONObject, by author: Author, lookup: DefinitionLookup
    ) async throws(DefinitionError) -> (stored: StoredDefinition, once: JSONObject) {
        let name = given["name"]?.stringValue ?? ""
        let result = try await store.attempting { () throws(DefinitionError) in
            let prepared = try await prepare(given, old: nil, lookup: lookup)
            let written = try await store.write(
                kind, name, prepared.document, old: nil, checkedAt: prepared.checkedAt, by: author)
            return written.map { ($0, prepared.once) }
        }
        try await written(name)
        return result
    }

    /// Changes a definition. `change` makes the whole new document of the one that is stored.
    ///
    /// - Parameter basedOn: the revision that the caller saw; nil: whatever is there.
    func update(
        _ name: String, basedOn: Int64?, by author: Author, lookup: DefinitionLookup,
        change: (JSONObject) -> JSONObject
    ) async throws(DefinitionError) -> StoredDefinition {
        let result = try await store.attempting { () throws(DefinitionError) in
            let old = try await store.existing(kind, name, basedOn: basedOn)
            let prepared = try await prepare(change(old.document), old: old, lookup: lookup)
            return try await store.write(
                kind, name, prepared.document, old: old, checkedAt: prepared.checkedAt, by: author)
        }
        try await written(name)
        return result
    }

    func delete(
        _ name: String, basedOn: Int64?, by author: Author
    ) async throws(DefinitionError) -> StoredDefinition {
        let result = try await store.attempting { () throws(DefinitionError) in
            let checkedAt = try await store.changes()
            let old = try await store.existing(kind, name, basedOn: basedOn)
            let uses = try await usedIn(name)
            if !uses.isEmpty { throw DefinitionError.inUse(kind, uses) }
            try await refuseBreaking(
                name: name, old: old.document, new: nil, DefinitionLookup(store: store))
            return try await store.remove(kind, old, checkedAt: checkedAt, by: author)
        }
        try await written(name)
        return result
    }
}
