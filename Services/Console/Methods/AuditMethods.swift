import Definitions
import JSONRPC
import Models

/// `audit.list`: who changed what, when, from where, before and after; every service writes to it.
struct AuditMethods: Sendable {
    let store: DefinitionStore

    private static let filterMembers = ["kind", "name", "author", "service", "action"]
    private static let example: JSONValue = [
        "revision": 3, "at": "2026-01-01T00:00:00.000Z", "service": "action-dispatch", "author": "admin",
        "address": "127.0.0.1", "action": "update", "kind": "actions", "name": "sms", "before": ["retries": 3],
        "after": ["retries": 5],
    ]

    var methods: [RPCMethod] {
        [
            RPCMethod(
                "audit.list", summary: "Changes of the configuration and what was done by hand, newest first.",
                description: """
                    Secrets are masked. Of an update only the members that differ. Retries, moves and discards have \
                    no revision, and maybe `details`. What is written while somebody turns pages moves the rest \
                    back: an entry may come twice, none is left out. A page may be empty and still have a cursor \
                    where the filter wants little.
                    """,
                scope: .admin,
                params: [
                    .optional(
                        "filter", .object(Self.filterMembers.map { ($0, .string) }), "Members that must be equal."),
                    .optional("cursor", .cursor, "The cursor of the page before."),
                    .optional("limit", .limit, "Items of a page, 100 by default."),
                ],
                result: .page(of: .object), errors: [.unavailable],
                example: RPCExample(params: ["limit": 1], result: ["items": [Self.example], "cursor": "1"])
            ) { _, params throws(RPCError) in try await list(params) }
        ]
    }

    private func list(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let filter = params["filter"]?.objectValue ?? [:]
        if let unknown = filter.first(where: { !Self.filterMembers.contains($0.key) }) {
            throw .invalidParams(path: "/filter/\(unknown.key)", message: "is no member to filter by")
        }
        let limit = Int(params["limit"]?.integerValue ?? 100)
        var offset = 0
        if let cursor = params["cursor"]?.stringValue {
            guard let number = Int(cursor), (0...AuditEntry.entriesMax).contains(number) else {
                throw .invalidParams(path: "/cursor", message: "is none that this method gave")
            }
            offset = number
        }
        let end = offset + Limits.auditReadMax
        var items: [JSONValue] = []
        while offset < end {
            let start = offset
            let page = try await RPCError.from { () throws(DefinitionError) in
                try await store.audit(offset: start, limit: 1_000)
            }
            for entry in page {
                offset += 1
                guard filter.allSatisfy({ entry[$0.key] == $0.value }) else { continue }
                items.append(Self.shown(entry))
                if items.count == limit { return Self.answer(items, cursor: offset) }
            }
            if page.count < 1_000 { return Self.answer(items, cursor: nil) }
        }
        return Self.answer(items, cursor: offset)
    }

    private static func answer(_ items: [JSONValue], cursor: Int?) -> JSONValue {
        var answer: JSONObject = ["items": .array(items)]
        if let cursor { answer["cursor"] = .string(String(cursor)) }
        return .object(answer)
    }

    /// Times go out as ISO 8601; they are kept as milliseconds.
    private static func shown(_ entry: JSONObject) -> JSONValue {
        var entry = entry
        if let at = entry["at"]?.integerValue { entry["at"] = .string(Timestamp.text(at)) }
        return .object(entry)
    }
}
