import Engine
import Models

/// The engine alone: no Redis, no network, one thread.
enum EngineBenchmark {
    struct Problem: Error, CustomStringConvertible { let description: String }

    private struct Run {
        let journeys: Int
        let transitions: Int
        let seconds: Double

        var journeysPerSecond: Double { Double(journeys) / seconds }
        var transitionsPerSecond: Double { Double(transitions) / seconds }
    }

    static func run() throws -> Report {
        let catalogue = Catalogue(
            schemas: [], events: [try event("orderPlaced"), try event("clicked")], dataSources: [],
            actions: [try ActionDefinition(StandardJourney.action(url: "https://gateway.example/"))])
        let standard = try plan(StandardJourney.journey(), catalogue)
        let one = [JourneySet.Member(plan: standard, state: .live)]
        _ = measure(one, isStored: false, count: 20_000)
        let memory = measure(one, isStored: false)
        let stored = measure(one, isStored: true)
        let listeners = try (0..<1_000).map { number in
            let city = number == 500 ? "Paris" : "city\(number)"
            let journey = StandardJourney.journey(
                name: "listener\(number)", filter: "@event{orderPlaced.order.city} == \"\(city)\"")
            return JourneySet.Member(plan: try plan(journey, catalogue), state: .live)
        }
        let filtered = measure([listeners[500]], isStored: false)
        let thousand = measure(listeners, isStored: false, count: 50_000)

        var report = Report("engine")
        report.add("transitions/s, in memory", Figure.whole(memory.transitionsPerSecond), target: "≥ 500,000")
        report.add("transitions/s, travelers written and read back", Figure.whole(stored.transitionsPerSecond))
        report.add("standard journeys/s, in memory", Figure.whole(memory.journeysPerSecond))
        report.add("standard journeys/s, travelers written and read back", Figure.whole(stored.journeysPerSecond))
        report.add(
            "journeys/s with 1,000 listening, 1 matching, to one listening",
            Figure.whole(thousand.journeysPerSecond), target: "ratio ≥ 0.7",
            ratio: Figure.fraction(thousand.journeysPerSecond / filtered.journeysPerSecond, 2))
        report.settings = ["processor time of one thread"]
        return report
    }

    private static func event(_ name: String) throws -> EventDefinition {
        try EventDefinition(
            [
                "name": .string(name), "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                "key": "'1'",
            ])
    }

    private static func plan(_ journey: JSONObject, _ catalogue: Catalogue) throws -> Plan {
        let compiled = Plan.compile(JourneyDocument(journey), version: 1, catalogue: catalogue)
        guard let plan = compiled.plan else { throw Problem(description: "\(compiled.findings)") }
        return plan
    }

    private static func measure(_ members: [JourneySet.Member], isStored: Bool, count: Int = 200_000) -> Run {
        let engine = Engine(
            journeys: JourneySet(members), deployment: HashKey(first: 1, second: 2), partition: 0)
        let people = (0..<1_000).map { Person(namespace: "crmId", id: "\(100_000 + $0)") }
        var profile = StandardJourney.attributes(person: 4_711)
        let payload = (try? JSONValue.parse(StandardJourney.eventBody(person: 4_711, run: "bench"))) ?? .null
        var output = EngineOutput()
        var transitions = 0
        let began = ThreadTime.seconds
        for number in 0..<count {
            let person = people[number % people.count]
            let at = 1_767_225_600_000 + Int64(number)
            var traveler = Traveler(person: person)
            let event = PersonEvent(id: "event-\(number)", person: person, events: ["orderPlaced"], payload: payload)
            output.removeAll()
            engine.handle(.event(event), at: at, now: at, traveler: &traveler, profile: &profile, into: &output)
            transitions += Int(output.counts[.passed])
            var request: ActionRequest?
            for case .dispatch(let dispatched) in output.effects { request = dispatched }
            if isStored { store(&traveler) }
            guard let request else { continue }
            output.removeAll()
            engine.handle(
                .outcome(outcome(of: request, person, at: at)), at: at + 1, now: at + 1, traveler: &traveler,
                profile: &profile, into: &output)
            if isStored { _ = traveler.takeChanges() }
            transitions += Int(output.counts[.passed])
        }
        return Run(journeys: count, transitions: transitions, seconds: ThreadTime.seconds - began)
    }

    /// As through Redis: written as fields, and read again from them.
    private static func store(_ traveler: inout Traveler) {
        let changes = traveler.takeChanges()
        traveler = Traveler(person: traveler.person, fields: (changes?.set ?? []).map { ($0.field, $0.value) })
    }

    private static func outcome(of request: ActionRequest, _ person: Person, at time: Int64) -> Outcome {
        let result = ActionResult(
            succeeded: true, status: "http_200", response: .null,
            attempts: [.init(at: time, milliseconds: 5, status: "http_200")])
        return Outcome(
            id: request.id, person: person, instance: request.origin.instance, durationMilliseconds: 5,
            result: .action(result))
    }
}
