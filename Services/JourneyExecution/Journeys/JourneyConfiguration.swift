import Definitions
import JSONRPC
import Models

/// Journeys in `config.export` and `config.apply`: `{"publish": true, "journey": {…}}`.
struct JourneyConfiguration: ConfigurationKind {
    let book: JourneyBook

    var singular: String { "journey" }

    func export() async throws(DefinitionError) -> [ExportedDocument] {
        try await book.store.all(.journeys).compactMap { stored in
            let record = JourneyRecord(stored.document)
            guard let document = record.draft ?? record.versions.last?.document else { return nil }
            let isLive = record.draft == nil && record.live != nil
            return ExportedDocument(document: document, beside: isLive ? ["publish": true] : [:])
        }
    }

    /// Makes the draft equal to the document, and publishes it where `publish` says so. A journey whose newest version
    /// is the document already is unchanged.
    func apply(
        _ document: JSONObject, beside: JSONObject, dryRun: Bool, lookup: inout DefinitionLookup, author: Author
    ) async throws(DefinitionError) -> AppliedDocument {
        let name = document["name"]?.stringValue ?? ""
        let publishes = beside["publish"]?.boolValue ?? false
        let old = try await book.store.get(.journeys, name).map { JourneyRecord($0.document) }
        // A journey that was closed or stopped is what its newest version is, unless it is to be live again.
        let newest = old.flatMap { $0.draft == nil ? $0.versions.last : nil }
        let isPublished = newest.map { $0.document == document && (!publishes || $0.state == .live) } ?? false
        let isDrafted = old.map { $0.draft == document } ?? false
        if isPublished || (isDrafted && !publishes) {
            return AppliedDocument(name: name, result: .unchanged, revision: old?.revision)
        }
        let result: AppliedDocument.Result = old == nil ? .created : .updated
        if dryRun {
            let problems = JourneyDocument(document).problems
            if !problems.isEmpty {
                throw DefinitionError(.invalid, "The journey cannot be taken as it is.", problems: problems)
            }
            return AppliedDocument(name: name, result: result, revision: old?.revision)
        }
        do {
            let record = try await book.replaceDraft(document, by: author)
            let written = publishes ? try await book.publish(name, basedOn: record.revision, by: author) : record
            return AppliedDocument(name: name, result: result, revision: written.revision)
        } catch {
            throw Self.definitionError(error)
        }
    }

    /// The findings and problems of a refused journey, as problems of its document.
    private static func definitionError(_ error: RPCError) -> DefinitionError {
        var problems = (error.data?["problems"]?.arrayValue ?? []).map { problem in
            Problem(path: problem["path"]?.stringValue ?? "", message: problem["message"]?.stringValue ?? "")
        }
        for finding in error.data?["findings"]?.arrayValue ?? [] where finding["severity"] == "error" {
            let node = finding["node"]?.stringValue.map { "/nodes/\($0)" } ?? ""
            let message = [finding["message"], finding["remedy"]].compactMap { $0?.stringValue }.joined(separator: " ")
            problems.append(Problem(path: node + (finding["field"]?.stringValue ?? ""), message: message))
        }
        let code: DefinitionError.Code = error.code == .unavailable ? .unavailable : .invalid
        return DefinitionError(code, error.message, problems: problems, cause: error)
    }
}

extension JourneyBook {
    /// Makes the draft exactly this document; a new journey where there is none of its name.
    func replaceDraft(_ document: JSONObject, by author: Author) async throws(RPCError) -> JourneyRecord {
        let name = document["name"]?.stringValue ?? ""
        do {
            guard try await store.get(.journeys, name) != nil else { return try await create(document, by: author) }
        } catch let error as RPCError {
            throw error
        } catch let error as DefinitionError {
            throw RPCError(error)
        } catch {
            throw .internalError(cause: error)
        }
        let draft = JourneyDocument(document)
        if !draft.problems.isEmpty { throw .invalidParams(draft.problems) }
        return try await change(name, basedOn: nil, by: author) { record throws(RPCError) in
            record.draft = draft.document
            record.draftUses = draft.uses.json
            record.updatedAt = clock()
        }
    }
}
