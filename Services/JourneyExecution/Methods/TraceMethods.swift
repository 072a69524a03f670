import JSONRPC
import Models

/// `instances.history`, `instances.replay`, `trace.event` and `trace.person`: why something did, or did not, happen.
struct TraceMethods {
    let tracer: Tracer
    let replayer: InstanceReplayer

    func register(in registry: inout MethodRegistry) {
        registry.add(historyMethod)
        registry.add(replayMethod)
        registry.add(eventMethod)
        registry.add(personMethod)
    }

    private static let exampleStep: JSONValue = [
        "at": "2026-01-01T00:00:00.000Z", "namespace": "crmId", "profile": "42", "journey": "welcome", "version": 1,
        "instance": "4f0c…", "step": 1, "kind": "entered", "stimulus": "e-1", "partition": 7, "number": 40211,
    ]

    private var historyMethod: RPCMethod {
        RPCMethod(
            "instances.history", summary: "Everything that happened to one instance, by what caused it.",
            description: """
                `records` are in order: each is one stimulus (an event's id, a request's, `timer`) with the step \
                events that it caused, numbered without gaps. Instances that ended are found as long as the step \
                store keeps them.
                """,
            scope: .read, params: [.required("instance", .string, "The instance.")],
            result: .object(
                [("instance", .string), ("records", .array(of: .object))], required: ["instance", "records"]),
            errors: [.notFound, .unavailable],
            example: RPCExample(
                params: ["instance": "4f0c…"],
                result: [
                    "instance": "4f0c…", "journey": "welcome", "version": 1, "namespace": "crmId", "profile": "42",
                    "records": [["stimulus": "e-1", "events": [["step": 1, "kind": "entered"]]]],
                ])
        ) { _, params throws(RPCError) in
            try await tracer.history(of: params["instance"]?.stringValue ?? "")
        }
    }

    private var replayMethod: RPCMethod {
        RPCMethod(
            "instances.replay", summary: "Runs an instance again and tells whether it comes to the same.",
            description: """
                The engine gets what it saw then, from the step store; nothing outside is touched. Only of journeys \
                whose property `history` is full. Where it is not the same, `difference` has the first record that \
                came out otherwise.
                """,
            scope: .read, params: [.required("instance", .string, "The instance.")],
            result: .object(
                [("instance", .string), ("records", .integer), ("same", .boolean), ("difference", .object)],
                required: ["instance", "records", "same"]),
            errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["instance": "4f0c…"], result: ["instance": "4f0c…", "records": 7, "same": true])
        ) { _, params throws(RPCError) in
            try await replayer.replay(params["instance"]?.stringValue ?? "")
        }
    }

    private var eventMethod: RPCMethod {
        RPCMethod(
            "trace.event", summary: "What became of an event: where it waits, what it moved, and why not.",
            description: """
                `outcome` is rejected (not valid), waiting, handled, or unknown: never accepted here, or too long \
                ago. `items` are in order: step events, and `rejected`, `waiting`, `parked`, `kept`, and `refused` \
                with its `code` for each instance and entry that was looked at and did not move. Journeys that a \
                constant of their filters ruled out are one item with their `group` and `count`. `unreachable` names \
                what could not be asked.
                """,
            scope: .read,
            params: [
                .required("id", .string, "The event's `_id`."),
                .optional("namespace", .string, "With profile: whom it concerned, which spares a search."),
                .optional("profile", .string, "The person's id."),
                .optional("journeys", .boolean, "Names the journeys of each such group."),
            ],
            result: .object(
                [
                    ("id", .string), ("outcome", .choice("rejected", "waiting", "handled", "unknown")),
                    ("matched", .array(of: .object)), ("items", .array(of: .object)),
                    ("unreachable", .array(of: .string)), ("duplicates", .integer),
                ], required: ["id", "outcome", "matched", "items", "unreachable"]),
            errors: [.unavailable],
            example: RPCExample(
                params: ["id": "e-1"],
                result: [
                    "id": "e-1", "outcome": "handled",
                    "matched": [["event": "orderPlaced", "namespace": "crmId", "profile": "42"]],
                    "items": [Self.exampleStep], "unreachable": [], "duplicates": 0,
                ])
        ) { _, params throws(RPCError) in
            var person: Person?
            if let namespace = params["namespace"]?.stringValue, let profile = params["profile"]?.stringValue {
                person = Person(namespace: namespace, id: profile)
            }
            return try await tracer.event(
                params["id"]?.stringValue ?? "", of: person, journeys: params["journeys"]?.boolValue ?? false)
        }
    }

    private var personMethod: RPCMethod {
        RPCMethod(
            "trace.person", summary: "What happened to a person, in order, and what is still on its way.",
            description: """
                Step events of all journeys; stimuli that wait (`waiting`); events that were rejected and hold the \
                person's id somewhere (`rejected`). At most \(StepReader.stepsMax) step events, the oldest first: \
                stepEvents.query goes on.
                """,
            scope: .read,
            params: [
                .required("namespace", .string, "The namespace of the id."),
                .required("id", .string, "The person's id."), .optional("journey", .string, "Only this journey."),
            ],
            result: .object(
                [
                    ("namespace", .string), ("profile", .string), ("items", .array(of: .object)),
                    ("unreachable", .array(of: .string)),
                ], required: ["namespace", "profile", "items", "unreachable"]),
            errors: [.unavailable],
            example: RPCExample(
                params: ["namespace": "crmId", "id": "42"],
                result: [
                    "namespace": "crmId", "profile": "42", "items": [Self.exampleStep], "unreachable": [],
                ])
        ) { _, params throws(RPCError) in
            var filter = JSONObject()
            filter["journey"] = params["journey"]
            let person = Person(
                namespace: params["namespace"]?.stringValue ?? "", id: params["id"]?.stringValue ?? "")
            return try await tracer.person(person, filter: filter)
        }
    }
}
