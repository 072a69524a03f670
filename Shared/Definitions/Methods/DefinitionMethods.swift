import JSONRPC
import Models

extension DefinitionFamily {
    /// `X.create`, `X.get`, `X.list`, `X.update`, `X.delete` and `X.usedIn`, ready for the registry.
    package var methods: [RPCMethod] {
        [createMethod, getMethod, listMethod, updateMethod, deleteMethod, usedInMethod]
    }

    /// The shape of an answer, for `rpc.discover`.
    private var resultSchema: RPCSchema {
        .object(
            members.map { ($0.name, $0.schema) } + [("revision", .revision)],
            required: members.filter(\.isRequired).map(\.name) + ["revision"])
    }

    private var exampleResult: JSONValue {
        var result = kind.masked(example)
        result["revision"] = 1
        return .object(result)
    }

    private var exampleName: JSONObject { ["name": example["name"] ?? "example"] }

    private var createMethod: RPCMethod {
        let family = self
        return RPCMethod(
            "\(kind.name).create", summary: "Makes a new \(title).",
            description: "Answers the whole new object with its revision; secrets are masked.", scope: writeScope,
            params: members, unknownParams: .passedOn, result: resultSchema, errors: [.staleRevision, .tooMuch, .inUse],
            example: RPCExample(params: example, result: exampleResult)
        ) { context, params async throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                let made = try await family.create(
                    params, by: Author(context), lookup: DefinitionLookup(store: family.store))
                var answer = family.shown(made.stored)
                answer.merge(made.once)
                return .object(answer)
            }
        }
    }

    private var getMethod: RPCMethod {
        let family = self
        return RPCMethod(
            "\(kind.name).get", summary: "The \(title) of a name.", scope: .read,
            params: [
                .required("name", .name, "The name of the \(title)."),
                .optional("revision", .revision, "An earlier revision, as far as it is kept; the newest by default."),
            ],
            result: resultSchema, errors: [.notFound], example: RPCExample(params: exampleName, result: exampleResult)
        ) { _, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            return try await RPCError.from { () throws(DefinitionError) in
                let stored =
                    if let revision = params["revision"]?.integerValue {
                        try await family.store.get(family.kind, name, revision: revision)
                    } else {
                        try await family.store.get(family.kind, name)
                    }
                guard let stored else { throw DefinitionError.notFound(family.kind, name) }
                return .object(family.shown(stored))
            }
        }
    }

    private var listMethod: RPCMethod {
        let family = self
        return RPCMethod(
            "\(kind.name).list", summary: "All \(title)s, by name.",
            description: """
                A member of `filter` asks for definitions whose member of that name is equal; `text` asks for those \
                whose name or description holds it.
                """,
            scope: .read,
            params: [
                .optional("filter", .object, "What to list; everything by default."),
                .optional("cursor", .cursor, "The cursor of the page before."),
                .optional("limit", .limit, "Items of a page, 100 by default."),
            ],
            result: .page(of: resultSchema),
            example: RPCExample(params: ["limit": 10], result: ["items": [exampleResult]])
        ) { _, params async throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                let page = try await family.store.page(
                    family.kind, filter: params["filter"]?.objectValue ?? [:], after: params["cursor"]?.stringValue,
                    limit: Int(params["limit"]?.integerValue ?? 100))
                var answer: JSONObject = ["items": .array(page.items.map { .object(family.shown($0)) })]
                if let cursor = page.cursor { answer["cursor"] = .string(cursor) }
                return .object(answer)
            }
        }
    }

    private var updateMethod: RPCMethod {
        let family = self
        var example = exampleName
        example["description"] = "What it is for."
        example["revision"] = 1
        return RPCMethod(
            "\(kind.name).update", summary: "Changes a \(title).",
            description: """
                Takes the members of \(kind.name).create: those given replace the stored ones, null removes one, \
                absent ones stay. A secret given as its mask stays. With `revision`, the change is refused when \
                somebody else wrote since. While it is in use, only what breaks nobody may change. Answers the whole \
                new object.
                """,
            scope: writeScope,
            params: [
                .required("name", .name, "The name of the \(title)."),
                .optional("revision", .revision, "The revision that the change is based on."),
            ] + members.filter { $0.name != "name" }.map(\.removable),
            unknownParams: .passedOn, result: resultSchema, errors: [.notFound, .staleRevision, .inUse],
            example: RPCExample(params: example, result: exampleResult)
        ) { context, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            return try await RPCError.from { () throws(DefinitionError) in
                let stored = try await family.update(
                    name, basedOn: params["revision"]?.integerValue, by: Author(context),
                    lookup: DefinitionLookup(store: family.store)
                ) { document in
                    var document = document
                    for (key, value) in params where key != "revision" {
                        document[key] = value.isNull ? JSONValue?.none : value
                    }
                    return document.withSecretsMasked(of: family.kind, unless: params)
                }
                return .object(family.shown(stored))
            }
        }
    }

    private var deleteMethod: RPCMethod {
        let family = self
        return RPCMethod(
            "\(kind.name).delete", summary: "Deletes a \(title) that nothing uses.", scope: writeScope,
            params: [
                .required("name", .name, "The name of the \(title)."),
                .optional("revision", .revision, "The revision that is meant."),
            ],
            result: .object([("name", .name), ("revision", .revision), ("deleted", .boolean)]),
            errors: [.notFound, .staleRevision, .inUse],
            example: RPCExample(
                params: exampleName,
                result: ["name": example["name"] ?? "example", "revision": 1, "deleted": true])
        ) { context, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            return try await RPCError.from { () throws(DefinitionError) in
                let stored = try await family.delete(
                    name, basedOn: params["revision"]?.integerValue, by: Author(context))
                return ["name": .string(name), "revision": .integer(stored.revision), "deleted": true]
            }
        }
    }

    private var usedInMethod: RPCMethod {
        let family = self
        return RPCMethod(
            "\(kind.name).usedIn", summary: "What uses a \(title): journeys' drafts and versions, other definitions.",
            scope: .read, params: [.required("name", .name, "The name of the \(title).")],
            result: .page(
                of: .object(
                    [("kind", .string), ("name", .name), ("version", .integer), ("state", .string)],
                    required: ["kind", "name"])),
            errors: [.notFound],
            example: RPCExample(
                params: exampleName,
                result: ["items": [["kind": "journeys", "name": "welcome", "version": 2, "state": "live"]]])
        ) { _, params async throws(RPCError) in
            let name = params["name"]?.stringValue ?? ""
            return try await RPCError.from { () throws(DefinitionError) in
                guard try await family.store.get(family.kind, name) != nil else {
                    throw DefinitionError.notFound(family.kind, name)
                }
                return ["items": .array(try await family.usedIn(name).map(\.json))]
            }
        }
    }
}

extension JSONObject {
    /// The stored document with its secrets as masks, which keep what is stored, but for parts that a caller gives.
    fileprivate func withSecretsMasked(of kind: DefinitionKind, unless given: JSONObject) -> JSONObject {
        let masked = kind.masked(self)
        var result = self
        for path in kind.secretPaths {
            guard let first = path.first, !given.contains(first) else { continue }
            result[first] = masked[first]
        }
        for member in kind.hiddenMembers where !given.contains(member) { result[member] = nil }
        return result
    }
}

extension Author {
    package init(_ context: RPCContext) {
        self.init(name: context.principal.name, address: context.remoteAddress)
    }
}
