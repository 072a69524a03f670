import JSONRPC
import Models

/// `config.export` and `config.apply` over the kinds that a service owns.
package struct ConfigurationMethods: Sendable {
    /// Documents of one call.
    package static let documentsMax = 10_000

    private let kinds: [any ConfigurationKind]
    private let store: DefinitionStore

    /// - Parameter kinds: in the order in which they are applied, so that what is used comes before what uses it.
    package init(_ kinds: [any ConfigurationKind], store: DefinitionStore) {
        self.kinds = kinds
        self.store = store
    }

    package var methods: [RPCMethod] { [exportMethod, applyMethod] }

    private var words: String { kinds.map(\.singular).joined(separator: ", ") }

    private var exportMethod: RPCMethod {
        RPCMethod(
            "config.export", summary: "The whole configuration of this service, as documents for config.apply.",
            description: """
                Each document lies under the word of its kind (here: \(words)). Secrets are left out and named in \
                `secrets` beside it; config.apply keeps the stored ones.
                """,
            scope: .read, result: .object([("documents", .array(of: .object))], required: ["documents"]),
            example: RPCExample(params: [:], result: ["documents": [["\(kinds.first?.singular ?? "x")": [:]]]])
        ) { _, _ async throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                var documents: [JSONValue] = []
                for kind in kinds {
                    for exported in try await kind.export() {
                        var outer: JSONObject = [kind.singular: .object(exported.document)]
                        outer.merge(exported.beside)
                        if !exported.secrets.isEmpty { outer["secrets"] = JSONValue(exported.secrets) }
                        documents.append(.object(outer))
                    }
                }
                return ["documents": .array(documents)]
            }
        }
    }

    private var applyMethod: RPCMethod {
        RPCMethod(
            "config.apply", summary: "Makes the configuration equal to documents; what they do not name stays.",
            description: """
                A document is an object with one member named by its kind (here: \(words)). Kinds are applied in this \
                order, each document on its own: one that fails stops no other. Secrets that are left out, or given as \
                their mask, stay as stored. With `dryRun` nothing is written.
                """,
            scope: .admin,
            params: [
                .required("documents", .array(of: .object), "The documents, at most \(Self.documentsMax)."),
                .optional("dryRun", .boolean, "Only say what would happen."),
            ],
            result: .object([("results", .array(of: .object)), ("dryRun", .boolean)], required: ["results"]),
            errors: [.tooMuch],
            example: RPCExample(
                params: ["documents": [["\(kinds.first?.singular ?? "x")": ["name": "example"]]], "dryRun": true],
                result: [
                    "results": [
                        [
                            "kind": .string(kinds.first?.singular ?? "x"), "name": "example", "result": "created",
                            "problems": [],
                        ]
                    ], "dryRun": true,
                ])
        ) { context, params async throws(RPCError) in
            let documents = params["documents"]?.arrayValue ?? []
            if documents.count > Self.documentsMax {
                throw RPCError.invalidParams(
                    path: "/documents", message: "has more than \(Self.documentsMax) documents")
            }
            let dryRun = params["dryRun"]?.boolValue ?? false
            let results = await apply(documents, dryRun: dryRun, by: Author(context))
            return ["results": .array(results), "dryRun": .bool(dryRun)]
        }
    }

    /// Applies documents kind after kind and answers in their own order.
    func apply(_ documents: [JSONValue], dryRun: Bool, by author: Author) async -> [JSONValue] {
        var results = [JSONValue](repeating: .null, count: documents.count)
        var lookup = DefinitionLookup(store: store)
        var isKnown = [Bool](repeating: false, count: documents.count)
        for kind in kinds {
            for (place, document) in documents.enumerated() {
                guard let outer = document.objectValue, let inner = outer[kind.singular]?.objectValue else { continue }
                isKnown[place] = true
                results[place] = await apply(
                    inner, beside: outer.removing(kind.singular, "secrets"), kind: kind, dryRun: dryRun,
                    lookup: &lookup, by: author)
            }
        }
        for place in documents.indices where !isKnown[place] {
            let words = documents[place].objectValue?.keys.joined(separator: ", ") ?? ""
            results[place] = [
                "kind": .string(words), "name": nil, "result": "failed",
                "problems": [
                    Problem(
                        path: "", message: "is no object with one of the members that this service takes: \(self.words)"
                    ).json
                ],
            ]
        }
        return results
    }

    private func apply(
        _ inner: JSONObject, beside: JSONObject, kind: any ConfigurationKind, dryRun: Bool,
        lookup: inout DefinitionLookup, by author: Author
    ) async -> JSONValue {
        do {
            let applied = try await kind.apply(
                inner, beside: beside, dryRun: dryRun, lookup: &lookup, author: author)
            var result: JSONObject = [
                "kind": .string(kind.singular), "name": .string(applied.name),
                "result": .string(applied.result.rawValue),
            ]
            if let revision = applied.revision { result["revision"] = .integer(revision) }
            result["problems"] = []
            return .object(result)
        } catch {
            let problems = error.problems.isEmpty ? [Problem(path: "", message: error.message)] : error.problems
            return [
                "kind": .string(kind.singular), "name": .string(inner["name"]?.stringValue ?? ""), "result": "failed",
                "message": .string(error.message), "problems": .array(problems.map(\.json)),
            ]
        }
    }
}
