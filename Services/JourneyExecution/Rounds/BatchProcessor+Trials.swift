import Audiences
import Engine
import Models
import Queues

/// Tests and dry runs, as parts of a batch: each has its own engine, and its own state of a person.
extension BatchProcessor {
    /// Offers what a real person did to each dry run that listens to it, after the person's own journeys.
    mutating func offer(_ event: PersonEvent, at time: Int64) {
        for plan in dryRuns where plan.listens(to: event) {
            handle(.event(event), of: event.person, at: time, trial: plan.trial.mark.id)
        }
    }

    /// The same of an audience that the person entered or exited.
    mutating func offer(_ move: AudienceMove, at time: Int64) {
        for plan in dryRuns where plan.journeys.listens(to: move) {
            handle(.audience(move), of: move.person, at: time, trial: plan.trial.mark.id)
        }
    }

    /// In a run: nothing else of the person is touched.
    mutating func handle(
        _ stimulus: EngineStimulus, of person: Person, at time: Int64, in plan: PlanSnapshot.TrialPlan,
        _ snapshot: PlanSnapshot
    ) {
        let id = plan.trial.mark.id
        let key = TravelerKey(personKey: person.key, trial: id).text
        var traveler = travelers.removeValue(forKey: key) ?? Traveler(person: person)
        touched.insert(key)
        output.removeAll()
        var profile = profiles[person.key]
        let clock = clock(of: plan)
        let openBefore = clock == nil ? 0 : traveler.openRequests
        let seenBefore = traveler.seen(profile)
        let time = clock?.now ?? time
        snapshot.engine(partition: partition.number, trial: plan).handle(
            stimulus, at: time, now: clock?.now ?? max(now, time), traveler: &traveler, profile: &profile,
            kept: kept[person.key] ?? .none, into: &output)
        if var clock {
            clock.open += traveler.openRequests - openBefore
            clocks[id] = clock
        }
        travelers[key] = traveler
        if !output.tallies.isEmpty { refusals.add(output.tallies, at: time, run: id) }
        beginRecords()
        for effect in output.effects {
            switch effect {
            // The engine keeps it in the run; no run over an audience comes to a test or dry run.
            case .updateProfile, .unread: break
            default: apply(effect, personKey: key, trial: id)
            }
        }
        guard let seen = travelers[key]?.seen(profile), seen != seenBefore else { return }
        // The engine refuses a chain of them that is too long.
        for move in moves(of: person, from: seenBefore, to: seen, at: time, chain: output.changes + 1, in: plan) {
            handle(.audience(move), of: person, at: time, in: plan, snapshot)
        }
    }

    /// The audiences that a person entered or exited in a run, as the run changed the profile for itself. Nobody else
    /// is told, and no set of members changes.
    private mutating func moves(
        of person: Person, from old: JSONObject, to new: JSONObject, at time: Int64, chain: Int64,
        in plan: PlanSnapshot.TrialPlan
    ) -> [AudienceMove] {
        audiences.changes(from: old, to: new, now: time).compactMap { change in
            guard audiences.isMember(change.audience, old, now: time) != change.isMember else { return nil }
            runMoves += 1
            return AudienceMove(
                id: "audience-\(change.audience)-\(change.ruleRevision)-c\(partition.commit + 1).\(runMoves)",
                person: person, audience: change.audience, change: change.isMember ? .entered : .exited,
                chain: chain, run: plan.trial.mark)
        }.filter { plan.journeys.listens(to: $0) }
    }

    // MARK: Virtual clocks

    /// Where this partition is with the test's clock; nil where the test goes by everybody's.
    mutating func clock(of plan: PlanSnapshot.TrialPlan) -> TrialClock? {
        guard let start = plan.trial.clock?.start else { return nil }
        if let clock = clocks[plan.trial.mark.id] { return clock }
        let clock = TrialClock(start: start)
        clocks[plan.trial.mark.id] = clock
        return clock
    }

    /// Writes what became of the clocks into the commit.
    mutating func sealClocks() {
        for (trial, clock) in clocks.sorted(by: { $0.key < $1.key }) where partition.clocks[trial] != clock {
            batch.setState(TrialClock.field(trial), clock.text)
        }
    }

    /// The clock shall go on; a command that comes twice, or late, changes nothing.
    mutating func advance(_ trial: String, to time: Int64) {
        guard let plan = rules.snapshot?.trials[trial], var clock = clock(of: plan) else { return }
        clock.to = max(clock.to, time)
        clocks[trial] = clock
    }

    mutating func setTimer(_ member: String, due: Int64, ofClock trial: String) {
        if clockTimers?.trial == trial { clockTimers?.queue.set(member, due: due) }
        batch.setTimer(member, due: due, ofRun: trial)
    }

    mutating func clearTimer(_ member: String, ofClock trial: String) {
        if clockTimers?.trial == trial { clockTimers?.queue.clear(member) }
        batch.clearTimer(member, ofRun: trial)
    }

    /// Lets the clock go on from timer to timer, each at its own time, those among them that are set on the way. It
    /// stands as soon as somebody asks for something; whoever is due at that moment comes all the same.
    mutating func take(_ piece: ClockPiece) {
        guard rules.snapshot?.trials[piece.trial] != nil else { return }
        while !isFull, var clock = clocks[piece.trial] {
            let until = clock.open > 0 ? clock.now : piece.horizon
            guard let timer = clockTimers?.queue.next(upTo: until) else { break }
            fired += 1
            clock.now = max(clock.now, timer.due)
            clocks[piece.trial] = clock
            guard let place = InstancePlace(member: timer.member), let person = Person(key: place.key.personKey) else {
                batch.clearTimer(timer.member, ofRun: piece.trial)
                continue
            }
            handle(
                .timer(instance: place.instance, due: timer.due), of: person, at: timer.due, trial: piece.trial)
        }
        guard !isFull, piece.isWhole, var clock = clocks[piece.trial], clock.open == 0 else { return }
        clock.now = max(clock.now, piece.to)
        clocks[piece.trial] = clock
    }

    /// Passes over timers that ended the process, and says so where that can be borne.
    mutating func passOver(_ piece: ClockPiece, isSaid: Bool) {
        for timer in piece.timers {
            clearTimer(timer.member, ofClock: piece.trial)
            guard isSaid, let place = InstancePlace(member: timer.member) else { continue }
            trap(place, cause: "timer", at: timer.due)
        }
    }

    // MARK: The end of a run

    /// Takes away all that a run keeps of somebody. It needs no engine for that.
    mutating func forget(_ personKey: String, of trial: String) {
        let key = TravelerKey(personKey: personKey, trial: trial).text
        for (instance, journey, version) in travelers.removeValue(forKey: key)?.instances ?? [] {
            let member = InstancePlace.member(personKey: key, instance: instance)
            timers.clear(member)
            batch.clearTimer(member)
            clearTimer(member, ofClock: trial)
            batch.leave(
                journey: TravelerKey(personKey: journey, trial: trial).text, version: version, member: member)
        }
        touched.remove(key)
        batch.deleteTraveler(key)
        batch.keepPerson(personKey, inRun: trial, false)
    }

    /// Takes away what is left of a run when none of its people is.
    mutating func forget(_ trial: String) {
        clocks[trial] = nil
        batch.clearState(TrialClock.field(trial))
        batch.forgetRun(trial)
    }
}
