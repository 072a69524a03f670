import Audiences
import Engine
import Logging
import Models
import Queues

/// Reads whom the tours of a round come to.
extension RoundRunner {
    /// How long a tour that cannot go on waits before it looks again.
    private static let pauseMilliseconds: Int64 = 1_000

    /// The next piece of the tour whose turn it is.
    func planTour(
        _ work: inout Work, _ snapshot: PlanSnapshot, limit: Int, _ outcome: inout Outcome
    ) async {
        let now = work.read.now
        guard let tour = work.partition.tourDue(at: now) else { return }
        let allowed = tour.allowance(at: now, phase: work.partition.phase, most: limit)
        if allowed == 0 { return }
        do throws(QueueError) {
            switch try await piece(of: tour, in: work.partition, snapshot, limit: allowed) {
            case .piece(let piece): work.tour = piece
            case .later: work.partition.tours[tour.field]?.notBefore = now + Self.pauseMilliseconds
            }
        } catch {
            logger.warning("people on a tour could not be read", metadata: ["error": "\(error)"])
            outcome.isInterrupted = true
        }
    }

    private enum Next {
        case piece(TourPiece)
        case later
    }

    private func piece(
        of tour: Tour, in partition: OwnedPartition, _ snapshot: PlanSnapshot, limit: Int
    ) async throws(QueueError) -> Next {
        switch tour.errand {
        case .resume(let journey):
            if snapshot.isPaused(journey) { return .later }
            return try await held(tour, journey, in: partition, snapshot, limit: limit)
        case .move(let move, let place):
            let after = DueTimer(member: place.member, due: place.entered)
            let found = try await reader.inside(
                partition.number, journey: move.journey, version: move.from, after: after, limit: limit)
            let stops = found.map { found in
                let instance = InstancePlace(member: found.member)?.instance
                return TourPiece.Stop(
                    member: found.member, score: found.due, version: move.from,
                    stimulus: instance.map { .move(instance: $0, to: move.to, cause: tour.cause) })
            }
            return .piece(TourPiece(tour: tour, stops: stops, isEnd: found.count < limit))
        case .admit(let run, let place):
            return try await members(tour, run, place, in: partition, snapshot, limit: limit)
        }
    }

    private func held(
        _ tour: Tour, _ journey: String, in partition: OwnedPartition, _ snapshot: PlanSnapshot, limit: Int
    ) async throws(QueueError) -> Next {
        // At least one is asked for, so that a tour with nobody left is known to be over.
        let found = try await reader.held(
            partition.number, journey: journey, versions: snapshot.versions(of: journey), limit: max(1, limit))
        let stops = found.prefix(limit).map { version, timer in
            let instance = InstancePlace(member: timer.member)?.instance
            return TourPiece.Stop(
                member: timer.member, score: timer.due, version: version,
                stimulus: instance.map { .release(instance: $0, cause: tour.cause) })
        }
        return .piece(TourPiece(tour: tour, stops: stops, isEnd: found.isEmpty))
    }

    private func members(
        _ tour: Tour, _ run: AudienceRun, _ place: Tour.AdmissionPlace, in partition: OwnedPartition,
        _ snapshot: PlanSnapshot, limit: Int
    ) async throws(QueueError) -> Next {
        if snapshot.isPaused(run.journey) { return .later }
        guard let reading = snapshot.reader(run.journey, run.version), snapshot.isLive(run.journey, run.version),
            let rule = snapshot.audiences[reading.audience]
        else { return .piece(TourPiece(tour: tour, stops: [], isEnd: true)) }
        // While the rule is evaluated over everyone the set of its members is not whole.
        let progress = try await reader.state("walk:audience:\(reading.audience)", of: partition.number)
        let evaluated = progress.flatMap { try? JSONValue.parse($0) }
        guard evaluated?["rule"] == .integer(rule.revision), evaluated?["finished"] == true else { return .later }
        let set = partition.keys.audience(reading.audience, rule.revision)
        let found = try await reader.members(of: set, in: partition.number, after: place.member, limit: max(1, limit))
        let event = run.eventName.map { Admission.Event(name: $0, payload: .object(run.event ?? [:])) }
        let admission = Admission(
            run: run.id, journey: run.journey, version: run.version, event: event,
            forceReentrance: reading.forceReentrance)
        let members = Array(found.prefix(limit))
        guard reading.incremental else {
            let stops = members.map { member in
                TourPiece.Stop(member: member, score: 0, version: run.version, stimulus: .admit(admission))
            }
            return .piece(TourPiece(tour: tour, stops: stops, isEnd: found.isEmpty))
        }
        let last = try await reader.state(Tour.readField(run.journey), of: partition.number).flatMap { Int64($0) } ?? 0
        let numbers = try await reader.scores(
            of: members, in: partition.keys.read(run.journey), of: partition.number)
        let stops = zip(members, numbers).map { member, number in
            // One of this run's number was reached before the owner changed.
            let isNew = number == nil || number != last && number != last + 1
            return TourPiece.Stop(
                member: member, score: 0, version: run.version, stimulus: isNew ? .admit(admission) : nil)
        }
        return .piece(TourPiece(tour: tour, runNumber: last + 1, stops: stops, isEnd: found.isEmpty))
    }
}

extension OwnedPartition {
    /// Different in each partition, from 0 up to 1.
    var phase: Double {
        // Neighbouring numbers fall far apart.
        let spread = Double(number) * 0.618_033_988_749_895
        return spread - spread.rounded(.down)
    }

    /// The tour whose turn it is: one after the other of those that may come to somebody now.
    func tourDue(at now: Int64) -> Tour? {
        let due = tours.values.filter { $0.nextTurn(phase: phase) <= now }.sorted { $0.field < $1.field }
        return due.first { $0.field > lastTour } ?? due.first
    }

    /// When a tour may next come to somebody; nil without tours.
    var nextTour: Int64? { tours.values.map { $0.nextTurn(phase: phase) }.min() }
}
