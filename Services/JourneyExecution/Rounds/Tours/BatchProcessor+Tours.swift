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
    mutating func take(_ piece: TourPiece, at time: Int64) {
        guard var tour = tours[piece.tour.field] else { return }
        for stop in piece.stops {
            guard let person = Person(key: stop.personKey) else { continue }
            if case .resume(let journey) = tour.errand {
                // Where the instance cannot be released it is no longer held either: the tour would never come past.
                batch.release(journey: journey, version: stop.version, member: stop.member)
            }
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
            if case .resume(let journey) = tour.errand {
                batch.release(journey: journey, version: stop.version, member: stop.member)
            }
            if isSaid, let place = InstancePlace(member: stop.member) { trap(place, cause: tour.cause, at: time) }
            tour.note(stop, output: nil)
        }
        settle(tour, isEnd: piece.isEnd)
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
