import JSONRPC
import Models
import Redis

/// `journeys.runs`: when a journey read its audience, and what came of it.
struct RunMethods {
    let book: JourneyBook
    let starter: RunStarter

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "journeys.runs", summary: "The times that a journey read its audience, newest first.",
                description: """
                    A run is started by its schedule or by a business event. `state` is running until every partition \
                    came to all its members; `admitted` entered, `refused` did not, with reasons in `trace.person`.
                    """,
                scope: .read,
                params: [
                    .required("name", .name, "The journey's name."), .optional("limit", .limit, "Runs at most."),
                ], result: .page(of: .object), errors: [.notFound, .unavailable],
                example: RPCExample(
                    params: ["name": "sale"],
                    result: [
                        "items": [
                            [
                                "run": "sale:1:1767225600000", "version": 1, "at": "2026-01-01T00:00:00.000Z",
                                "state": "done", "admitted": 1_200, "refused": 4,
                            ]
                        ]
                    ])
            ) { _, params throws(RPCError) in
                let record = try await book.record(params["name"]?.stringValue ?? "")
                do throws(RedisError) {
                    let runs = try await starter.runs().filter {
                        $0["journey"] == .string(record.name) && ($0["version"]?.integerValue ?? 0) > record.origin
                    }
                    var items: [JSONValue] = []
                    for run in runs.prefix(Int(params["limit"]?.integerValue ?? 20)) {
                        items.append(try await view(run))
                    }
                    return ["items": .array(items)]
                } catch { throw .unavailable(error.callerMessage, cause: error) }
            })
    }

    private func view(_ run: JSONValue) async throws(RedisError) -> JSONValue {
        let tours = try await book.inside.tours("tour:run:\(run["run"]?.stringValue ?? "")")
        var admitted: Int64 = 0, refused: Int64 = 0, ended = 0
        for (tour, entry) in tours {
            if case .admit(_, let place)? = tour?.errand {
                admitted += place.admitted
                refused += place.refused
            } else if let entry {
                admitted += entry["admitted"]?.integerValue ?? 0
                refused += entry["refused"]?.integerValue ?? 0
                ended += 1
            }
        }
        var object: JSONObject = [
            "run": run["run"] ?? .null, "version": run["version"] ?? .null,
            "at": .string(Timestamp.text(run["at"]?.integerValue ?? 0)),
            "state": ended == tours.count ? "done" : "running", "admitted": .integer(admitted),
            "refused": .integer(refused),
        ]
        if let event = run["eventName"] { object["event"] = event }
        return .object(object)
    }
}
