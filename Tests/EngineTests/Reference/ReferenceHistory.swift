import Engine
import Models

/// A random history of one person in three random journeys, given to the engine and to the model.
struct ReferenceHistory {
    static let names = ["j0", "j1", "j2"]
    /// Journeys that may be jumped to are known by name; where they lead is found out at run time.
    static let catalogue = Configuration.catalogue(journeys: names)

    let run: ReferenceRun
    private var numbers: SeededNumbers
    private var count = 0
    private var reentrances: [String: String] = [:]

    init(seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var profile: JSONObject = ["name": "Ada"]
        if Bool.random(using: &numbers) { profile["phone"] = "+33" }
        if Bool.random(using: &numbers) { profile["gold"] = true }
        if Bool.random(using: &numbers) { profile["timeZone"] = "Asia/Tokyo" }
        run = ReferenceRun(SeededNumbers(seed: seed ^ 0x5eed), profile: profile)
        self.numbers = numbers
        for name in Self.names { publish(name) }
    }

    private mutating func publish(_ name: String) {
        for _ in 0..<20 {
            var maker = RandomJourney(numbers)
            let reentrance = reentrances[name] ?? maker.reentrance()
            reentrances[name] = reentrance
            let document = maker.document(name: name, reentrance: reentrance)
            numbers = maker.numbers
            let number = Int64(run.model.versions.filter { $0.journey == name }.count + 1)
            let found = Plan.compile(document, version: number, catalogue: Self.catalogue)
            guard let plan = found.plan else { continue }
            return run.publish(document, plan)
        }
    }

    /// Plays so many stimuli, or up to the first difference.
    mutating func play(_ stimuli: Int) {
        for _ in 0..<stimuli where run.difference == nil {
            let pause: Int64 =
                Int.random(in: 0..<12, using: &numbers) == 0
                ? Int64.random(in: 0...100_000_000, using: &numbers) : Int64.random(in: 0...1_800_000, using: &numbers)
            run.advance(by: pause)
            count += 1
            playOne()
        }
    }

    private mutating func playOne() {
        switch Int.random(in: 0..<24, using: &numbers) {
        case 0..<8: event()
        case 8..<12: performAction(isLate: false)
        case 12..<14: answerFetch(isLate: false)
        case 14: audience()
        case 15: react()
        case 16: admit()
        case 17:
            if Bool.random(using: &numbers) { performAction(isLate: true) } else { answerFetch(isLate: true) }
        case 18: changeState()
        case 19: release()
        case 20: moveOne()
        case 21 where Int.random(in: 0..<3, using: &numbers) == 0: endOne()
        case 22 where Int.random(in: 0..<3, using: &numbers) == 0:
            publish(Self.names.randomElement(using: &numbers) ?? "j0")
        default: break
        }
    }

    private mutating func payload() -> JSONValue {
        var order: JSONObject = ["total": .integer(Int64.random(in: 0...6, using: &numbers))]
        if Bool.random(using: &numbers) { order["id"] = Bool.random(using: &numbers) ? "k1" : "k2" }
        return ["order": .object(order), "secret": 1]
    }

    private mutating func event() {
        let some = PropertyTests.events.shuffled(using: &numbers).prefix(Int.random(in: 1...2, using: &numbers))
            .sorted()
        let payload = payload(), id = "e-\(count)"
        run.give(.event(PersonEvent(id: id, person: Story.person, events: some, payload: payload))) {
            $0.take(event: id, some, payload)
        }
    }

    private mutating func audience() {
        let name = Bool.random(using: &numbers) ? "gold" : "silver"
        let change = Bool.random(using: &numbers) ? AudienceChange.entered : .exited
        let id = "a-\(count)"
        run.give(.audience(AudienceMove(id: id, person: Story.person, audience: name, change: change))) {
            $0.take(audience: name, change: change.rawValue, id: id)
        }
    }

    private mutating func react() {
        guard let message = run.actions.filter(\.isMessage).randomElement(using: &numbers) else { return }
        let kind = Bool.random(using: &numbers) ? Reaction.Kind.opened : .clicked, id = "r-\(count)"
        run.give(
            .reaction(
                Reaction(
                    id: id, person: Story.person, instance: message.instance, request: message.id, reaction: kind))
        ) { $0.take(reaction: kind.rawValue, request: message.id, of: message.instance, stimulus: id) }
    }

    private mutating func admit() {
        let readers = run.model.versions.filter { $0.read != nil }
        guard let version = readers.randomElement(using: &numbers) else { return }
        let isForced = Int.random(in: 0..<3, using: &numbers) == 0
        // A run may come again to whom it came last.
        let last = run.model.lastRuns[version.journey]
        let id = Int.random(in: 0..<3, using: &numbers) == 0 ? last ?? "run-\(count)" : "run-\(count)"
        var event: Admission.Event?
        if case .businessEvent(let name) = version.entry.body { event = .init(name: name, payload: payload()) }
        let admission = Admission(
            run: id, journey: version.journey, version: version.number, event: event, forceReentrance: isForced)
        run.give(.admit(admission)) {
            $0.admit(version, run: id, event: event.map { ($0.name, $0.payload) }, isForced: isForced)
        }
    }

    // MARK: Outcomes

    private mutating func performAction(isLate: Bool) {
        let open = run.actions.filter { run.clock - $0.at < 86_400_000 }
        guard let request = isLate ? open.randomElement(using: &numbers) : open.last else { return }
        let status = Int.random(in: 0..<3, using: &numbers) == 0 ? "http_500" : "http_200"
        let result = ActionResult(
            succeeded: status == "http_200", status: status, response: ["id": "x"],
            attempts: [.init(at: run.clock, milliseconds: 3, status: status)])
        let outcome = Outcome(
            id: request.id, person: Story.person, instance: request.instance, durationMilliseconds: 3,
            result: .action(result))
        run.give(.outcome(outcome)) {
            $0.takeAction(request.id, of: request.instance, status: status, response: ["id": "x"])
        }
    }

    private mutating func answerFetch(isLate: Bool) {
        let open = run.fetches.filter { run.clock - $0.at < 86_400_000 }
        guard let (request, _) = isLate ? open.randomElement(using: &numbers) : open.last else { return }
        var results: [String: LookupResult] = [:], plain: [String: ReferenceAnswer] = [:]
        for key in request.lookups.map(\.key) + request.places.map(\.key) {
            let isPlace = key.hasPrefix("cap:")
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0:
                results[key] = LookupResult(errorCode: "timedout")
                plain[key] = .failed("timedout")
            case 1: continue
            default:
                let data: JSONValue =
                    isPlace
                    ? .bool(Bool.random(using: &numbers))
                    : ["points": .integer(Int64.random(in: 0...9, using: &numbers))]
                results[key] = LookupResult(data: data, cached: false)
                plain[key] = .data(data)
            }
        }
        let outcome = Outcome(
            id: request.id, person: Story.person, instance: request.origin.instance, durationMilliseconds: 3,
            result: .fetch(results))
        run.give(.outcome(outcome)) { $0.takeFetch(request.id, of: request.origin.instance, plain) }
    }

    // MARK: Life

    private mutating func changeState() {
        guard let version = run.model.versions.randomElement(using: &numbers) else { return }
        switch version.state {
        case .live:
            let states: [ReferenceVersion.State] = [.hold, .hold, .discard, .closed]
            if Int.random(in: 0..<8, using: &numbers) == 0 { return run.set(version, .stopped) }
            run.set(version, states.randomElement(using: &numbers) ?? .hold)
        case .hold, .discard: run.set(version, .live)
        case .closed where run.model.newest(version.journey) === version: run.set(version, .live)
        case .closed, .stopped: break
        }
    }

    private mutating func release() {
        guard let instance = run.held.first else { return }
        run.give(.release(instance: instance, cause: "c-\(count)")) { $0.release(instance) }
    }

    private mutating func moveOne() {
        guard let instance = run.model.inside.randomElement(using: &numbers) else { return }
        let id = instance.id, number = Int64.random(in: 1...3, using: &numbers)
        run.give(.move(instance: id, to: number, cause: "m-\(count)")) { $0.move(id, to: number) }
    }

    private mutating func endOne() {
        guard let id = run.model.inside.randomElement(using: &numbers)?.id else { return }
        run.give(.end(instance: id, cause: "c-\(count)")) { $0.end(id) }
    }
}
