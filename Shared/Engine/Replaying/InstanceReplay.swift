import Models

/// Runs an instance again from its records, through the engine that ran it first.
///
/// What another instance of the same person changed of the profile by the same stimulus, between the move of this one
/// and the counting of its goal, is not in the records: a goal whose filter reads it may come out otherwise.
package enum InstanceReplay {
    /// What an instance sees of the journeys beside its own.
    struct Surroundings: Sendable {
        /// What stood in the way of jumps, by node, and of another `version`; empty where nothing did.
        let obstacles: JSONObject
    }

    /// Why records cannot be run again.
    package struct Unreplayable: Error, Sendable, Hashable {
        package let message: String
    }

    /// The first record that came out otherwise.
    package struct Difference: Sendable, Hashable {
        /// From 0.
        package let record: Int
        package let expected: StepRecord
        /// Nil where nothing happened.
        package let found: StepRecord?
    }

    /// The records that the instance makes when it is run again.
    /// - Parameters:
    ///   - records: all of one instance, in their order, each with its input.
    ///   - plans: the versions that the records name.
    ///   - run: as it was, where the instance belongs to a test or a dry run.
    package static func run(
        records: [StepRecord], plans: [Plan], run: EngineRun? = nil, limits: EngineLimits = EngineLimits()
    ) throws(Unreplayable) -> [StepRecord] {
        guard let first = records.first, let id = first.instance else {
            throw Unreplayable(message: "there are no records of an instance")
        }
        var traveler = Traveler(person: first.person)
        var found: [StepRecord] = []
        var place = 0
        while place < records.count {
            let record = records[place]
            guard let input = record.input else {
                throw Unreplayable(message: "the journey kept a short history, without what the engine saw")
            }
            if (input["keptEvents"]?.arrayValue ?? []).contains(where: { $0["large"] != nil }) {
                throw Unreplayable(message: "an expression over the kept events came to more than is recorded")
            }
            guard let stimulus = try? ReplayStimulus(input, of: id, person: first.person) else {
                throw Unreplayable(message: "the input of a record cannot be read")
            }
            let engine = engine(for: record, input, plans, run, limits)
            var made = play(stimulus, record, input, engine, &traveler)
            joinAsRecorded(&made, records[place...])
            found += made
            // One stimulus may make several records, as where an event moves the instance and is its goal too.
            place += max(1, made.count)
        }
        return found
    }

    /// The first difference between the records and what comes of running them again; nil where there is none.
    package static func difference(_ records: [StepRecord], _ found: [StepRecord]) -> Difference? {
        for (place, record) in records.enumerated() {
            let again = place < found.count ? found[place] : nil
            guard let again, again.version == record.version, agree(again.events, record.events),
                again.input == record.input
            else { return Difference(record: place, expected: record, found: again) }
        }
        return nil
    }

    /// Step events of before say nothing of values, and a schema may have marked a field as secret since, or no more.
    private static func agree(_ found: [StepEvent], _ recorded: [StepEvent]) -> Bool {
        guard found.count == recorded.count else { return false }
        return zip(found, recorded).allSatisfy { found, recorded in
            var found = found
            if recorded.read.isEmpty { found.read = [] }
            if found.read.map(\.path) == recorded.read.map(\.path) {
                for place in found.read.indices {
                    let isHidden = [found.read[place].value, recorded.read[place].value].contains(SecretFields.mask)
                    if isHidden { found.read[place] = recorded.read[place] }
                }
            }
            if recorded.localTime == nil { found.localTime = nil }
            return found == recorded
        }
    }

    /// What an instance does by an event that it had kept is a record of its own. Before it was, it stood in the record
    /// of what let the instance listen again, and is joined with that here, so that it compares.
    private static func joinAsRecorded(_ made: inout [StepRecord], _ recorded: ArraySlice<StepRecord>) {
        var place = 1
        while place < made.count {
            let other = recorded.dropFirst(place).first
            if made[place].input == nil, other == nil || other?.input != nil {
                made[place - 1].events += made[place].events
                made.remove(at: place)
            } else {
                place += 1
            }
        }
    }

    private static func engine(
        for record: StepRecord, _ input: JSONValue, _ plans: [Plan], _ run: EngineRun?, _ limits: EngineLimits
    ) -> Engine {
        let state = JourneySet.State(recorded: input["state"]?.stringValue)
        let members = plans.map { plan in
            JourneySet.Member(plan: plan, state: plan.version == record.version ? state : .live)
        }
        let audiences = input["audiences"] ?? .null
        let journeys = JourneySet(members) { audience, _, _ in audiences[audience] == true }
        // Ids are those of the records, so neither deployment nor partition matters.
        return Engine(
            journeys: journeys, deployment: HashKey(first: 0, second: 0), partition: 0, limits: limits, run: run)
    }

    private static func play(
        _ replayed: ReplayStimulus, _ record: StepRecord, _ input: JSONValue, _ engine: Engine,
        _ traveler: inout Traveler
    ) -> [StepRecord] {
        let profile = input["profile"]?.objectValue ?? JSONObject()
        var turn = Turn(
            engine: engine, at: replayed.at, person: record.person, profile: profile, stimulus: replayed.stimulus)
        turn.surroundings = Surroundings(obstacles: input["stood"]?.objectValue ?? JSONObject())
        turn.context.memberships = input["audiences"]
        turn.context.recordedAnswers = (input["keptEvents"]?.arrayValue ?? [])[...]
        swap(&turn.traveler, &traveler)
        if let entry = replayed.entry {
            turn.replay(entry, record)
        } else {
            turn.restore(kept: input["kept"]?.arrayValue ?? [], of: record.instance ?? "")
            turn.run(now: replayed.at)
        }
        turn.tidy()
        swap(&turn.traveler, &traveler)
        return turn.output.effects.compactMap { effect in
            if case .record(let found) = effect, found.instance == record.instance { found } else { nil }
        }
    }
}

/// The stimulus of a record.
struct ReplayStimulus {
    struct Entry {
        let key: String
        let chain: Int64
        let payload: JSONValue?
    }

    let at: Int64
    let stimulus: EngineStimulus
    /// How the instance came into being.
    let entry: Entry?

    init(_ input: JSONValue, of instance: String, person: Person) throws(MalformedElement) {
        guard let at = input["at"]?.integerValue else { throw MalformedElement("the time is missing") }
        self.at = at
        let cause = input["id"]?.stringValue ?? ""
        var entry: Entry?
        switch input["kind"]?.stringValue {
        case "entry":
            entry = Entry(
                key: input["key"]?.stringValue ?? "", chain: input["chain"]?.integerValue ?? 0,
                payload: input["payload"])
            stimulus = .end(instance: instance, cause: "")
        case "timer": stimulus = .timer(instance: instance, due: input["due"]?.integerValue ?? at)
        // The run comes to who is inside, who makes room.
        case "admit": stimulus = .admit(Admission(run: cause, journey: "", version: 0))
        case "end": stimulus = .end(instance: instance, cause: cause)
        case "release": stimulus = .release(instance: instance, cause: cause)
        case "move": stimulus = .move(instance: instance, to: input["to"]?.integerValue ?? 0, cause: cause)
        default:
            switch try Stimulus(bytes: input.bytes).body {
            case .event(let event): stimulus = .event(event)
            case .outcome(let outcome): stimulus = .outcome(outcome)
            case .audience(let move): stimulus = .audience(move)
            case .reaction(let reaction): stimulus = .reaction(reaction)
            case .business, .configuration, .command, .repeated: throw MalformedElement("that moves no instance")
            }
        }
        self.entry = entry
    }
}

extension Turn {
    /// Lets the recorded instance enter again.
    mutating func replay(_ entry: ReplayStimulus.Entry, _ record: StepRecord) {
        guard let id = record.instance,
            let plan = engine.journeys.plan(journey: record.journey, version: record.version)
        else { return }
        var instance = Instance(id: id, seed: InstanceID.seed(of: id), plan: plan, entered: at, key: entry.key)
        instance.chain = entry.chain
        let name = plan.nodes[0].step.event ?? ""
        let entrance = Entrance(id: "", event: entry.payload.map { (name, $0) }, chain: entry.chain)
        noteEntry(plan, entrance.event)
        settleNew(&instance, entrance, entry.key)
    }

    /// Puts into the instance what it had kept before the record.
    mutating func restore(kept: [JSONValue], of id: String) {
        guard let place = traveler.place(of: id), var instance = takeInstance(at: place) else { return }
        instance.forgetKept()
        for item in kept { try? instance.readKept(item) }
        befores[id] = nil
        noteBefore(instance)
        putBack(instance, at: place)
    }
}
