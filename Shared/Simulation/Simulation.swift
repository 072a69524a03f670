import Audiences
import Engine
import Models

/// Runs a journey with made or recorded people in virtual time, with the same engine as in production.
///
/// Nothing outside is touched: look-ups, actions and messages are answered by mocks. The same journey, request and
/// samples give the same result.
package struct Simulation {
    /// What a simulation knows beside its request.
    package struct World: Sendable {
        package let plan: Plan
        /// Other journeys that people may jump to.
        package var others: [Plan] = []
        package var audiences = AudienceRules.empty
        /// Samples of answers, by `source.group` and by action.
        package var sourceSamples: [String: JSONValue] = [:]
        package var actionSamples: [String: JSONValue] = [:]
        /// Names of events that are kept with their person.
        package var keptEvents: Set<String> = []

        package init(plan: Plan) { self.plan = plan }
    }

    package enum Failure: Error, Sendable, Equatable {
        /// The caller's task was cancelled.
        case cancelled
        /// More happened than ``itemsMax``.
        case tooMuch(Int)
    }

    /// Stimuli and timers after which a simulation gives up.
    package var itemsMax = 20_000_000
    /// How many are handled before others get their turn on the thread.
    private static let turnItems = 512

    private struct Subject {
        let person: Person
        var traveler: Traveler
        var profile: JSONObject
        var kept = KeptEvents.none
        /// The number of the last run that came to the person, where runs come only to those who are new.
        var lastRun: Int?
    }

    private let world: World
    private let request: SimulationRequest
    private let engine: Engine
    private var subjects: [Subject]
    private var places: [Person: Int]
    private var queue = SimulationQueue()
    private var outside: SimulatedOutside
    /// Runs of the journey so far.
    private var runs = 0
    private var tally: SimulationTally
    /// Those of the request, each followed by what follows it.
    private var occurrences: [SimulationRequest.Occurrence] = []
    private var output = EngineOutput()

    package init(_ request: SimulationRequest, in world: World) {
        self.world = world
        self.request = request
        let rules = world.audiences
        let members = ([world.plan] + world.others).map { JourneySet.Member(plan: $0, state: .live) }
        let journeys = JourneySet(members) { rules.isMember($0, $1, now: $2) }
        engine = Engine(
            journeys: journeys, deployment: HashKey(first: request.seed, second: 0x736f_6a6f_7572_6e), partition: 0)
        subjects = Self.people(request).map { Subject(person: $0, traveler: Traveler(person: $0), profile: $1) }
        places = Dictionary(
            subjects.enumerated().map { ($1.person, $0) }, uniquingKeysWith: { first, _ in first })
        outside = SimulatedOutside(request, world)
        tally = SimulationTally(world.plan, request, people: subjects.count)
    }

    private static func people(_ request: SimulationRequest) -> [(Person, JSONObject)] {
        switch request.people {
        case .given(let people): return people.map { ($0.person, $0.attributes) }
        case .made(let count, let namespace, let id, let attributes):
            return (0..<count).map { place in
                var random = SeededRandom(seed: request.seed, "person", place)
                var subject = Generator.Subject(person: "", number: place + 1, time: request.start)
                let made = id.value(for: subject, &random) ?? .null
                subject.person = (made.stringValue ?? made.text).composed
                let profile = attributes.value(for: subject, &random)?.objectValue ?? JSONObject()
                return (Person(namespace: namespace, id: subject.person), profile)
            }
        }
    }

    /// Runs to the end and tells what happened.
    ///
    /// Lets others have the thread again and again; ends early when the task is cancelled.
    package consuming func run() async throws(Failure) -> SimulationResult {
        var run = self
        run.schedule()
        var handled = 0
        while let item = run.queue.next(upTo: run.request.end) {
            handled += 1
            if handled > run.itemsMax { throw .tooMuch(run.itemsMax) }
            if handled.isMultiple(of: Self.turnItems) {
                if Task.isCancelled { throw .cancelled }
                await Task.yield()
            }
            run.handle(item)
        }
        return run.tally.result(handled: handled)
    }

    // MARK: What happens by itself

    private mutating func schedule() {
        for occurrence in request.occurrences {
            let number = number(of: occurrence)
            if case .one(let person) = occurrence.who {
                add(number, occurrence, to: place(of: person), from: request.start)
            } else {
                for place in subjects.indices { add(number, occurrence, to: place, from: request.start) }
            }
        }
        guard case .readAudience(let step) = world.plan.entry else { return }
        switch step.schedule {
        case .now: addRun(at: request.start)
        case .at(let time): addRun(at: max(time, request.start))
        case .cron(let cron):
            var time = request.start - 1
            while let next = cron.next(after: time, in: step.zone), next <= request.end {
                addRun(at: next)
                time = next
            }
        case .event: break
        }
    }

    /// Where a person stands; one of whom only an event is known is added.
    private mutating func place(of person: Person) -> Int {
        if let place = places[person] { return place }
        subjects.append(Subject(person: person, traveler: Traveler(person: person), profile: JSONObject()))
        places[person] = subjects.count - 1
        return subjects.count - 1
    }

    /// Numbers an occurrence, and after it those that follow it, in order.
    private mutating func number(of occurrence: SimulationRequest.Occurrence) -> Int {
        occurrences.append(occurrence)
        let number = occurrences.count - 1
        for follower in occurrence.then { _ = self.number(of: follower) }
        return number
    }

    /// Lets an occurrence happen to a person, as often as it does, and what follows it after each time.
    private mutating func add(
        _ number: Int, _ occurrence: SimulationRequest.Occurrence, to place: Int, from base: Int64, round: Int = 1
    ) {
        var random = SeededRandom(seed: request.seed, "when \(number) \(round)", place)
        if case .everyone(let percent) = occurrence.who, !random.happens(percent: percent) { return }
        var time: Int64 =
            switch occurrence.when {
            case .after(let span): base &+ span.draw(&random)
            case .at(let time): time
            }
        for count in 1...occurrence.times {
            let round = (round - 1) * occurrence.times + count
            queue.add(.occurrence(number, number: round), person: place, at: time)
            var next = number + 1
            for follower in occurrence.then {
                add(next, follower, to: place, from: time, round: round)
                next += follower.size
            }
            time &+= occurrence.every.draw(&random)
        }
    }

    private mutating func addRun(at time: Int64, event payload: JSONValue? = nil) {
        queue.add(.run(payload: payload), person: 0, at: time)
    }

    /// Lets a run come to all who are members then, in the order of their keys, no faster than its rate; where it reads
    /// increments, past those to whom the run before came.
    private mutating func admit(_ step: PlanEntry.ReadAudience, at time: Int64, event payload: JSONValue?) {
        runs += 1
        let members = subjects.indices
            .filter { world.audiences.isMember(step.audience, subjects[$0].profile, now: time) }
            .sorted { subjects[$0].person.key < subjects[$1].person.key }
        let isNew = members.map { !step.isIncremental || subjects[$0].lastRun != runs - 1 }
        for place in members { subjects[place].lastRun = runs }
        for (number, place) in zip(members, isNew).filter(\.1).map(\.0).enumerated() {
            let delay = step.ratePerSecond.map { Int64(Double(number) / $0 * 1_000) } ?? 0
            queue.add(.admission(run: "run-\(time)", payload: payload), person: place, at: time &+ delay)
        }
    }

    // MARK: One item

    private mutating func handle(_ item: SimulationQueue.Item) {
        switch item.what {
        case .timer(let instance): handle(.timer(instance: instance, due: item.time), item)
        case .outcome(let outcome): handle(.outcome(outcome), item)
        case .reaction(let reaction): handle(.reaction(reaction), item)
        case .move(let move): handle(.audience(move), item)
        case .run(let payload):
            if case .readAudience(let step) = world.plan.entry { admit(step, at: item.time, event: payload) }
        case .admission(let run, let payload):
            guard case .readAudience(let step) = world.plan.entry else { return }
            var event: Admission.Event?
            if case .event(let name) = step.schedule, let payload { event = .init(name: name, payload: payload) }
            let admission = Admission(
                run: run, journey: world.plan.journey, version: world.plan.version, event: event,
                forceReentrance: step.forcesReentrance)
            handle(.admit(admission), item)
        case .occurrence(let place, let number): occur(place, number, item)
        }
    }

    private mutating func occur(_ place: Int, _ number: Int, _ item: SimulationQueue.Item) {
        let person = subjects[item.person].person
        let id = "\(place + 1)-\(item.person + 1)-\(number)"
        switch occurrences[place].what {
        case .audience(let audience, let change):
            handle(.audience(AudienceMove(id: id, person: person, audience: audience, change: change)), item)
        case .event(let name, let generator):
            var random = SeededRandom(seed: request.seed, "event \(place) \(number)", item.person)
            let subject = Generator.Subject(
                person: person.id, number: number, time: item.time, profile: subjects[item.person].profile)
            let payload = generator.value(for: subject, &random) ?? [:]
            if case .readAudience(let step) = world.plan.entry, step.schedule == .event(name) {
                // It concerns nobody: it comes once, however many people are made.
                if item.person == 0 { addRun(at: item.time, event: payload) }
                return
            }
            tally.events += 1
            if engine.journeys.readsKeptEvents, world.keptEvents.contains(name) {
                subjects[item.person].kept.keep(
                    KeptEvent(at: item.time, id: id, events: [name], payload: payload))
            }
            handle(.event(PersonEvent(id: id, person: person, events: [name], payload: payload)), item)
        }
    }

    private mutating func handle(_ stimulus: EngineStimulus, _ item: SimulationQueue.Item) {
        output.removeAll()
        let before = subjects[item.person].profile
        // As in production: where the engine says that it needs no profile, it gets none.
        let isProfileNeeded = engine.journeys.needsProfile(
            for: stimulus, traveler: subjects[item.person].traveler)
        var profile = isProfileNeeded ? before : JSONObject()
        engine.handle(
            stimulus, at: item.time, now: item.time, traveler: &subjects[item.person].traveler, profile: &profile,
            kept: subjects[item.person].kept, into: &output)
        if isProfileNeeded { subjects[item.person].profile = profile }
        tally.add(output.counts)
        var isUpdated = false
        for effect in output.effects {
            if case .updateProfile = effect { isUpdated = true }
            apply(effect, item)
        }
        if isUpdated { tellMoves(from: before, chain: output.changes + 1, item) }
    }

    private mutating func apply(_ effect: Effect, _ item: SimulationQueue.Item) {
        switch effect {
        case .setTimer(let instance, let due): queue.setTimer(of: instance, person: item.person, due: due)
        case .clearTimer(let instance): queue.clearTimer(of: instance)
        case .fetch(let request):
            let (outcome, time) = outside.answer(request, at: item.time, subjects[item.person].profile)
            queue.add(.outcome(outcome), person: item.person, at: time)
        case .dispatch(let request):
            let (outcome, time) = outside.perform(request, at: item.time, subjects[item.person].profile)
            queue.add(.outcome(outcome), person: item.person, at: time)
        case .send(let request):
            let (outcome, time, reactions) = outside.send(request, at: item.time)
            queue.add(.outcome(outcome), person: item.person, at: time)
            for (reaction, after) in reactions {
                queue.add(.reaction(reaction), person: item.person, at: time &+ after)
            }
        case .record(let record): tally.add(record, person: item.person)
        case .unread: subjects[item.person].lastRun = nil
        case .entered, .left, .held, .released, .moved, .updateProfile, .refusal, .seen, .cancel: break
        }
    }

    /// A changed profile changes audiences, and journeys hear of it.
    private mutating func tellMoves(from before: JSONObject, chain: Int64, _ item: SimulationQueue.Item) {
        let subject = subjects[item.person]
        for change in world.audiences.changes(from: before, to: subject.profile, now: item.time) where change.isTold {
            outside.moves += 1
            let move = AudienceMove(
                id: "move-\(outside.moves)", person: subject.person, audience: change.audience,
                change: change.isMember ? .entered : .exited, chain: chain)
            queue.add(.move(move), person: item.person, at: item.time)
        }
    }
}
