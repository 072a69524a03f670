import JSONRPC
import Models
import Queues

/// `queues.list`, `queues.peek` and `queues.find`: the same in every service, so that any of them shows every queue.
package struct QueueMethods: Sendable {
    private let inspector: QueueInspector

    package init(_ inspector: QueueInspector) {
        self.inspector = inspector
    }

    /// The three methods, for a service's registry.
    package var methods: [RPCMethod] { [list, peek, find] }

    private var list: RPCMethod {
        let inspector = inspector
        return RPCMethod(
            "queues.list",
            summary: "Every queue, with its length, the age of its oldest element, and in and out a second.",
            scope: .read, result: .page(of: .object),
            example: RPCExample(
                params: [:],
                result: [
                    "items": [
                        [
                            "name": "inbox", "kind": "list", "length": 0, "oldestAgeMs": nil, "inPerSecond": 0.0,
                            "outPerSecond": 0.0, "partitions": [["partition": 0, "length": 0]],
                        ]
                    ]
                ])
        ) { _, _ throws(RPCError) in
            do throws(QueueError) { return try await inspector.list() } catch {
                throw .unavailable(error.callerMessage, cause: error)
            }
        }
    }

    private var peek: RPCMethod {
        let inspector = inspector
        return RPCMethod(
            "queues.peek", summary: "Elements of a queue as they lie there; nothing is taken.", scope: .read,
            params: [
                .required("queue", .string, "A name of the list, with :PARTITION for one of them: inbox, inbox:7."),
                .optional("offset", .integer(0...1_000_000), "Elements to pass over."),
                .optional("limit", .integer(1...Int64(QueueInspector.peekMax)), "Elements to show; default 20."),
            ], result: .page(of: .object), errors: [.notFound],
            example: RPCExample(params: ["queue": "inbox:7"], result: ["items": []])
        ) { _, params throws(RPCError) in
            let name = params["queue"]?.stringValue ?? ""
            do throws(QueueError) {
                let offset = Int(params["offset"]?.integerValue ?? 0)
                let limit = Int(params["limit"]?.integerValue ?? 20)
                if let page = try await inspector.peek(queue: name, offset: offset, limit: limit) { return page }
            } catch { throw .unavailable(error.callerMessage, cause: error) }
            throw .notFound("queue \(name)")
        }
    }

    private var find: RPCMethod {
        let inspector = inspector
        return RPCMethod(
            "queues.find", summary: "Where an id lies: an event's, a request's, an instance's.",
            description: "Looks at the first \(QueueInspector.findDepth) elements of each queue.", scope: .read,
            params: [.required("id", .string, "The id.")], result: .page(of: .object),
            example: RPCExample(params: ["id": "e-1"], result: ["items": []])
        ) { _, params throws(RPCError) in
            do throws(QueueError) { return try await inspector.find(id: params["id"]?.stringValue ?? "") } catch {
                throw .unavailable(error.callerMessage, cause: error)
            }
        }
    }
}
