import Definitions
import JSONRPC
import Models
import Queues

/// `deadLetters.*`: requests that were given up; they can be looked at, retried with the same key, and discarded.
struct DeadLetterMethods {
    let queue: RequestQueue
    let inspector: QueueInspector
    let partitions: Int
    /// Whose audit says who did what.
    let store: DefinitionStore

    private static let example: JSONValue = [
        "id": "4f0c…:thank:1", "partition": 7, "at": "2026-01-01T00:00:00.000Z", "reason": "retriesExhausted",
        "lastError": "http_503", "request": ["kind": "action", "action": "smsGateway"],
    ]
    private static let identity: [RPCParameter] = [
        .required("id", .string, "The request's id."),
        .required("partition", .integer, "Its partition, as the list says."),
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "deadLetters.list",
                summary: "Requests that were given up, partition by partition, the newest of each first.",
                scope: .read,
                params: [
                    .optional("cursor", .cursor, "Where the page before ended."),
                    .optional("limit", .limit, "Items a page."),
                ], result: .page(of: .object),
                example: RPCExample(params: [:], result: ["items": [Self.example]])
            ) { _, params throws(RPCError) in try await list(params) },
            RPCMethod(
                "deadLetters.get", summary: "One request that was given up.", scope: .read, params: [Self.identity[0]],
                result: .object, errors: [.notFound],
                example: RPCExample(params: ["id": "4f0c…:thank:1"], result: Self.example)
            ) { _, params throws(RPCError) in
                let id = params["id"]?.stringValue ?? ""
                var after: Int64 = 0
                while true {
                    let page = try await peek(offset: after, limit: 500)
                    if let found = page.first(where: { $0["id"]?.stringValue == id }) { return found }
                    if page.isEmpty { throw .notFound("dead letter \(id)") }
                    after += Int64(page.count)
                }
            },
            RPCMethod(
                "deadLetters.retry", summary: "Queues the request again, under the same key; its journey went on.",
                description: "What comes of it are step events: attempts, and `noted`, as it moves nobody any more.",
                scope: .admin, params: Self.identity, result: .object([("retried", .boolean)]), errors: [.notFound],
                example: RPCExample(params: ["id": "4f0c…:thank:1", "partition": 7], result: ["retried": true])
            ) { context, params throws(RPCError) in
                let (id, partition) = try identity(params)
                do {
                    guard try await queue.retryDeadLetter(id: id, partition: partition) else {
                        throw RPCError.notFound("dead letter \(id) in partition \(partition)")
                    }
                    try await store.note("retry", "deadLetters", id, by: Author(context))
                    return ["retried": true]
                } catch { throw Self.rpcError(error) }
            },
            RPCMethod(
                "deadLetters.discard", summary: "Forgets the request.", scope: .admin, params: Self.identity,
                result: .object([("discarded", .boolean)]), errors: [.notFound],
                example: RPCExample(params: ["id": "4f0c…:thank:1", "partition": 7], result: ["discarded": true])
            ) { context, params throws(RPCError) in
                let (id, partition) = try identity(params)
                do {
                    guard try await queue.discardDeadLetter(id: id, partition: partition) else {
                        throw RPCError.notFound("dead letter \(id) in partition \(partition)")
                    }
                    try await store.note("discard", "deadLetters", id, by: Author(context))
                    return ["discarded": true]
                } catch { throw Self.rpcError(error) }
            })
    }

    private func identity(_ params: JSONObject) throws(RPCError) -> (String, Int) {
        let partition = Int(params["partition"]?.integerValue ?? -1)
        guard (0..<partitions).contains(partition) else {
            throw .invalidParams(path: "/partition", message: "must be from 0 to \(partitions - 1)")
        }
        return (params["id"]?.stringValue ?? "", partition)
    }

    private func list(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let limit = params["limit"]?.integerValue ?? 100
        let last = params["cursor"]?.stringValue.flatMap(DeadLetterPlace.init)
        do {
            let (letters, next) = try await queue.deadLetters(
                in: 0..<partitions, after: last, limit: Int(limit))
            var answer: JSONObject = ["items": .array(letters.map { Self.shown($0.letter, $0.partition) })]
            if let next { answer["cursor"] = .string(next.text) }
            return .object(answer)
        } catch { throw Self.rpcError(error) }
    }

    /// Dead letters as the methods show them: the request's id and the rest of the letter.
    private func peek(offset: Int64, limit: Int64) async throws(RPCError) -> [JSONValue] {
        let page: JSONValue?
        do {
            page = try await inspector.peek(queue: "actions:dead", offset: Int(offset), limit: Int(limit))
        } catch { throw Self.rpcError(error) }
        return (page?["items"]?.arrayValue ?? []).map { item in
            Self.shown(item["element"] ?? .null, Int(item["partition"]?.integerValue ?? 0))
        }
    }

    private static func shown(_ letter: JSONValue, _ partition: Int) -> JSONValue {
        var shown: JSONObject = [
            "id": letter["request"]?["id"] ?? .null, "partition": .integer(Int64(partition)),
            "at": letter["at"]?.integerValue.map { .string(Timestamp.text($0)) } ?? .null,
        ]
        for key in ["reason", "lastError", "request"] { shown[key] = letter[key] ?? .null }
        return .object(shown)
    }

    private static func rpcError(_ error: any Error) -> RPCError {
        if let error = error as? RPCError { return error }
        if let error = error as? QueueError { return .unavailable(error.callerMessage, cause: error) }
        return .internalError(cause: error)
    }
}
