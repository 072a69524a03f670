import Expressions
import JSONRPC
import Models

/// `stepEvents.query`: what happened, per person, instance, journey, node or error.
struct StepEventMethods {
    let store: any StepStore
    let leader: DrainLeader

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "stepEvents.query", summary: "Step events in the order in which they happened.", scope: .read,
                params: [
                    .optional(
                        "filter",
                        .object([
                            ("namespace", .string), ("profile", .string), ("journey", .string), ("version", .integer),
                            ("instance", .string), ("stimulus", .string), ("node", .string), ("kind", .string),
                            ("status", .string), ("code", .string), ("from", .timestamp), ("to", .timestamp),
                        ]), "Each member given must hold; from is included, to is not."),
                    .optional("cursor", .cursor, "Where the page before ended."),
                    .optional("limit", .limit, "Items a page."),
                ], result: .page(of: .object), errors: [.unavailable],
                example: RPCExample(
                    params: ["filter": ["namespace": "crmId", "profile": "42"]],
                    result: [
                        "items": [
                            [
                                "at": "2026-01-01T00:00:00.000Z", "namespace": "crmId", "profile": "42",
                                "journey": "welcome", "version": 1, "instance": "4f0c…", "step": 1, "kind": "entered",
                                "stimulus": "e-1", "partition": 7, "number": 40211,
                            ]
                        ]
                    ])
            ) { _, params throws(RPCError) in try await query(params) })
    }

    private func query(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        guard leader.leads else {
            let who = leader.leader.map { "the replica \($0)" } ?? "another replica"
            throw .unavailable("This replica does not hold the step store; ask \(who).", cause: nil)
        }
        let members = params["filter"] ?? .null
        var filter = StepFilter()
        filter.namespace = members["namespace"]?.stringValue
        filter.profile = members["profile"]?.stringValue
        filter.journey = members["journey"]?.stringValue
        filter.version = members["version"]?.integerValue
        filter.instance = members["instance"]?.stringValue
        filter.stimulus = members["stimulus"]?.stringValue
        filter.node = members["node"]?.stringValue
        filter.kind = members["kind"]?.stringValue
        filter.status = members["status"]?.stringValue
        filter.code = members["code"]?.stringValue
        filter.from = try time(members["from"], "from")
        filter.to = try time(members["to"], "to")
        var cursor: StepCursor?
        if let text = params["cursor"]?.stringValue {
            guard let read = StepCursor(text) else {
                throw .invalidParams(path: "/cursor", message: "is none that this method gave")
            }
            cursor = read
        }
        do {
            let page = try await store.query(
                filter, after: cursor, limit: Int(params["limit"]?.integerValue ?? 100))
            var answer: JSONObject = ["items": .array(page.items.map(\.json))]
            if let cursor = page.cursor { answer["cursor"] = .string(cursor.text) }
            return .object(answer)
        } catch {
            throw .unavailable("The step store does not answer.", cause: error)
        }
    }

    private func time(_ value: JSONValue?, _ key: String) throws(RPCError) -> Int64? {
        guard let text = value?.stringValue else { return nil }
        guard let time = ISO8601.parseDateTime(text) else {
            throw .invalidParams(path: "/filter/\(key)", message: "is no ISO 8601 time with zone or offset")
        }
        return time.instant
    }
}
