import Expressions
import JSONRPC
import Models

/// `test.start`, `test.advance`, `test.log`, `test.stop`: a draft tried out on test profiles, apart from all else.
struct TestMethods {
    let book: JourneyBook
    let trials: TrialBook
    let tracer: Tracer
    /// A text that no other call gives.
    let token: @Sendable () -> String

    static let journey = RPCParameter.required("journey", .name, "The journey's name.")
    private static let example: JSONValue = [
        "test": "test-welcome-1767225600000", "journey": "welcome", "startedAt": "2026-01-01T00:00:00.000Z",
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(startMethod)
        registry.add(triggerMethod)
        registry.add(advanceMethod)
        registry.add(logMethod)
        registry.add(stopMethod)
    }

    private var startMethod: RPCMethod {
        RPCMethod(
            "test.start", summary: "Starts a test of the draft, or of the newest version.",
            description: """
                Only test profiles (`testProfile: true`) take part, and only by test.trigger. The test's people are \
                seen by the test alone: other journeys, re-entrance and the real life of the same person are apart. \
                Actions and messages are not sent unless `sendActions` says so; they pass with the code `notSent`, and \
                an action answers its sample. A test of the same journey that is under way is stopped. With \
                `virtualClock` the test has a time of its own, which stands still but for test.advance: `now()`, \
                waits, time-outs, dates and the times of the log are by it.
                """,
            scope: .design,
            params: [
                Self.journey,
                .optional("waitTime", .duration, "What every wait and time-out is shortened to."),
                .optional(
                    "virtualClock", ["anyOf": [["type": "boolean"], ["type": "string", "format": "date-time"]]],
                    "True: the clock begins now. A time: it begins then."),
                .optional("forced", .object, "Labels of the paths that conditions take, by node."),
                .optional("sendActions", .boolean, "Whether actions are sent, false by default."),
            ],
            result: .object, errors: [.notFound, .journeyInvalid, .tooMuch],
            example: RPCExample(params: ["journey": "welcome", "waitTime": "PT1S"], result: Self.example)
        ) { _, params throws(RPCError) in try await start(params) }
    }

    private func start(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let name = params["journey"]?.stringValue ?? ""
        let record = try await book.record(name)
        var wait: Int64?
        if let text = params["waitTime"]?.stringValue {
            guard let milliseconds = ISODuration.milliseconds(text) else {
                throw .invalidParams(path: "/waitTime", message: "must be an ISO 8601 duration such as PT10S")
            }
            wait = milliseconds
        }
        var forced: [String: String] = [:]
        for (node, label) in params["forced"]?.objectValue ?? [:] { forced[node] = label.stringValue }
        let trial = try await trials.begin(
            .test, name, record.shown ?? JSONObject(), waitMilliseconds: wait, forced: forced,
            sends: params["sendActions"]?.boolValue ?? false, clockStart: try clockStart(params["virtualClock"]))
        return Self.view(trial)
    }

    /// Nil: the test goes by everybody's clock.
    private func clockStart(_ value: JSONValue?) throws(RPCError) -> Int64? {
        guard let value, value != .bool(false) else { return nil }
        guard let text = value.stringValue else { return book.clock() }
        guard let time = ISO8601.parseDateTime(text)?.instant, time >= 0 else {
            throw .invalidParams(
                path: "/virtualClock", message: "must be true, or a time since 1970 such as 2026-03-28T09:00:00Z")
        }
        return time
    }

    private static func view(_ trial: Trial) -> JSONValue {
        var object: JSONObject = [
            "test": .string(trial.mark.id), "journey": .string(trial.journey),
            "startedAt": .string(Timestamp.text(trial.at)),
        ]
        if let clock = trial.clock { object["now"] = .string(Timestamp.text(clock.to)) }
        return .object(object)
    }

    private var advanceMethod: RPCMethod {
        RPCMethod(
            "test.advance", summary: "Moves the virtual clock of the test on.",
            description: """
                Everything that is due on the way happens in the order of its time, and what follows from it within \
                the same call at its own time: several waits one after the other, as they would in weeks. Where \
                something is asked of a third party the clock stands until the answer is there, and goes on then. The \
                call waits five seconds at most; `now` is where the clock shall be, and `reached` says whether \
                everybody is there: then test.log has all of it. Events that are triggered while the clock is still on \
                its way wait for it. `by` is ten years at most. A call that failed may be repeated and moves the clock \
                once; calls at the same time count from the same time.
                """,
            scope: .design,
            params: [Self.journey, .required("by", .duration, "How far, such as P3D: a day has 24 hours.")],
            result: .object(
                [("test", .string), ("journey", .string), ("now", .timestamp), ("reached", .boolean)],
                required: ["test", "journey", "now", "reached"]),
            errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["journey": "welcome", "by": "P3D"],
                result: [
                    "test": "test-welcome-1767225600000", "journey": "welcome", "startedAt": "2026-01-01T00:00:00.000Z",
                    "now": "2026-01-04T00:00:00.000Z", "reached": true,
                ])
        ) { _, params throws(RPCError) in
            guard let by = ISODuration.milliseconds(params["by"]?.stringValue ?? ""), (1...TrialBook.advanceMax) ~= by
            else {
                throw .invalidParams(
                    path: "/by", message: "must be an ISO 8601 duration of more than nothing and ten years at most")
            }
            let trial = try await trials.advance(try await current(params), by: by)
            var answer = Self.view(trial).objectValue ?? JSONObject()
            answer["reached"] = .bool(try await trials.isReached(trial))
            return .object(answer)
        }
    }

    private var logMethod: RPCMethod {
        RPCMethod(
            "test.log", summary: "What happened in the test, in order, with the reason of every decision.",
            description: """
                Of a test with a virtual clock all times are by that clock; `clock` says where it shall be (`to`) and \
                where it is for whoever is furthest behind (`now`).
                """,
            scope: .read, params: [Self.journey, .optional("profile", .string, "Only this person's id.")],
            result: .page(of: .object), errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["journey": "welcome"],
                result: ["items": [["kind": "entered", "profile": "42", "step": 1, "stimulus": "e-1"]]])
        ) { _, params throws(RPCError) in
            let trial = try await current(params)
            // Read before what happened, so that all of that time is in it.
            let now = try await trials.now(of: trial)
            let items = try await tracer.run(trial.mark.id, profile: params["profile"]?.stringValue)
            var answer: JSONObject = ["items": .array(items)]
            if let now, let clock = trial.clock {
                answer["clock"] = ["now": .string(Timestamp.text(now)), "to": .string(Timestamp.text(clock.to))]
            }
            return .object(answer)
        }
    }

    private var stopMethod: RPCMethod {
        RPCMethod(
            "test.stop", summary: "Ends the test; its people and their state are gone.", scope: .design,
            params: [Self.journey], result: .object, errors: [.notFound, .notValidInThisState],
            example: RPCExample(params: ["journey": "welcome"], result: Self.example)
        ) { _, params throws(RPCError) in
            let trial = try await current(params)
            try await trials.end(trial)
            return Self.view(trial)
        }
    }

    func current(_ params: JSONObject) async throws(RPCError) -> Trial {
        let name = params["journey"]?.stringValue ?? ""
        if let trial = try await trials.current(name, .test) { return trial }
        _ = try await book.record(name)
        throw .notValidInThisState("No test of the journey \(name) is under way: test.start begins one.")
    }
}
