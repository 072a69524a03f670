import Engine
import Models

/// Everything beyond the engine in a simulation: sources, places under a cap, third parties, receivers of messages.
struct SimulatedOutside {
    private let seed: UInt64
    private let mocks: SimulationMocks
    private let sourceSamples: [String: JSONValue]
    private let actionSamples: [String: JSONValue]
    /// The instances that hold a place, by the cap's name.
    private var taken: [String: Set<String>] = [:]
    /// Moves told so far; makes their ids.
    var moves = 0

    init(_ request: SimulationRequest, _ world: Simulation.World) {
        seed = request.seed
        mocks = request.mocks
        sourceSamples = world.sourceSamples
        actionSamples = world.actionSamples
    }

    /// How one call went.
    private struct Call {
        var error: String?
        let milliseconds: Int64
        var data: JSONValue = .null
    }

    /// - Parameter sample: what is answered where the mock does not say.
    private func call(
        _ mock: SimulationMock?, _ id: String, _ parameters: JSONObject, sample: JSONValue?, timeout: Int64,
        at time: Int64, _ person: Person, _ profile: JSONObject
    ) -> Call {
        let answer = (mock ?? .usual).answer(to: parameters)
        var random = SeededRandom(seed: seed, id)
        let takes = (answer.takes ?? SimulationMock.takesUsually).draw(&random)
        if takes >= timeout { return Call(error: "timedout", milliseconds: timeout) }
        if random.happens(percent: answer.fails ?? 0) {
            return Call(error: answer.error ?? "http_500", milliseconds: takes)
        }
        let subject = Generator.Subject(person: person.id, time: time, profile: profile, parameters: parameters)
        guard let data = answer.data?.value(for: subject, &random) ?? sample else {
            return Call(error: "notMocked", milliseconds: takes)
        }
        return Call(milliseconds: takes, data: data)
    }

    mutating func answer(_ request: FetchRequest, at time: Int64, _ profile: JSONObject) -> (Outcome, Int64) {
        var results: [String: LookupResult] = [:]
        var milliseconds: Int64 = 0
        for lookup in request.lookups {
            let name = "\(lookup.source).\(lookup.group)"
            let call = call(
                mocks.sources[name], request.id + lookup.key, lookup.parameters, sample: sourceSamples[name],
                timeout: request.timeoutMilliseconds, at: time, request.origin.person, profile)
            milliseconds = max(milliseconds, call.milliseconds)
            results[lookup.key] =
                call.error.map { LookupResult(errorCode: $0) } ?? LookupResult(data: call.data, cached: false)
        }
        for place in request.places {
            results[place.key] = LookupResult(
                data: .bool(take(place.name, place.instance, limit: place.limit)), cached: false)
        }
        let outcome = Outcome(
            id: request.id, person: request.origin.person, instance: request.origin.instance,
            durationMilliseconds: milliseconds, result: .fetch(results))
        return (outcome, time &+ milliseconds)
    }

    /// Whoever asked and got a place has it for good.
    private mutating func take(_ name: String, _ instance: String, limit: Int64) -> Bool {
        var holders = taken.removeValue(forKey: name) ?? []
        defer { taken[name] = holders }
        if holders.contains(instance) { return true }
        if holders.count >= limit { return false }
        holders.insert(instance)
        return true
    }

    func perform(_ request: ActionRequest, at time: Int64, _ profile: JSONObject) -> (Outcome, Int64) {
        let call = call(
            mocks.actions[request.action], request.id, request.parameters,
            sample: actionSamples[request.action] ?? .object(JSONObject()), timeout: request.timeoutMilliseconds,
            at: time, request.origin.person, profile)
        return outcome(of: request.id, request.origin, call, succeeded: "http_200", at: time)
    }

    func send(_ request: MessageRequest, at time: Int64) -> (Outcome, Int64, [(Reaction, after: Int64)]) {
        let mock = mocks.messages[request.origin.node] ?? mocks.messages[request.channel.rawValue]
        let call = call(
            mock, request.id, request.parameters, sample: .null, timeout: request.timeoutMilliseconds, at: time,
            request.origin.person, JSONObject())
        let (outcome, end) = outcome(of: request.id, request.origin, call, succeeded: "sent", at: time)
        if call.error != nil { return (outcome, end, []) }
        var random = SeededRandom(seed: seed, "reactions \(request.id)")
        var reactions: [(Reaction, after: Int64)] = []
        for mocked in mock?.reactions ?? [] {
            let happens = random.happens(percent: mocked.percent)
            let after = mocked.after.draw(&random)
            guard happens else { continue }
            let reaction = Reaction(
                id: "\(request.id):\(mocked.kind.rawValue)", person: request.origin.person,
                instance: request.origin.instance, request: request.id, reaction: mocked.kind)
            reactions.append((reaction, after))
        }
        return (outcome, end, reactions)
    }

    private func outcome(
        of id: String, _ origin: RequestOrigin, _ call: Call, succeeded: String, at time: Int64
    ) -> (Outcome, Int64) {
        let status = call.error ?? succeeded
        let attempt = ActionResult.Attempt(at: time, milliseconds: call.milliseconds, status: status)
        let result = ActionResult(
            succeeded: call.error == nil, status: status, response: call.data, attempts: [attempt])
        let outcome = Outcome(
            id: id, person: origin.person, instance: origin.instance, durationMilliseconds: call.milliseconds,
            result: .action(result))
        return (outcome, time &+ call.milliseconds)
    }
}
