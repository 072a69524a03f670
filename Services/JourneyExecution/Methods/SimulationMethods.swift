import Definitions
import Engine
import JSONRPC
import Models
import Simulation
import Synchronization

/// `simulate.run`: a journey with made or recorded people in virtual time.
struct SimulationMethods {
    /// Lets one simulation run at a time: the processor belongs to the journeys.
    final class Gate: Sendable {
        private let isTaken = Mutex(false)

        func enter() -> Bool {
            isTaken.withLock { taken in
                defer { taken = true }
                return !taken
            }
        }

        func leave() { isTaken.withLock { $0 = false } }
    }

    /// People that a simulation in a service may have; larger ones run by `sojourn simulate --definitions`.
    static let peopleMax = 100_000

    let store: DefinitionStore
    private let gate = Gate()

    init(store: DefinitionStore) { self.store = store }

    func register(in registry: inout MethodRegistry) {
        registry.add(
            RPCMethod(
                "simulate.run", summary: "Runs a journey with made or recorded people in virtual time.",
                description: """
                    The draft, or the newest version, goes through the same engine as in production; look-ups, actions \
                    and messages are answered by `mocks`, or by the samples of their definitions. Nothing is sent and \
                    nothing is kept. The same request gives the same result. At most \(Self.peopleMax) people, one \
                    simulation at a time.
                    """,
                scope: .design,
                params: [
                    .required("journey", .any, "The journey's name, or a whole document."),
                    .optional(
                        "people", .any,
                        "{count, namespace, id, attributes} with generators, or a list of {namespace, id, attributes}"),
                    .optional(
                        "events", .array(of: .object),
                        "{event, payload, after or at, percent or person, times, every, then}, or audience and change"),
                    .optional(
                        "mocks", .object,
                        "{sources: {Source.Group: …}, actions: {Name: …}, messages: {Node: …}}"),
                    .optional("seed", .integer, "Default 1."),
                    .optional("start", .timestamp, "The virtual time at which it begins; default 2026-01-01."),
                    .optional("until", .string, "A duration or a time; default 91 days."),
                    .optional("samples", .integer, "How many people's ways are told step by step; default 5."),
                ], result: .object, errors: [.notFound, .journeyInvalid, .tooMuch, .unavailable],
                example: RPCExample(
                    params: [
                        "journey": "welcome", "people": ["count": 1],
                        "events": [["event": "orderPlaced", "payload": ["order": ["total": ["$integer": [1, 500]]]]]],
                    ],
                    result: [
                        "journey": "welcome", "people": 1, "events": 1, "entered": 1, "inside": 0,
                        "left": ["finished": 1],
                    ])
            ) { _, params throws(RPCError) in try await run(params) })
    }

    private func run(_ params: JSONObject) async throws(RPCError) -> JSONValue {
        var reader = ObjectReader(params)
        let journey = reader.value("journey") ?? .null
        let request = SimulationRequest(&reader)
        if request.people.count > Self.peopleMax {
            reader.report(
                "people", "are more than \(Self.peopleMax); sojourn simulate --definitions runs as many as memory holds"
            )
        }
        reader.refuseUnknown()
        guard reader.problems.isEmpty else { throw .invalidParams(reader.problems) }
        let (document, configuration): (JourneyDocument, SimulationConfiguration)
        do { (document, configuration) = try await known(journey) } catch { throw RPCError(error) }
        let world: Simulation.World
        do { world = try configuration.world(for: document) } catch {
            throw .journeyInvalid(findings: error.findings.map(\.json))
        }
        guard gate.enter() else {
            throw .tooMuch(retryAfterMilliseconds: 1_000, "Another simulation is running; one runs at a time.")
        }
        defer { gate.leave() }
        do {
            return try await Simulation(request, in: world).run().json
        } catch {
            switch error {
            case .cancelled: throw .unavailable("The simulation was cancelled.")
            case .tooMuch(let items):
                throw .invalidParams(
                    path: "/events", message: "more than \(items) things happen; simulate fewer people or less time")
            }
        }
    }

    /// The journey, and what it and those that it jumps to may name.
    private func known(_ journey: JSONValue) async throws(DefinitionError) -> (JourneyDocument, SimulationConfiguration)
    {
        var configuration = SimulationConfiguration()
        configuration.schemas = try await all(.schemas)
        configuration.events = try await all(.events)
        configuration.dataSources = try await all(.dataSources)
        configuration.actions = try await all(.actions)
        configuration.audiences = try await all(.audiences)
        var document = journey.objectValue.map(JourneyDocument.init)
        for stored in try await store.all(.journeys) {
            let record = JourneyRecord(stored.document)
            let newest = record.versions.last?.document
            if journey.stringValue == record.name {
                document = (record.draft ?? newest).map(JourneyDocument.init)
            }
            if let newest { configuration.journeys.append(JourneyDocument(newest)) }
        }
        guard let document else {
            throw DefinitionError(.notFound, "There is no journey \(journey.stringValue ?? journey.typeName).")
        }
        return (document, configuration)
    }

    private func all<D: Definition>(_ kind: DefinitionKind) async throws(DefinitionError) -> [D] {
        try await store.all(kind).compactMap { try? D($0.document) }
    }
}
