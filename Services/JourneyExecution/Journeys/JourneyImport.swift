import Definitions
import JSONRPC
import Models

/// Takes a journey out of a bundle of `journeys.export`: its own documents become drafts, the others must be there.
///
/// Nothing that exists is changed: a journey of the same name and another content refuses the import, and a journey
/// that the imported one jumps into stays as it is.
struct JourneyImport {
    /// What is to be done, found out without writing.
    struct Plan {
        /// Drafts to make, those that are jumped into first.
        var drafts: [JSONObject] = []
        var results: [JSONValue] = []
        /// Places of documents whose definitions are not here.
        var missing: [(place: Int, kind: String, name: String)] = []
    }

    private static let kinds: [DefinitionKind] = [.schemas, .events, .dataSources, .audiences, .actions]

    let book: JourneyBook

    func run(
        _ bundle: JSONObject, as name: String?, dryRun: Bool, by author: Author
    ) async throws(RPCError) -> JSONValue {
        let plan = try await plan(bundle, as: name)
        if !dryRun {
            let problems = plan.missing.map { place, kind, name in
                Problem(
                    path: "/bundle/documents/\(place)", message: "there is no \(kind) \(name) here; apply it first")
            }
            if !problems.isEmpty { throw .invalidParams(problems) }
            for draft in plan.drafts { _ = try await book.create(draft, by: author) }
        }
        return [
            "results": .array(plan.results), "dryRun": .bool(dryRun),
            "missing": .array(plan.missing.map { ["kind": .string($0.kind), "name": .string($0.name)] }),
        ]
    }

    private func plan(_ bundle: JSONObject, as name: String?) async throws(RPCError) -> Plan {
        let documents = bundle["documents"]?.arrayValue ?? []
        let journeys = documents.compactMap { $0["journey"]?.objectValue }
        let main = bundle["journey"]?.stringValue ?? journeys.last?["name"]?.stringValue ?? ""
        guard journeys.contains(where: { $0["name"] == .string(main) }) else {
            throw .invalidParams(path: "/bundle", message: "holds no document of the journey that it names")
        }
        var plan = Plan()
        for (place, document) in documents.enumerated() {
            for kind in Self.kinds {
                guard let found = document[kind.singular]?["name"]?.stringValue else { continue }
                if try await !exists(kind, found) { plan.missing.append((place, kind.singular, found)) }
            }
            guard let journey = document["journey"]?.objectValue else { continue }
            let isMain = journey["name"] == .string(main)
            let renamed = isMain && name != nil ? Self.renamed(journey, to: name ?? main) : journey
            try refuse(JourneyDocument(renamed).problems, "/bundle/documents/\(place)/journey")
            let target = renamed["name"]?.stringValue ?? ""
            let result = try await result(of: renamed, name: target, isMain: isMain)
            if result == "created" { plan.drafts.append(renamed) }
            plan.results.append(["kind": "journey", "name": .string(target), "result": .string(result)])
        }
        return plan
    }

    private func result(of document: JSONObject, name: String, isMain: Bool) async throws(RPCError) -> String {
        let record: JourneyRecord?
        do throws(DefinitionError) {
            record = try await book.store.get(.journeys, name).map { JourneyRecord($0.document) }
        } catch { throw RPCError(error) }
        guard let record else { return "created" }
        if record.shown == document { return "unchanged" }
        if !isMain { return "kept" }
        throw RPCError(
            .staleRevision, "There is another journey of the name \(name); give the imported one a name with `as`.",
            data: ["revision": .integer(record.revision)])
    }

    private func exists(_ kind: DefinitionKind, _ name: String) async throws(RPCError) -> Bool {
        do throws(DefinitionError) { return try await book.store.get(kind, name) != nil } catch {
            throw RPCError(error)
        }
    }

    /// The journey under another name, also where it jumps into itself.
    static func renamed(_ document: JSONObject, to name: String) -> JSONObject {
        let old = document["name"]
        var renamed = document
        renamed["name"] = .string(name)
        guard let nodes = document["nodes"]?.arrayValue else { return renamed }
        renamed["nodes"] = .array(
            nodes.map { node in
                guard node["type"] == "jump", node["journey"] == old, var object = node.objectValue else { return node }
                object["journey"] = .string(name)
                return .object(object)
            })
        return renamed
    }

    private func refuse(_ problems: [Problem], _ path: String) throws(RPCError) {
        if problems.isEmpty { return }
        throw .invalidParams(problems.map { Problem(path: path + $0.path, message: $0.message) })
    }
}
