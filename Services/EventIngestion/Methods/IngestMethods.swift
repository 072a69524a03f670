import Definitions
import JSONRPC
import Models
import Queues
import Redis

/// `ingest.*`: events over JSON-RPC.
struct IngestMethods {
    let taker: EventTaker
    let book: EventBook
    let rejected: RejectedEvents
    let batchMax: Int

    static let exampleEvent: JSONValue = ["_id": "e-1", "customer": ["id": "42"]]
    static let exampleAnswer: JSONValue = [
        "id": "e-1", "accepted": true, "duplicate": false,
        "matched": [["event": "orderPlaced", "profile": "crmId:42", "partition": 7]],
    ]

    func register(in registry: inout MethodRegistry) {
        let inlet = RPCParameter.optional("inlet", .name, "Take only what this inlet takes.")
        registry.add(
            RPCMethod(
                "ingest.send", summary: "Takes one event; it is on disk when this answers.", scope: .ingest,
                params: [inlet, .required("event", .object, "The event, as its schema says.")], result: .object,
                errors: [.notFound, .tooMuch, .unavailable],
                example: RPCExample(params: ["event": Self.exampleEvent], result: Self.exampleAnswer)
            ) { _, params throws(RPCError) in
                let event = params["event"] ?? .null
                let inlet = try self.inlet(params)
                let answer = try await take([event], inlet)[0]
                return try Self.result(answer, event, inlet, rejected)
            },
            RPCMethod(
                "ingest.sendBatch", summary: "Takes several events, each for itself; a result for each.",
                scope: .ingest,
                params: [inlet, .required("events", .array(of: .object), "At most \(batchMax).")],
                result: .object([("results", .array(of: .object))]), errors: [.notFound, .tooMuch, .unavailable],
                example: RPCExample(
                    params: ["events": [Self.exampleEvent]], result: ["results": [Self.exampleAnswer]])
            ) { _, params throws(RPCError) in
                let events = params["events"]?.arrayValue ?? []
                if events.count > batchMax {
                    throw .invalidParams(path: "/events", message: "has more than \(batchMax) events")
                }
                let inlet = try self.inlet(params)
                let results = zip(events, try await take(events, inlet)).map { event, answer -> JSONValue in
                    do throws(RPCError) { return try Self.result(answer, event, inlet, rejected) } catch {
                        var object: JSONObject = ["accepted": false, "error": .string(error.message)]
                        if let data = error.data { object.merge(data) }
                        return .object(object)
                    }
                }
                return ["results": .array(results)]
            })
    }

    private func inlet(_ params: JSONObject) throws(RPCError) -> InletDefinition? {
        guard let name = params["inlet"]?.stringValue else { return nil }
        if let inlet = book.current.inlets.values.first(where: { $0.name == name }) { return inlet }
        throw .notFound("inlet \(name)")
    }

    private func take(_ events: [JSONValue], _ inlet: InletDefinition?) async throws(RPCError) -> [EventTaker.Answer] {
        do { return try await taker.take(events.map { ($0, nil) }, inlet: inlet) } catch {
            switch error.code {
            case .outOfMemory, .busy: throw .tooMuch(retryAfterMilliseconds: 1_000, error.callerMessage)
            default: throw .unavailable(error.callerMessage, cause: error)
            }
        }
    }

    static func result(
        _ answer: EventTaker.Answer, _ event: JSONValue, _ inlet: InletDefinition?, _ rejected: RejectedEvents
    ) throws(RPCError) -> JSONValue {
        switch answer {
        case .accepted(let accepted):
            let matched = accepted.matches.map { match -> JSONValue in
                [
                    "event": .string(match.event), "profile": JSONValue(match.person?.key),
                    "partition": JSONValue(match.partition),
                ]
            }
            return [
                "id": .string(accepted.id), "accepted": true, "duplicate": .bool(accepted.isDuplicate),
                "matched": .array(matched),
            ]
        case .invalid(let problems):
            rejected.keep(event, problems: problems, inlet: inlet?.name)
            throw .invalidParams(problems.map { Problem(path: "/event" + $0.path, message: $0.message) })
        case .full(let id):
            let error = RPCError.tooMuch(
                retryAfterMilliseconds: 1_000, "Too many events are waiting; send it again later.")
            guard let id else { throw error }
            // A part of it is in under this id: with it as `_id` a repeat completes what is missing.
            var data = error.data ?? JSONObject()
            data["id"] = .string(id)
            throw RPCError(error.code, error.message, data: data)
        }
    }
}

/// `rejected.*`: events that failed validation.
struct RejectedMethods {
    let rejected: RejectedEvents
    let taker: EventTaker
    /// Whose audit says who did what.
    let store: DefinitionStore

    func register(in registry: inout MethodRegistry) {
        let identity: [RPCParameter] = [.required("id", .string, "The rejected event's id.")]
        let example: JSONValue = [
            "id": "5f1d…", "at": "2026-01-01T00:00:00.000Z", "inlet": "web",
            "problems": [["path": "/order", "message": "is required but missing"]], "event": ["_id": "e-1"],
        ]
        registry.add(
            RPCMethod(
                "rejected.list", summary: "Events that failed validation, newest first.", scope: .read,
                params: [
                    .optional("cursor", .cursor, "Where the page before ended."),
                    .optional("limit", .limit, "Items a page."),
                ], result: .page(of: .object), example: RPCExample(params: [:], result: ["items": [example]])
            ) { _, params throws(RPCError) in
                let last = params["cursor"]?.stringValue.flatMap(RejectedEvents.Place.init)
                let limit = Int(params["limit"]?.integerValue ?? 100)
                do throws(RedisError) {
                    let (items, next) = try await rejected.page(after: last, limit: limit)
                    var answer: JSONObject = ["items": .array(items.map(Self.view))]
                    if let next { answer["cursor"] = .string(next.text) }
                    return .object(answer)
                } catch { throw .unavailable(error.callerMessage, cause: error) }
            },
            RPCMethod(
                "rejected.get", summary: "One rejected event.", scope: .read, params: identity, result: .object,
                errors: [.notFound], example: RPCExample(params: ["id": "5f1d…"], result: example)
            ) { _, params throws(RPCError) in Self.view(try await find(params)) },
            RPCMethod(
                "rejected.replay", summary: "Takes the event again, corrected or as it was; forgets it when accepted.",
                scope: .ingest, params: identity + [.optional("event", .object, "The corrected event.")],
                result: .object, errors: [.notFound, .tooMuch, .unavailable],
                example: RPCExample(params: ["id": "5f1d…"], result: IngestMethods.exampleAnswer)
            ) { context, params throws(RPCError) in
                let found = try await find(params)
                let event = params["event"] ?? found["event"] ?? .null
                let answer: EventTaker.Answer
                do throws(QueueError) { answer = try await taker.take(event, text: nil, inlet: nil) } catch {
                    throw .unavailable(error.callerMessage, cause: error)
                }
                if case .invalid(let problems) = answer {
                    throw .invalidParams(problems.map { Problem(path: "/event" + $0.path, message: $0.message) })
                }
                let result = try IngestMethods.result(answer, event, nil, rejected)
                try await discard(params)
                try await store.note(
                    "replay", "rejected", params["id"]?.stringValue ?? "", ["event": result["id"] ?? .null],
                    by: Author(context))
                return result
            },
            RPCMethod(
                "rejected.discard", summary: "Forgets a rejected event.", scope: .admin, params: identity,
                result: .object([("discarded", .boolean)]), errors: [.notFound],
                example: RPCExample(params: ["id": "5f1d…"], result: ["discarded": true])
            ) { context, params throws(RPCError) in
                _ = try await find(params)
                try await discard(params)
                try await store.note("discard", "rejected", params["id"]?.stringValue ?? "", by: Author(context))
                return ["discarded": true]
            })
    }

    private static func view(_ element: JSONValue) -> JSONValue {
        guard var object = element.objectValue else { return element }
        object["kind"] = nil
        if let at = object["at"]?.integerValue { object["at"] = .string(Timestamp.text(at)) }
        return .object(object)
    }

    private func find(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let id = params["id"]?.stringValue ?? ""
        do {
            if let found = try await rejected.get(id) { return found }
        } catch { throw .unavailable(error.callerMessage, cause: error) }
        throw .notFound("rejected event \(id)")
    }

    private func discard(_ params: JSONObject) async throws(RPCError) {
        do { try await rejected.discard([params["id"]?.stringValue ?? ""]) } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
    }
}
