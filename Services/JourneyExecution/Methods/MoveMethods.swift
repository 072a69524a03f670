import Definitions
import JSONRPC
import Models
import Redis

/// `instances.move` and `instances.moveStatus`: people go over to another version of their journey.
struct MoveMethods {
    let book: JourneyBook

    private static let example: JSONValue = [
        "move": "welcome-1-2-1767225600000", "state": "running", "moved": 120, "failed": 2, "inside": 40,
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "instances.move", summary: "Takes the people inside a version over to another one.",
                description: """
                    Everything of an instance is kept: its id, what it waits for and since when, fields and visits. \
                    Who stands on a node that the other version does not have, or has with another type, stays, with \
                    the reason in a step event (`kind` moved, `status` error, `stimulus` the move's id). The answer \
                    comes at once; instances.moveStatus tells how far the move is.
                    """,
                scope: .design,
                params: [
                    .required("journey", .name, "The journey's name."),
                    .required("from", .integer, "The version that people are inside."),
                    .required("to", .integer, "The version that they go over to."),
                    .optional("nodes", .array(of: .string), "Only who stands on one of these nodes."),
                ],
                result: .object([("move", .string), ("inside", .integer)], required: ["move", "inside"]),
                errors: [.notFound, .notValidInThisState],
                example: RPCExample(
                    params: ["journey": "welcome", "from": 1, "to": 2],
                    result: ["move": "welcome-1-2-1767225600000", "inside": 162])
            ) { context, params throws(RPCError) in
                let nodes = params["nodes"]?.arrayValue?.compactMap(\.stringValue)
                let begun = try await book.move(
                    params["journey"]?.stringValue ?? "", from: params["from"]?.integerValue ?? 0,
                    to: params["to"]?.integerValue ?? 0, nodes: nodes)
                try await book.store.note("move", "instances", begun.id, params, by: Author(context))
                return ["move": .string(begun.id), "inside": .integer(begun.inside)]
            },
            RPCMethod(
                "instances.moveStatus", summary: "How far a move is, and what came of it so far.",
                description: """
                    `state` is running until every partition is done with it; `moved` and `failed` count people. Each \
                    partition remembers its newest \(TourLog.countMax) moves and runs.
                    """,
                scope: .read, params: [.required("move", .string, "What instances.move answered.")],
                result: .object(
                    [
                        ("move", .string), ("state", .choice("running", "done")), ("moved", .integer),
                        ("failed", .integer),
                    ], required: ["move", "state", "moved", "failed"]),
                errors: [.notFound],
                example: RPCExample(params: ["move": "welcome-1-2-1767225600000"], result: Self.example)
            ) { _, params throws(RPCError) in try await status(params["move"]?.stringValue ?? "") })
    }

    private func status(_ move: String) async throws(RPCError) -> JSONValue {
        let tours: [(underWay: Tour?, ended: JSONObject?)]
        do { tours = try await book.inside.tours("tour:move:\(move)") } catch {
            throw .unavailable(error.callerMessage, cause: error)
        }
        var moved: Int64 = 0, failed: Int64 = 0, ended = 0, known = 0
        for (tour, entry) in tours {
            if case .move(_, let place)? = tour?.errand {
                moved += place.moved
                failed += place.failed
                known += 1
            } else if let entry {
                moved += entry["moved"]?.integerValue ?? 0
                failed += entry["failed"]?.integerValue ?? 0
                known += 1
                ended += 1
            }
        }
        if known == 0 { throw .notFound("move \(move) under way or lately done") }
        return [
            "move": .string(move), "state": ended == tours.count ? "done" : "running", "moved": .integer(moved),
            "failed": .integer(failed),
        ]
    }
}
