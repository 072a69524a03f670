import Engine
import Models
import Queues

/// Tours over many people, as parts of a batch.
extension BatchProcessor {
    /// Notes the runs that a business event starts; they go to every inbox after the commit.
    mutating func start(by event: BusinessEvent) {
        for run in rules.runs(startedBy: event) where starts[run.id] == nil {
            starts[run.id] = run
            batch.setState(RunStart.field(run.id), RunStart(run).text)
        }
    }

    /// Begins a tour, unless the command came before: one that is under way goes on, one that is over is known.
    mutating func begin(_ errand: Tour.Errand, of stimulus: Stimulus, ratePerSecond: Double?) {
        let tour = Tour(errand, cause: stimulus.id, ratePerSecond: ratePerSecond, since: stimulus.at)
        if tours[tour.field]?.cause == tour.cause || tourLog.contains(tour.field) { return }
        // A new resume counts its rate anew; what is held is the same.
        if case .resume = errand {} else if tours[tour.field] != nil { return }
        tours[tour.field] = tour
        batch.setState(tour.field, tour.text)
    }

    /// Comes to the people of a piece, and notes how far the tour is. A command of the same batch may have begun the
    /// tour anew: then the piece counts for that one.
    ///
    /// - Parameter broken: people whose keys are of the wrong type: they are passed over, and parked.
    mutating func take(_ piece: TourPiece, broken: Set<String> = [], at time: Int64) {
        guard var tour = tours[piece.tour.field] else { return }
        if !piece.stops.isEmpty { tour.forgiveArrears(at: time, phase: phase) }
        for stop in piece.stops {
            guard let person = stop.person(of: tour), !broken.contains(stop.personKey) else {
                passOver(
                    stop, of: &tour, reason: broken.contains(stop.personKey) ? "brokenKey" : "unreadable", at: time)
                continue
            }
            release(stop, of: tour)
            var isMeant = false
            if let stimulus = stop.stimulus, !isLeftOut(stop, of: tour) {
                isMeant = true
                handle(stimulus, of: person, at: time)
            }
            tour.note(stop, output: isMeant ? output : nil)
            if case .admit(let run, _) = tour.errand, let number = piece.runNumber {
                batch.noteRead(journey: run.journey, personKey: stop.member, run: number)
            }
        }
        if piece.isEnd, case .admit(let run, _) = tour.errand, let number = piece.runNumber {
            batch.setState(Tour.readField(run.journey), "\(number)")
        }
        settle(tour, isEnd: piece.isEnd)
    }

    /// Passes over people whom a tour cannot come to, as that ended the process.
    mutating func passOver(_ piece: TourPiece, isSaid: Bool, at time: Int64) {
        guard var tour = tours[piece.tour.field] else { return }
        for stop in piece.stops {
            passOver(stop, of: &tour, reason: "trapped", at: time)
            if isSaid, let place = InstancePlace(member: stop.member) { trap(place, cause: tour.cause, at: time) }
        }
        settle(tour, isEnd: piece.isEnd)
    }

    /// Parks what the tour has for somebody to whom it cannot come, and says so: it counts as failed or refused.
    private mutating func passOver(_ stop: TourPiece.Stop, of tour: inout Tour, reason: String, at time: Int64) {
        release(stop, of: tour)
        batch.park(stop.element(of: tour), reason: reason)
        if case .admit(let run, _) = tour.errand, let person = stop.person(of: tour) {
            let refused = Refusal.Reason(journey: run.journey, version: run.version, reason: reason)
            batch.refuse(
                Refusal(
                    at: time, person: person, event: run.id, events: run.eventName.map { [$0] } ?? [],
                    reasons: [refused]
                ).element)
        }
        tour.note(stop, output: EngineOutput())
    }

    /// Where an instance cannot be released it is no longer held either: the tour would never come past.
    private mutating func release(_ stop: TourPiece.Stop, of tour: Tour) {
        guard case .resume(let journey) = tour.errand else { return }
        batch.release(journey: journey, version: stop.version, member: stop.member)
    }

    /// Whether a move asks for other nodes than the one where the instance is.
    private func isLeftOut(_ stop: TourPiece.Stop, of tour: Tour) -> Bool {
        guard case .move(let move, _) = tour.errand, let nodes = move.nodes,
            let instance = InstancePlace(member: stop.member)?.instance
        else { return false }
        guard let summary = travelers[stop.personKey]?.summary(of: instance) else { return true }
        return !nodes.contains(summary.node)
    }

    private mutating func settle(_ tour: Tour, isEnd: Bool) {
        if isEnd {
            tours[tour.field] = nil
            batch.clearState(tour.field)
            tourLog.add(tour)
            if case .resume = tour.errand { return }
            batch.setState(TourLog.field, tourLog.text)
        } else {
            if tours[tour.field] == tour { return }
            tours[tour.field] = tour
            batch.setState(tour.field, tour.text)
        }
    }
}
