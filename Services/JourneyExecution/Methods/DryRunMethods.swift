import JSONRPC
import Models

/// `dryRun.start`, `dryRun.log`, `dryRun.stop`: a draft beside real life, by live events, with nothing sent.
struct DryRunMethods {
    let book: JourneyBook
    let trials: TrialBook
    let tracer: Tracer

    private static let journey = TestMethods.journey
    private static let example: JSONValue = [
        "dryRun": "dryRun-welcome-1767225600000", "journey": "welcome", "startedAt": "2026-01-01T00:00:00.000Z",
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(startMethod)
        registry.add(logMethod)
        registry.add(stopMethod)
    }

    private var startMethod: RPCMethod {
        RPCMethod(
            "dryRun.start",
            summary: "Lets live events run through the draft, or the newest version, with nothing sent.",
            description: """
                Every event that is accepted from now on is offered to the dry run too, after the person's own \
                journeys, and so is every change of an audience. Its people are seen by the dry run alone: real \
                instances, re-entrance, caps and profiles are apart, and reports do not count it. Actions and messages \
                pass with the code `notSent`, and an action answers its sample; look-ups are made; a changed profile \
                is changed for the dry run alone. A dry run of the same journey that is under way is stopped; five are \
                under way at most. A journey that begins by reading an audience or by a business event cannot: \
                simulate.run plays it.
                """,
            scope: .design, params: [Self.journey], result: .object,
            errors: [.notFound, .journeyInvalid, .notValidInThisState, .tooMuch],
            example: RPCExample(params: ["journey": "welcome"], result: Self.example)
        ) { _, params throws(RPCError) in
            let name = params["journey"]?.stringValue ?? ""
            let document = try await book.record(name).shown ?? JSONObject()
            for node in JourneyDocument(document).nodes {
                switch node.body {
                case .readAudience, .businessEvent:
                    throw .notValidInThisState(
                        "The journey \(name) reads an audience (\(node.id)): a dry run takes what single people do, and"
                            + " simulate.run plays such a journey.")
                default: continue
                }
            }
            return Self.view(try await trials.begin(.dryRun, name, document))
        }
    }

    private var logMethod: RPCMethod {
        RPCMethod(
            "dryRun.log", summary: "What happened in the dry run, in order, with the reason of every decision.",
            description: """
                The first \(StepReader.stepsMax) step events; `stepEvents.query` with the filter `run` finds all of \
                them, also after dryRun.stop, and `reports.journey` with `run` counts them.
                """,
            scope: .read, params: [Self.journey, .optional("profile", .string, "Only this person's id.")],
            result: .page(of: .object), errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["journey": "welcome"],
                result: ["items": [["kind": "entered", "profile": "42", "step": 1, "stimulus": "e-1"]]])
        ) { _, params throws(RPCError) in
            let run = try await current(params)
            return ["items": .array(try await tracer.run(run.mark.id, profile: params["profile"]?.stringValue))]
        }
    }

    private var stopMethod: RPCMethod {
        RPCMethod(
            "dryRun.stop", summary: "Ends the dry run; its people and their state are gone.",
            description: "What happened stays among the step events.", scope: .design, params: [Self.journey],
            result: .object, errors: [.notFound, .notValidInThisState],
            example: RPCExample(params: ["journey": "welcome"], result: Self.example)
        ) { _, params throws(RPCError) in
            let run = try await current(params)
            try await trials.end(run)
            return Self.view(run)
        }
    }

    private func current(_ params: JSONObject) async throws(RPCError) -> Trial {
        let name = params["journey"]?.stringValue ?? ""
        if let run = try await trials.current(name, .dryRun) { return run }
        _ = try await book.record(name)
        throw .notValidInThisState("No dry run of the journey \(name) is under way: dryRun.start begins one.")
    }

    private static func view(_ run: Trial) -> JSONValue {
        [
            "dryRun": .string(run.mark.id), "journey": .string(run.journey),
            "startedAt": .string(Timestamp.text(run.at)),
        ]
    }
}
