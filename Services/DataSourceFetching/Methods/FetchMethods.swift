import JSONRPC
import Models
import Outbound

/// `fetch.now`: a look-up as a journey would make it, cache included, answered at once.
struct FetchMethods: Sendable {
    let lookups: Lookups

    var methods: [RPCMethod] { [now] }

    private var now: RPCMethod {
        RPCMethod(
            "fetch.now", summary: "Fetches a field group as a journey would, from the cache too.", scope: .design,
            params: [
                .required("source", .name, "The data source."), .required("group", .name, "The field group."),
                .optional("params", .object, "The parameters' values, by name."),
            ],
            result: .object(
                [
                    ("data", .any), ("cached", .boolean), ("note", .string), ("error", .string),
                    ("durationMs", .integer),
                ],
                required: ["durationMs"]),
            errors: [.notFound],
            example: RPCExample(
                params: ["source": "loyalty", "group": "account", "params": ["memberId": "42"]],
                result: ["data": ["tier": "gold", "points": 120], "cached": false, "durationMs": 12])
        ) { _, params async throws(RPCError) in
            let start = lookups.clock.milliseconds
            let end = await lookups.look(
                up: params["source"]?.stringValue ?? "", params["group"]?.stringValue ?? "",
                params["params"]?.objectValue ?? [:],
                until: .now + .milliseconds(Limits.requestMillisecondsMax))
            var answer: JSONObject = [:]
            switch end {
            case .notNow(let notNow): answer["error"] = .string(notNow.failure.code)
            case .answer(let found):
                switch found.result {
                case .success(let data):
                    answer["data"] = data.value
                    if let note = data.note { answer["note"] = .string(note.rawValue) }
                    answer["cached"] = .bool(found.isCached)
                case .failure(.unknownSource): throw .notFound("data source of this name")
                case .failure(.unknownGroup): throw .notFound("group of this name in the data source")
                case .failure(let failure): answer["error"] = .string(failure.code)
                }
            }
            answer["durationMs"] = .integer(lookups.clock.milliseconds - start)
            return .object(answer)
        }
    }
}
