import Definitions
import Engine
import JSONRPC
import JSONSchema
import Models
import Queues
import Redis

/// `test.start`, `test.trigger`, `test.log`, `test.stop`: a draft tried out on test profiles, apart from all else.
struct TestMethods {
    let book: JourneyBook
    let trials: TrialStore
    let tracer: Tracer

    private static let journey = RPCParameter.required("journey", .name, "The journey's name.")
    private static let example: JSONValue = [
        "test": "test-welcome-1767225600000", "journey": "welcome", "startedAt": "2026-01-01T00:00:00.000Z",
    ]

    func register(in registry: inout MethodRegistry) {
        registry.add(startMethod)
        registry.add(triggerMethod)
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
                an action answers its sample. A test of the same journey that is under way is stopped.
                """,
            scope: .design,
            params: [
                Self.journey,
                .optional("waitTime", .duration, "What every wait and time-out is shortened to."),
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
        let document = record.shown ?? JSONObject()
        let findings = try await book.validate(document)
        if findings.contains(where: { $0.severity == .error }) {
            throw .journeyInvalid(findings: findings.map(\.json))
        }
        var wait: Int64?
        if let text = params["waitTime"]?.stringValue {
            guard let milliseconds = ISODuration.milliseconds(text) else {
                throw .invalidParams(path: "/waitTime", message: "must be an ISO 8601 duration such as PT10S")
            }
            wait = milliseconds
        }
        var forced: [String: String] = [:]
        for (node, label) in params["forced"]?.objectValue ?? [:] { forced[node] = label.stringValue }
        for old in try await all().filter({ $0.journey == name && $0.mark.kind == .test }) { try await end(old) }
        if try await all().count >= TrialStore.trialsMax {
            throw .tooMuch(retryAfterMilliseconds: 60_000, "Too many tests are under way; stop one first.")
        }
        let now = book.clock()
        let trial = Trial(
            RunMark(id: "test-\(name)-\(now)", kind: .test), journey: name, document: document, at: now,
            waitMilliseconds: wait, forced: forced, sends: params["sendActions"]?.boolValue ?? false)
        do { try await trials.save(trial) } catch { throw .unavailable(error.callerMessage, cause: error) }
        try await book.announce()
        return Self.view(trial)
    }

    private static func view(_ trial: Trial) -> JSONValue {
        [
            "test": .string(trial.mark.id), "journey": .string(trial.journey),
            "startedAt": .string(Timestamp.text(trial.at)),
        ]
    }

    private var triggerMethod: RPCMethod {
        RPCMethod(
            "test.trigger", summary: "Sends an event of a test profile into the test.",
            description: "The payload is checked as ingestion checks it. `_id` is made where there is none.",
            scope: .design,
            params: [
                Self.journey, .required("event", .name, "The event definition."),
                .required("profile", .string, "The person's id, in the event's namespace."),
                .required("payload", .object, "The event, as its schema says."),
            ],
            result: .object([("id", .string), ("test", .string)], required: ["id", "test"]),
            errors: [.notFound, .notValidInThisState, .tooMuch],
            example: RPCExample(
                params: [
                    "journey": "welcome", "event": "orderPlaced", "profile": "42", "payload": ["_id": "e-1"],
                ], result: ["id": "e-1", "test": "test-welcome-1767225600000"])
        ) { _, params throws(RPCError) in try await trigger(params) }
    }

    private func trigger(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        let trial = try await current(params)
        let name = params["event"]?.stringValue ?? ""
        let event = try await event(name)
        var payload = params["payload"]?.objectValue ?? JSONObject()
        let id = payload["_id"]?.stringValue ?? "\(trial.mark.id)-\(book.clock())"
        payload["_id"] = .string(id)
        try await check(.object(payload), event)
        let person = Person(namespace: event.namespace, id: params["profile"]?.stringValue ?? "")
        guard try await isTestProfile(person) else {
            throw .notValidInThisState(
                "The profile \(person.namespace) \(person.id) is no test profile: set testProfile to true first.")
        }
        let element = PersonEvent.element(
            id: id, person: person, events: [name], payload: JSONValue.object(payload).bytes, run: trial.mark)
        let results: [AppendResult]
        do {
            results = try await book.inbox.append([
                InboxEntry(partition: person.partition(of: book.partitions), element: element)
            ])
        } catch { throw .unavailable(error.callerMessage, cause: error) }
        if case .full? = results.first {
            throw .tooMuch(retryAfterMilliseconds: 1_000, "Too many events are waiting; send it again later.")
        }
        return ["id": .string(id), "test": .string(trial.mark.id)]
    }

    private func event(_ name: String) async throws(RPCError) -> EventDefinition {
        do throws(DefinitionError) {
            if let stored = try await book.store.get(.events, name),
                let event = try? EventDefinition(stored.document), !event.isBusiness
            {
                return event
            }
        } catch { throw RPCError(error) }
        throw .notFound("event \(name) of a person")
    }

    private func check(_ payload: JSONValue, _ event: EventDefinition) async throws(RPCError) {
        let stored: StoredDefinition?
        do throws(DefinitionError) { stored = try await book.store.get(.schemas, event.schema) } catch {
            throw RPCError(error)
        }
        guard let document = stored?.document["schema"], let schema = try? CompiledSchema(document) else { return }
        let problems = schema.validate(payload)
        if !problems.isEmpty {
            throw .invalidParams(problems.map { Problem(path: "/payload" + $0.path, message: $0.message) })
        }
    }

    private func isTestProfile(_ person: Person) async throws(RPCError) -> Bool {
        let partition = person.partition(of: book.partitions)
        let keys = book.inside.keys.partition(partition)
        do {
            let reply = try await book.inside.redis.node(forPartition: partition).send(
                RedisCommand("GET", keys.profile(person.key)))
            guard let bytes = reply.bytes, let profile = try? ProfileDocument(bytes: bytes) else { return false }
            return profile.attributes["testProfile"] == true
        } catch { throw .unavailable(error.callerMessage, cause: error) }
    }

    private var logMethod: RPCMethod {
        RPCMethod(
            "test.log", summary: "What happened in the test, in order, with the reason of every decision.",
            scope: .read, params: [Self.journey, .optional("profile", .string, "Only this person's id.")],
            result: .page(of: .object), errors: [.notFound, .notValidInThisState, .unavailable],
            example: RPCExample(
                params: ["journey": "welcome"],
                result: ["items": [["kind": "entered", "profile": "42", "step": 1, "stimulus": "e-1"]]])
        ) { _, params throws(RPCError) in
            let trial = try await current(params)
            return try await tracer.trial(trial.mark.id, profile: params["profile"]?.stringValue)
        }
    }

    private var stopMethod: RPCMethod {
        RPCMethod(
            "test.stop", summary: "Ends the test; its people and their state are gone.", scope: .design,
            params: [Self.journey], result: .object, errors: [.notFound, .notValidInThisState],
            example: RPCExample(params: ["journey": "welcome"], result: Self.example)
        ) { _, params throws(RPCError) in
            let trial = try await current(params)
            try await end(trial)
            return Self.view(trial)
        }
    }

    private func end(_ trial: Trial) async throws(RPCError) {
        do { try await trials.remove(trial.mark.id) } catch { throw .unavailable(error.callerMessage, cause: error) }
        try await book.announce()
        let name = TravelerKey(personKey: trial.journey, trial: trial.mark.id).text
        try await book.tellAll(.stop(journey: name, version: Trial.version), id: "stop-\(trial.mark.id)")
    }

    private func all() async throws(RPCError) -> [Trial] {
        do { return try await trials.all() } catch { throw .unavailable(error.callerMessage, cause: error) }
    }

    private func current(_ params: JSONObject) async throws(RPCError) -> Trial {
        let name = params["journey"]?.stringValue ?? ""
        if let trial = try await all().last(where: { $0.journey == name && $0.mark.kind == .test }) { return trial }
        _ = try await book.record(name)
        throw .notValidInThisState("No test of the journey \(name) is under way: test.start begins one.")
    }
}

extension Tracer {
    /// What happened in a trial, in order.
    func trial(_ id: String, profile: String?) async throws(RPCError) -> JSONValue {
        var filter: JSONObject = ["run": .string(id)]
        if let profile { filter["profile"] = .string(profile) }
        var items: [JSONValue]
        switch await steps.steps(filter) {
        case .steps(let found): items = found
        case .unreachable(let why): throw .unavailable("The step store cannot be asked: \(why).")
        }
        do {
            items += try await live.undrained(in: Array(0..<partitions)) { record in
                record.run?.id == id && (profile == nil || record.person.id == profile)
            }
        } catch { throw .unavailable(error.callerMessage, cause: error) }
        return ["items": .array(Self.ordered(items))]
    }
}
