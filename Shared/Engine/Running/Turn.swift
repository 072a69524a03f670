import Models

/// One stimulus at work on one person.
struct Turn {
    /// How a node was left.
    enum Next {
        /// To these nodes; to none, where the journey ends.
        case go([Int])
        /// The instance waits for something.
        case stay
        /// The instance has left the journey.
        case left
    }

    let engine: Engine
    let at: Int64
    let stimulus: EngineStimulus
    let cause: String
    let context: InstanceContext
    var traveler: Traveler
    var output = EngineOutput()
    /// Of the instance at hand.
    var steps: [StepEvent] = []
    var reasons: [Refusal.Reason] = []
    /// Who was looked at and did not move by the event at hand, as far as no step event says it.
    var looked: [SeenEvent.Look] = []
    /// Why the instance that was last offered something did not take it; nil where a record says it.
    var refusedBy: String?
    /// The event of which the steps at hand are, where it was kept before; nil: they are of the stimulus.
    private(set) var keptCause: String?
    /// Where among the effects the record of the instance at hand lies that has what the instance saw already.
    private var inputPlace: Int?
    /// To be entered when the instances that made them are settled.
    var jumps: [PendingJump] = []
    var jumpsMade = 0
    /// The number of the audience change at hand in its chain; 0 where the stimulus is no such change.
    var changes: Int64 = 0
    /// Whether it was said that something kept was dropped.
    var isFullSaid = false
    private(set) var isProfileChanged = false
    /// What each instance saw, where its plan keeps that.
    var befores: [String: Before] = [:]
    /// The instance that alone takes the stimulus, which came before and was set aside for it.
    var only: String?
    /// Where an instance is run again: nobody enters anything then.
    var surroundings: InstanceReplay.Surroundings?

    init(
        engine: Engine, at: Int64, person: Person, profile: JSONObject, kept: KeptEvents = .none,
        stimulus: EngineStimulus
    ) {
        self.engine = engine
        self.at = at
        self.stimulus = stimulus
        cause = stimulus.cause
        context = InstanceContext(person: person, profile: profile, kept: kept, journeys: engine.journeys)
        traveler = Traveler(person: person)
    }

    /// Puts what the run changed of the profile over it.
    func applyOverlay() {
        for (path, value) in traveler.overlay {
            if let changed = profile(setting: value, at: path) { context.profile = changed }
        }
        context.forgetZone()
    }

    /// Nil where something on the way is no object.
    func profile(setting value: JSONValue, at path: [String]) -> JSONObject? {
        JSONValue.object(context.profile).setting(value, at: path[...])?.objectValue
    }

    /// Takes a profile over in which the value was set at the path; of a run's profile for the run alone.
    mutating func takeProfile(_ changed: JSONObject, _ path: [String], _ value: JSONValue) {
        context.profile = changed
        context.forgetZone()
        if engine.run != nil {
            traveler.setOverlay(path, value)
        } else {
            isProfileChanged = true
            output.effects.append(.updateProfile(path: path, value: value))
        }
    }

    // MARK: Instances in and out of the traveler

    /// The instance at a place of the traveler, taken out until ``settle(_:at:timer:)``; nil where nothing can be made
    /// of it, or its version is unknown.
    mutating func takeInstance(at place: Int) -> Instance? {
        guard let header = traveler.slots[place].header,
            let plan = engine.journeys.plan(journey: header.journey, version: header.version)
        else {
            output.counts[.unreadable] += 1
            return nil
        }
        // What came before comes first.
        if !traveler.asides.isEmpty, traveler.hasAside(of: traveler.slots[place].id) { return nil }
        switch traveler.takeState(at: place) {
        case .live(var instance):
            instance.plan = plan
            noteBefore(instance)
            return instance
        case .raw(let bytes):
            if let value = try? JSONValue.parse(bytes), case .object(let object) = value,
                let instance = try? Instance(id: traveler.slots[place].id, object: object, plan: plan)
            {
                noteBefore(instance)
                return instance
            }
            output.counts[.unreadable] += 1
            return nil
        case .unreadable: return nil
        }
    }

    /// Puts an instance back that nothing happened to.
    mutating func putBack(_ instance: consuming Instance, at place: Int) {
        traveler.slots[place].state = .live(instance)
    }

    /// Puts an instance back after it moved, or forgets it where it left; says its steps and sets its timer.
    /// - Parameter timer: the one that was set before; nil where there was none.
    /// - Returns: whether the instance is still there.
    @discardableResult
    mutating func settle(_ instance: consuming Instance, at place: Int, timer before: Int64?, mustSet: Bool = false)
        -> Bool
    {
        record(instance)
        setTimer(of: instance, before: before, mustSet: mustSet)
        if !instance.isInside, instance.pending == nil {
            rememberGoal(of: instance)
            traveler.remove(at: place)
            return false
        }
        traveler.put(instance, at: place)
        return true
    }

    mutating func setTimer(of instance: borrowing Instance, before: Int64?, mustSet: Bool) {
        let timer = instance.timer
        if timer == before, !mustSet { return }
        if let timer {
            output.effects.append(.setTimer(instance: instance.id, due: timer))
        } else {
            output.effects.append(.clearTimer(instance: instance.id))
        }
    }

    /// - Parameter entrance: what led into a new instance, and its key.
    mutating func record(_ instance: borrowing Instance, _ entrance: (Entrance, key: String)? = nil) {
        let stimulus = keptCause ?? cause, told = inputPlace
        keptCause = nil
        inputPlace = nil
        if let told { completeInput(at: told, of: instance) }
        if steps.isEmpty { return }
        // Taken out first, so that the array is not held twice.
        var taken: [StepEvent] = []
        swap(&taken, &steps)
        output.effects.append(
            .record(
                StepRecord(
                    person: traveler.person, journey: instance.plan.journey, version: instance.plan.version,
                    instance: instance.id, stimulus: stimulus, events: taken, run: engine.run?.mark,
                    input: told == nil ? input(of: instance.id, instance.plan, entrance) : nil)))
    }

    /// What stood in the way after the first record was made, and what was read then, is told by that record, too.
    private mutating func completeInput(at place: Int, of instance: borrowing Instance) {
        guard case .record(var first) = output.effects[place] else { return }
        first.input = input(of: instance.id, instance.plan)
        output.effects[place] = .record(first)
    }

    /// What the instance does from here on, it does by an event that it had kept: that is a record of its own, which
    /// names the event. What the engine saw stands with the first record alone.
    mutating func goOn(by event: String, _ instance: borrowing Instance) {
        let place = inputPlace ?? (steps.isEmpty ? nil : output.effects.count)
        record(instance)
        keptCause = event
        inputPlace = place
    }

    /// Forgets what nobody needs any more, once the stimulus is done.
    mutating func tidy() {
        guard traveler.hasChanges else { return }
        var place = 0
        while place < traveler.slots.count {
            if traveler.slots[place].isOver, case .live(let instance) = traveler.slots[place].state,
                (instance.due ?? 0) <= at
            {
                rememberGoal(of: instance)
                traveler.remove(at: place)
            } else {
                place += 1
            }
        }
        if !traveler.lastEntries.isEmpty {
            let journeys = engine.journeys, at = at
            traveler.forgetEntries { key, entered in (journeys.entryNeeded(key, entered) ?? .max) <= at }
        }
        while let first = traveler.goals.first, first.goal.until <= at { traveler.removeGoal(at: 0) }
        for (journey, last) in traveler.admissions
        where (engine.journeys.admissionNeeded(journey, last) ?? .max) <= at {
            traveler.forgetAdmission(to: journey)
        }
        traveler.neededUntil = neededUntil()
    }

    /// How long it is remembered what a test changed for a person who is not inside.
    private static let ownMilliseconds: Int64 = 30 * 86_400_000

    /// When everything may be forgotten, if only last entries and instances that left are there.
    private func neededUntil() -> Int64? {
        var until: Int64 = 0
        if traveler.slots.contains(where: { !$0.isOver }) { return nil }
        for slot in traveler.slots {
            switch slot.state {
            case .live(let instance): until = max(until, instance.due ?? 0)
            case .raw(let bytes):
                guard let summary = try? InstanceSummary(id: slot.id, bytes: bytes) else { return nil }
                until = max(until, summary.due ?? 0)
            case .unreadable: return nil
            }
        }
        for (key, entered) in traveler.lastEntries {
            guard let needed = engine.journeys.entryNeeded(key, entered) else { return nil }
            until = max(until, needed)
        }
        for (journey, last) in traveler.admissions {
            guard let needed = engine.journeys.admissionNeeded(journey, last) else { return nil }
            until = max(until, needed)
        }
        if let last = traveler.goals.last { until = max(until, last.goal.until) }
        // A test may go on with the person, but not for ever.
        if traveler.hasOwn { until = max(until, at &+ Self.ownMilliseconds) }
        return until > 0 ? until : nil
    }
}

extension JourneySet {
    /// Until when a last entry must be remembered; nil for ever, or while the journey is not known. One into a journey
    /// that was deleted is needed no more when there is another of its name.
    func entryNeeded(_ key: String, _ entered: Int64) -> Int64? {
        let parts = key.prefix { $0 != ":" }.split(separator: "@", maxSplits: 1)
        guard let name = parts.first, let member = newestMember(of: String(name)) else { return nil }
        let origin = parts.count > 1 ? Int64(parts[1]) : 0
        if origin != member.origin { return .min }
        guard member.plan.reentrance.isAllowed else { return nil }
        return entered &+ member.plan.reentrance.afterMilliseconds
    }
}
