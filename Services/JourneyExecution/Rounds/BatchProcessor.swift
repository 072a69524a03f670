import Audiences
import Engine
import Models
import Queues

extension EngineCounts {
    mutating func add(_ other: EngineCounts) {
        for count in EngineCount.allCases where other[count] != 0 { self[count] += other[count] }
    }
}

/// Computes one partition's batch in memory: elements of the inbox and due timers, in one order by time, through the
/// engine, into one commit. No I/O; the same input gives the same commit.
struct BatchProcessor {
    /// Timers fired, and step events made, after which a batch takes nothing more: a journey that waits a second again
    /// and again has a day's worth of them to do after a day off.
    static let firedMax = 4_096
    static let stepsMax: Int64 = 20_000
    /// How long after it is needed Redis keeps what is remembered of a person: what was accepted before may be handled
    /// as late as that.
    static let expiryGraceMilliseconds: Int64 = 86_400_000

    private let engine: Engine
    /// Names of events that are kept with their person.
    private let keptNames: Set<String>
    /// Those of the people for whom a journey may read them, as it goes on.
    var kept: [String: KeptEvents]
    let partition: OwnedPartition
    let now: Int64
    let audiences: AudienceRules
    var profiles: ProfileChanges
    var batch: CommitBatch
    var travelers: [String: Traveler]
    private(set) var walks: Set<StopWalk>
    var tours: [String: Tour]
    var tourLog: TourLog
    let rules: TourRules
    var starts: [String: AudienceRun]
    private(set) var counts = EngineCounts()
    private(set) var stepCount: Int64 = 0
    private(set) var revision: Int64
    var timers: TimerQueue
    var fired = 0
    var touched: Set<String> = []
    /// Virtual clocks of tests, by their ids.
    var clocks: [String: TrialClock]
    /// Changes of audiences in runs, which number their ids.
    var runMoves = 0
    /// The timers of the one that goes on in this batch.
    var clockTimers: (trial: String, queue: TimerQueue)?
    /// Who sees what real people do; nobody, where that may be what ended the process before.
    var dryRuns: [PlanSnapshot.TrialPlan]
    var output = EngineOutput()
    private var records: [StepRecord] = []
    /// Where the records of the stimulus at hand begin.
    private var firstRecord = 0
    var refusals = RefusalSums()
    /// Groups of entries whose members the batch tells the step store.
    private(set) var toldGroups: [String] = []

    init(
        engine: Engine, keptEvents: Set<String>, partition: OwnedPartition, now: Int64, time: Int64,
        timers: [DueTimer], horizon: Int64, travelers: [String: Traveler], profiles: [String: ProfileDocument],
        kept: [String: KeptEvents] = [:], audiences: AudienceRules = .empty, rules: TourRules = .none,
        clock: ClockPiece? = nil
    ) {
        self.rules = rules
        self.engine = engine
        keptNames = keptEvents
        self.kept = kept
        self.partition = partition
        self.now = now
        self.profiles = ProfileChanges(profiles)
        self.audiences = audiences
        self.travelers = travelers
        walks = partition.walks
        tours = partition.tours
        tourLog = partition.tourLog
        starts = partition.starts
        clocks = partition.clocks
        dryRuns = rules.snapshot?.dryRuns ?? []
        clockTimers = clock.map { piece in
            (piece.trial, TimerQueue(piece.timers.map { ($0.member, $0.due) }, horizon: piece.horizon))
        }
        revision = partition.revision
        batch = partition.newBatch(time: time)
        for id in partition.started {
            starts[id] = nil
            batch.clearState(RunStart.field(id))
        }
        self.timers = TimerQueue(timers.map { ($0.member, $0.due) }, horizon: horizon)
    }

    /// Of the partition's tours at a rate.
    var phase: Double { partition.phase }

    /// The batch is as large as it may be: what is left is for the next.
    var isFull: Bool { fired >= Self.firedMax || stepCount >= Self.stepsMax }

    /// What was taken or parked of the inbox, from its head on.
    mutating func consume(_ elements: [[UInt8]]) { batch.consume(elements) }

    /// Takes a stimulus, after the timers that come before it; false where these alone fill the batch. Malformed ones
    /// are parked by the caller.
    mutating func take(_ stimulus: Stimulus) -> Bool {
        fireTimers(upTo: stimulus.at)
        if isFull { return false }
        handle(stimulus)
        return true
    }

    private mutating func handle(_ stimulus: Stimulus) {
        let trial = stimulus.run?.id
        switch stimulus.body {
        case .event(let event):
            keep(event, at: stimulus.at, trial: trial)
            handle(.event(event), of: event.person, at: stimulus.at, trial: trial)
            if trial == nil, !dryRuns.isEmpty { offer(event, at: stimulus.at) }
        case .repeated(let event): record(event.record(at: stimulus.at))
        case .outcome(let outcome): handle(.outcome(outcome), of: outcome.person, at: stimulus.at, trial: trial)
        case .audience(let move):
            handle(.audience(move), of: move.person, at: stimulus.at, trial: trial)
            if trial == nil, !dryRuns.isEmpty { offer(move, at: stimulus.at) }
        case .reaction(let reaction): handle(.reaction(reaction), of: reaction.person, at: stimulus.at, trial: trial)
        case .command(.resume(let journey, let rate)):
            begin(.resume(journey: journey), of: stimulus, ratePerSecond: rules.share(of: rate))
        case .command(.move(let move)): begin(.move(move, Tour.MovePlace()), of: stimulus, ratePerSecond: nil)
        case .command(.run(let run)):
            let rate = rules.reader(run.journey, run.version)?.rate
            begin(.admit(run, Tour.AdmissionPlace()), of: stimulus, ratePerSecond: rules.share(of: rate))
        case .business(let event):
            start(by: event)
            // It concerns nobody; the people to whom a run comes have the run's id in their step events.
            record(
                StepRecord(
                    seen: SeenEvent(events: event.events), person: Person(namespace: "", id: ""), stimulus: event.id,
                    at: stimulus.at, run: event.run))
        case .command(.advance(let trial, let time)): advance(trial, to: time)
        case .command(.forget(let journey)):
            batch.forgetReads(journey: journey)
            batch.clearState(Tour.readField(journey))
        case .command(.endInstance(let person, let instance)):
            handle(.end(instance: instance, cause: stimulus.id), of: person, at: stimulus.at)
        case .command(.stop(let journey, let version)):
            let walk = StopWalk(journey: journey, version: version)
            walks.insert(walk)
            batch.setState(walk.field, "\(stimulus.at)")
        case .configuration(let number):
            if number <= revision { return }
            revision = number
            batch.setState("revision", "\(number)")
        }
    }

    /// Keeps an event among the person's latest, where its definition says so, before the engine looks at it: who asks
    /// for the orders of a month finds this one among them. That of a test is kept for the test alone.
    private mutating func keep(_ event: PersonEvent, at time: Int64, trial: String?) {
        guard !keptNames.isEmpty, event.events.contains(where: keptNames.contains) else { return }
        let key = event.person.key
        func known(at time: Int64) -> KeptEvent {
            KeptEvent(at: time, id: event.id, events: event.events, payload: event.payload)
        }
        guard let trial else {
            let known = known(at: time)
            kept[key]?.keep(known)
            batch.keepEvent(key, known)
            return
        }
        guard let plan = rules.snapshot?.trials[trial], plan.journeys.readsKeptEvents else { return }
        let own = TravelerKey(personKey: key, trial: trial).text
        travelers[own, default: Traveler(person: event.person)].keepOwn(
            known(at: clock(of: plan)?.now ?? time))
    }

    /// Fires every timer that is due by then; one on the same millisecond as a stimulus goes first.
    mutating func fireTimers(upTo time: Int64) {
        while !isFull, let timer = timers.next(upTo: time) {
            fired += 1
            guard let place = InstancePlace(member: timer.member), let person = Person(key: place.key.personKey),
                place.key.trial.map({ rules.snapshot?.trials[$0] != nil }) ?? true
            else {
                // A test that was stopped fires nothing any more.
                batch.clearTimer(timer.member)
                continue
            }
            handle(
                .timer(instance: place.instance, due: timer.due), of: person, at: timer.due, trial: place.key.trial)
        }
    }

    /// Ends one instance.
    mutating func end(_ place: InstancePlace, cause: String, at time: Int64) {
        guard let person = Person(key: place.personKey) else { return }
        handle(.end(instance: place.instance, cause: cause), of: person, at: time)
    }

    /// Leads one instance out of a stopped version. Who cannot be led out, as nobody can read the instance, is no
    /// longer listed as inside: the walk would never come past it.
    mutating func end(_ place: InstancePlace, outOf walk: StopWalk, cause: String, at time: Int64) {
        end(place, cause: cause, at: time)
        let member = InstancePlace.member(personKey: place.personKey, instance: place.instance)
        batch.leave(journey: walk.journey, version: walk.version, member: member)
    }

    /// Lets the engine say of a stimulus that ended the process each time that it did: the instance that it was for
    /// ends; an event leaves all as they are.
    mutating func trap(_ stimulus: Stimulus) {
        let trial = stimulus.run?.id
        switch stimulus.body {
        case .event(let event): handle(.trappedEvent(event), of: event.person, at: stimulus.at, trial: trial)
        case .outcome(let outcome):
            handle(
                .trapped(instance: outcome.instance, cause: outcome.id), of: outcome.person, at: stimulus.at,
                trial: trial)
        case .command(.endInstance(let person, let instance)):
            handle(.trapped(instance: instance, cause: stimulus.id), of: person, at: stimulus.at)
        case .audience(let move):
            handle(.trapped(instance: "", cause: move.id), of: move.person, at: stimulus.at, trial: trial)
        case .reaction(let reaction):
            handle(
                .trapped(instance: reaction.instance, cause: reaction.id), of: reaction.person, at: stimulus.at,
                trial: trial)
        case .command, .configuration, .business, .repeated: break
        }
    }

    /// The same of an instance whose timer, or whose leading out, ended the process.
    mutating func trap(_ place: InstancePlace, cause: String, at time: Int64) {
        guard let person = Person(key: place.key.personKey) else { return }
        handle(.trapped(instance: place.instance, cause: cause), of: person, at: time, trial: place.key.trial)
    }

    /// Lets a timer come again later, without the engine.
    mutating func putOff(_ timer: DueTimer, until due: Int64) {
        timers.set(timer.member, due: due)
        batch.setTimer(timer.member, due: due)
    }

    /// Takes a timer away without the engine.
    mutating func drop(_ timer: DueTimer) {
        timers.clear(timer.member)
        batch.clearTimer(timer.member)
    }

    /// Takes somebody out of a walk without the engine.
    mutating func drop(_ member: String, outOf walk: StopWalk) {
        batch.leave(journey: walk.journey, version: walk.version, member: member)
    }

    mutating func park(_ element: [UInt8], reason: String) { batch.park(element, reason: reason) }

    mutating func finish(_ walk: StopWalk) {
        walks.remove(walk)
        batch.clearState(walk.field)
        if let trial = walk.trial { forget(trial) }
    }

    /// The earliest timer that is not taken yet, of those read and those set here.
    var earliestTimer: Int64? { timers.earliest }

    /// Writes what is suspected of the next commit; nil: nothing.
    mutating func noteSuspect(_ text: String?) {
        if let text { batch.setState("suspect", text) } else { batch.clearState("suspect") }
    }

    mutating func handle(
        _ stimulus: EngineStimulus, of person: Person, at time: Int64, trial: String? = nil
    ) {
        if let trial {
            // What comes for a test that was stopped concerns nobody.
            guard let plan = rules.snapshot?.trials[trial], let snapshot = rules.snapshot else { return }
            handle(stimulus, of: person, at: time, in: plan, snapshot)
            return
        }
        let key = person.key
        var traveler = travelers.removeValue(forKey: key) ?? Traveler(person: person)
        touched.insert(key)
        output.removeAll()
        var profile = profiles[key]
        engine.handle(
            stimulus, at: time, now: max(now, time), traveler: &traveler, profile: &profile, kept: kept[key] ?? .none,
            into: &output)
        if output.effects.contains(where: \.updatesProfile) { profiles.keep(profile, of: key) }
        travelers[key] = traveler
        beginRecords()
        for effect in output.effects { apply(effect, personKey: key) }
        if !output.tallies.isEmpty { refusals.add(output.tallies, at: time, run: nil) }
        counts.add(output.counts)
    }

    mutating func apply(_ effect: Effect, personKey: String, trial: String? = nil) {
        // Who is inside a test is listed apart from who is inside the journey.
        func listed(_ journey: String) -> String { TravelerKey(personKey: journey, trial: trial).text }
        switch effect {
        case .fetch(let request): batch.push(.fetches, request.element)
        case .dispatch(let request): batch.push(.actions, request.element)
        case .send(let request): batch.push(.actions, request.element)
        case .cancel(let request): batch.cancel(Self.kind(ofRequest: request), id: request)
        case .setTimer(let instance, let due):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            if let trial, clocks[trial] != nil { return setTimer(member, due: due, ofClock: trial) }
            timers.set(member, due: due)
            batch.setTimer(member, due: due)
        case .clearTimer(let instance):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            if let trial, clocks[trial] != nil { return clearTimer(member, ofClock: trial) }
            timers.clear(member)
            batch.clearTimer(member)
        case .entered(let journey, let version, let instance, let at):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            batch.enter(journey: listed(journey), version: version, member: member, at: at)
        case .left(let journey, let version, let instance, _):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            batch.leave(journey: listed(journey), version: version, member: member)
        case .record(let record): self.record(record)
        case .seen(let seen, let stimulus, let at): tell(seen, of: stimulus, at: at, personKey: personKey)
        // The list is of what is real; a run's own log says it too.
        case .refusal(let refusal): if trial == nil { batch.refuse(refusal.element) }
        // It changed the profile that the engine was given.
        case .updateProfile: profiles.noteUpdate(of: personKey, changes: output.changes)
        case .unread(let journey): batch.forgetRead(journey: journey, personKey: personKey)
        case .held(let journey, let version, let instance, let at):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            batch.hold(journey: journey, version: version, member: member, at: at)
        case .released(let journey, let version, let instance):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            batch.release(journey: journey, version: version, member: member)
        case .moved(let journey, let from, let to, let instance, let entered, let isHeld):
            let member = InstancePlace.member(personKey: personKey, instance: instance)
            batch.leave(journey: journey, version: from, member: member)
            batch.enter(journey: journey, version: to, member: member, at: entered)
            guard isHeld else { break }
            batch.release(journey: journey, version: from, member: member)
            batch.hold(journey: journey, version: to, member: member, at: now)
        }
    }

    /// What is recorded from here on is of another stimulus, or of another run.
    mutating func beginRecords() { firstRecord = records.count }

    mutating func record(_ record: StepRecord) {
        stepCount += Int64(record.events.count)
        records.append(record)
    }

    /// What an event met stands with the first step events that it caused; alone, where it caused none.
    private mutating func tell(_ seen: SeenEvent, of stimulus: String, at time: Int64, personKey: String) {
        if let place = records[firstRecord...].firstIndex(where: { $0.stimulus == stimulus && $0.seen == nil }) {
            records[place].seen = seen
            return
        }
        let key = TravelerKey(personKey)
        guard let person = Person(key: key.personKey) else { return }
        let mark = key.trial.flatMap { rules.snapshot?.trials[$0]?.trial.mark }
        record(StepRecord(seen: seen, person: person, stimulus: stimulus, at: time, run: mark))
    }

    /// The id of a fetch names the round as a fourth part: `<instance>:<node>:<visit>:<round>`; names have no colon.
    private static func kind(ofRequest id: String) -> RequestKind {
        id.utf8.count { $0 == UInt8(ascii: ":") } == 3 ? .fetches : .actions
    }

    /// Writes travelers, profiles and step events into the commit; call it once, last.
    mutating func seal() {
        profiles.write(to: &batch, by: audiences, now: now)
        sealClocks()
        for key in touched.sorted() {
            guard let changes = travelers[key]?.takeChanges() else { continue }
            let place = TravelerKey(key)
            if let trial = place.trial { batch.keepPerson(place.personKey, inRun: trial, !changes.isEmpty) }
            if changes.isEmpty {
                batch.deleteTraveler(key)
            } else {
                batch.setTraveler(key, fields: changes.set.map { ($0.field, $0.value) }, removing: changes.removed)
                // What a virtual clock says is nothing to Redis.
                if place.trial.map({ clocks[$0] != nil }) ?? false { continue }
                if changes.expiresAt != nil || changes.mayHaveExpiry {
                    batch.expireTraveler(key, at: changes.expiresAt.map { $0 + Self.expiryGraceMilliseconds })
                }
            }
        }
        guard !records.isEmpty || !refusals.isEmpty else { return }
        let counted = refusals.counts(telling: partition.toldGroups)
        toldGroups = counted.groups.map(\.id)
        let steps = StepBatch(
            fence: partition.fence, commit: partition.commit + 1, firstNumber: partition.lastStep + 1,
            records: records, refusals: counted)
        batch.pushSteps(steps.element)
        batch.lastStep = partition.lastStep + stepCount
    }
}
