import Definitions
import JSONRPC
import Models
import ServiceKit

/// `keys.*`: API keys with a name and scopes. Kept as hashes in `{sj:config}:keys`, which every service reads.
struct KeyMethods: Sendable {
    let store: DefinitionStore
    /// This process' keys: a new one is good here at once, elsewhere after `keys-refresh`.
    let table: KeyTable
    let now: @Sendable () -> Int64

    static let kind = DefinitionKind(name: "keys", singular: "key", hiddenMembers: ["hash"])
    /// The name of the key that is in a file and not in the store.
    static let reserved = "admin"

    private static let name: RPCSchema = [
        "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
    ]
    private static let scopes: RPCSchema = [
        "type": "array", "minItems": 1, "uniqueItems": true,
        "items": ["type": "string", "enum": JSONValue(Scope.allCases.map(\.rawValue))],
    ]
    private static let members: [(String, RPCSchema)] = [
        ("name", name), ("scopes", scopes), ("createdAt", .timestamp), ("createdBy", .string), ("revision", .revision),
    ]
    private static let shownSchema = RPCSchema.object(members, required: members.map(\.0))
    private static let exampleKey: JSONObject = [
        "revision": 1, "name": "shop", "scopes": ["ingest"], "createdAt": "2026-01-01T00:00:00.000Z",
        "createdBy": "admin",
    ]

    var methods: [RPCMethod] { [create, list, delete] }

    private var create: RPCMethod {
        var result = Self.exampleKey
        result["key"] = "sk_…"
        return RPCMethod(
            "keys.create", summary: "Makes an API key and shows it, this once only.",
            description: """
                Only its hash is kept. Every service takes it within its setting keys-refresh. Not safe to repeat \
                blindly: a repeat is refused because the name is taken; delete the key and make it anew.
                """,
            scope: .admin,
            params: [
                .required("name", Self.name, "Letters, digits, _ . and -; stands in the audit for whoever uses it."),
                .required("scopes", Self.scopes, "What it may do; design contains read, admin contains all."),
            ],
            result: .object(Self.members + [("key", .string)], required: Self.members.map(\.0) + ["key"]),
            errors: [.staleRevision, .tooMuch, .unavailable],
            example: RPCExample(params: ["name": "shop", "scopes": ["ingest"]], result: .object(result))
        ) { context, params throws(RPCError) in try await makeKey(context, params) }
    }

    private var list: RPCMethod {
        let store = store
        return RPCMethod(
            "keys.list", summary: "The API keys by name, without what is secret; the administrator's is in a file.",
            scope: .admin,
            params: [
                .optional("filter", .object, "Members that must be equal; text is looked for in the name."),
                .optional("cursor", .cursor, "The cursor of the page before."),
                .optional("limit", .limit, "Items of a page, 100 by default."),
            ],
            result: .page(of: Self.shownSchema), errors: [.unavailable],
            example: RPCExample(params: [:], result: ["items": [.object(Self.exampleKey)]])
        ) { _, params throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                let page = try await store.page(
                    Self.kind, filter: params["filter"]?.objectValue ?? [:], after: params["cursor"]?.stringValue,
                    limit: Int(params["limit"]?.integerValue ?? 100))
                var answer: JSONObject = ["items": .array(page.items.map { .object(Self.kind.masked($0.document)) })]
                if let cursor = page.cursor { answer["cursor"] = .string(cursor) }
                return .object(answer)
            }
        }
    }

    private var delete: RPCMethod {
        let store = store, table = table
        return RPCMethod(
            "keys.delete", summary: "Ends a key: every service refuses it within its setting keys-refresh.",
            description: "Browsers that signed in with it are signed out. The administrator's key ends with its file.",
            scope: .admin,
            params: [
                .required("name", Self.name, "The name of the key."),
                .optional("revision", .revision, "Refused when the key has another."),
            ],
            result: Self.shownSchema, errors: [.notFound, .staleRevision, .unavailable],
            example: RPCExample(params: ["name": "shop"], result: .object(Self.exampleKey))
        ) { context, params throws(RPCError) in
            try await RPCError.from { () throws(DefinitionError) in
                let old = try await store.delete(
                    Self.kind, params["name"]?.stringValue ?? "", basedOn: params["revision"]?.integerValue,
                    by: Author(context))
                try await Self.refresh(table, from: store)
                return .object(Self.kind.masked(old.document))
            }
        }
    }

    private func makeKey(_ context: RPCContext, _ params: JSONObject) async throws(RPCError) -> JSONValue {
        let name = params["name"]?.stringValue ?? ""
        guard Self.isName(name) else {
            throw .invalidParams(
                path: "/name", message: "must begin with a letter or digit; then also _ . and - are allowed")
        }
        guard name != Self.reserved else {
            throw .invalidParams(path: "/name", message: "is the name of the administrator's key; choose another")
        }
        let scopes = (params["scopes"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap(Scope.init) }
        guard !scopes.isEmpty else { throw .invalidParams(path: "/scopes", message: "must name one scope at least") }
        let key = APIKey.make()
        var record = APIKey.record(name: name, scopes: Set(scopes), hash: APIKey.hash(of: key))
        record["createdAt"] = .string(Timestamp.text(now()))
        record["createdBy"] = .string(context.principal.name)
        let document = record
        return try await RPCError.from { () throws(DefinitionError) in
            let stored = try await store.create(Self.kind, document, by: Author(context))
            try await Self.refresh(table, from: store)
            var answer = Self.kind.masked(stored.document)
            answer["key"] = .string(key)
            return .object(answer)
        }
    }

    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || Array("_.-".utf8).contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    private static func refresh(_ table: KeyTable, from store: DefinitionStore) async throws(DefinitionError) {
        _ = table.replace(with: try await store.all(kind).map { .object($0.document) })
    }
}
