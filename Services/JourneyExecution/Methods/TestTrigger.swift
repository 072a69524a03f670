import Definitions
import JSONRPC
import JSONSchema
import Models
import Queues
import Redis

/// `test.trigger`: an event of a test profile, for its test alone.
extension TestMethods {
    var triggerMethod: RPCMethod {
        RPCMethod(
            "test.trigger", summary: "Sends an event of a test profile into the test.",
            description: """
                The payload is checked as ingestion checks it. `_id` is made where there is none. With a virtual clock \
                the event has the time of that clock, whatever its own `timestamp` says.
                """,
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
        let given = payload["_id"].flatMap { try? Identity.text(of: $0).get() }
        let id = given ?? "\(trial.mark.id)-\(token())"
        if given == nil { payload["_id"] = .string(id) }
        try await check(.object(payload), event)
        let person = Person(namespace: event.namespace, id: params["profile"]?.stringValue ?? "")
        guard try await isTestProfile(person) else {
            throw .notValidInThisState(
                "The profile \(person.namespace) \(person.id) is no test profile: set testProfile to true first.")
        }
        let partition = person.partition(of: book.partitions)
        guard try await trials.isReached(trial, in: [partition]) else {
            throw .tooMuch(
                retryAfterMilliseconds: 1_000,
                "The clock of the test is still on its way for this person; trigger the event when it is there.")
        }
        let element = PersonEvent.element(
            id: id, person: person, events: [name], payload: JSONValue.object(payload).bytes, run: trial.mark)
        let results: [AppendResult]
        do {
            results = try await book.inbox.append([
                InboxEntry(partition: partition, element: element)
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
}
