import JSONRPC
import Models

/// `stepEvents.query` and `stepEvents.export`: what happened, per person, instance, journey, node or error.
struct StepEventMethods {
    /// Step events of one page of an export.
    static let exportMax: Int64 = 5_000

    let store: any StepStore
    let leader: DrainLeader

    private static let example: JSONObject = [
        "at": "2026-01-01T00:00:00.000Z", "namespace": "crmId", "profile": "42", "journey": "welcome", "version": 1,
        "instance": "4f0c…", "step": 1, "kind": "entered", "entrance": true, "stimulus": "e-1", "partition": 7,
        "number": 40211,
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(queryMethod, exportMethod)
    }

    private var queryMethod: RPCMethod {
        RPCMethod(
            "stepEvents.query", summary: "Step events in the order in which they happened.", scope: .read,
            params: [
                StepFilter.parameter,
                .optional("inputs", .boolean, "Adds `input` where it is kept: what the engine saw."),
                .optional("journeys", .boolean, "Names the journeys of each group in `event.ruledOut`."),
                .optional("cursor", .cursor, "Where the page before ended."),
                .optional("limit", .limit, "Items a page."),
            ], result: .page(of: .object), errors: [.unavailable],
            example: RPCExample(
                params: ["filter": ["namespace": "crmId", "profile": "42"]],
                result: ["items": [.object(Self.example)]])
        ) { _, params throws(RPCError) in
            let page = try await page(params, limit: params["limit"]?.integerValue ?? 100)
            let hasInputs = params["inputs"]?.boolValue ?? false
            let members = params["journeys"]?.boolValue ?? false ? try await members(page) : [:]
            let items = page.items.map { step -> JSONValue in
                var object = step.view(members: members)
                if hasInputs, let input = step.input { object["input"] = input }
                return .object(object)
            }
            var answer: JSONObject = ["items": .array(items)]
            if let cursor = page.cursor { answer["cursor"] = .string(cursor.text) }
            return .object(answer)
        }
    }

    private var exportMethod: RPCMethod {
        RPCMethod(
            "stepEvents.export", summary: "Step events as text: CSV (RFC 4180) or JSON Lines, page by page.",
            description: """
                The pages one after the other are the file: only the first page of a CSV has the line of names. A \
                text that a spreadsheet would take for a formula has an apostrophe in front.
                """,
            scope: .read,
            params: [
                StepFilter.parameter, .required("format", .choice("csv", "jsonl"), "What the text is."),
                .optional("cursor", .cursor, "Where the page before ended."),
                .optional("limit", .integer(1...Self.exportMax), "Step events a page; 1,000 by default."),
            ],
            result: .object(
                [("format", .string), ("count", .integer), ("text", .string), ("cursor", .cursor)],
                required: ["format", "count", "text"]),
            errors: [.unavailable],
            example: RPCExample(
                params: ["filter": ["journey": "welcome"], "format": "jsonl"],
                result: ["format": "jsonl", "count": 1, "text": .string(JSONValue.object(Self.example).text + "\n")])
        ) { _, params throws(RPCError) in
            let page = try await page(params, limit: params["limit"]?.integerValue ?? 1_000)
            let format = params["format"]?.stringValue ?? ""
            let isFirst = params["cursor"]?.stringValue == nil
            let text =
                format == "csv"
                ? (isFirst ? StepTable.head : "") + page.items.map { StepTable.line($0.json) }.joined()
                : page.items.map { JSONValue.object($0.json).text + "\n" }.joined()
            var answer: JSONObject = [
                "format": .string(format), "count": JSONValue(page.items.count), "text": .string(text),
            ]
            if let cursor = page.cursor { answer["cursor"] = .string(cursor.text) }
            return .object(answer)
        }
    }

    private func members(_ page: StepPage) async throws(RPCError) -> [String: [RefusalCounts.Member]] {
        let groups = Set(page.items.flatMap { ($0.seen?.ruledOut ?? []).map(\.group) })
        do { return try await store.members(of: groups) } catch {
            throw .unavailable("The step store does not answer.", cause: error)
        }
    }

    private func page(_ params: JSONObject, limit: Int64) async throws(RPCError) -> StepPage {
        try leader.require()
        let filter = try StepFilter(params: params)
        let cursor = try StepCursor.read(params)
        do { return try await store.query(filter, after: cursor, limit: Int(limit)) } catch {
            throw .unavailable("The step store does not answer.", cause: error)
        }
    }
}
