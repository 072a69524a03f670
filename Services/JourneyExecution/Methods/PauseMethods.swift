import Definitions
import Engine
import JSONRPC
import Models

/// `journeys.pause` and `journeys.resume`.
struct PauseMethods {
    let book: JourneyBook

    private static let named = RPCParameter.required("name", .name, "The journey's name.")
    private static let example: JSONValue = [
        "name": "welcome", "revision": 3, "state": "paused", "hasDraft": false, "version": 1, "versions": [],
        "paused": ["onAction": "hold", "at": "2026-01-01T00:00:00.000Z"], "inside": 12,
        "updatedAt": "2026-01-01T00:00:00.000Z",
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "journeys.pause", summary: "Lets nobody in, and the people inside go on until an action.",
                description: """
                    `onAction` says what becomes of whoever comes to an action or message: hold, they wait there until \
                    journeys.resume; discard, they leave as exited. Everything else goes on: waits end, events move.
                    """,
                scope: .design,
                params: [
                    Self.named, .required("onAction", .choice("hold", "discard"), "What becomes of who comes to one."),
                ],
                result: .object, errors: [.notFound, .notValidInThisState, .staleRevision],
                example: RPCExample(params: ["name": "welcome", "onAction": "hold"], result: Self.example)
            ) { context, params throws(RPCError) in
                let onAction = params["onAction"]?.stringValue.flatMap(JourneySet.State.OnAction.init) ?? .hold
                let record = try await book.pause(
                    params["name"]?.stringValue ?? "", onAction: onAction, by: Author(context))
                return try await view(record)
            },
            RPCMethod(
                "journeys.resume", summary: "Lets people in again, and whoever is held goes on.",
                description: """
                    Held people come to their action again, longest held first in each partition, at the rate over all \
                    of them. Called again while people are still held it sets a new rate.
                    """,
                scope: .design,
                params: [
                    Self.named,
                    .optional(
                        "ratePerSecond", ["type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000],
                        "People a second; as fast as can be without it."),
                ],
                result: .object, errors: [.notFound, .notValidInThisState, .staleRevision],
                example: RPCExample(params: ["name": "welcome", "ratePerSecond": 50], result: Self.example)
            ) { context, params throws(RPCError) in
                let rate = params["ratePerSecond"]?.decimalValue
                if let rate, !(rate > 0 && rate <= 1_000_000) {
                    throw .invalidParams(path: "/ratePerSecond", message: "must be more than 0 and at most 1000000")
                }
                let record = try await book.resume(
                    params["name"]?.stringValue ?? "", ratePerSecond: rate, by: Author(context))
                return try await view(record)
            })
    }

    private func view(_ record: JourneyRecord) async throws(RPCError) -> JSONValue {
        JourneyView(record: record, inside: try await book.counts([record])[0]).json
    }
}
