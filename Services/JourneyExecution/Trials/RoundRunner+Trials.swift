import Logging
import Queues

/// Reads whom the tests and dry runs of a round concern.
extension RoundRunner {
    /// Who is led out next, as the walked set has it: instances, or of a run that ends the people.
    func members(
        of walk: StopWalk, in partition: OwnedPartition, limit: Int
    ) async throws(QueueError) -> [String] {
        if let trial = walk.trial {
            return try await reader.members(
                of: partition.keys.runPeople(trial), in: partition.number, after: nil, limit: limit)
        }
        return try await reader.inside(
            partition.number, journey: walk.journey, version: walk.version, limit: limit
        ).map(\.member)
    }

    /// The next timers of a virtual clock that is on its way.
    func planClock(
        _ work: inout Work, _ snapshot: PlanSnapshot, limit: Int, _ outcome: inout Outcome
    ) async {
        guard let (trial, clock) = work.partition.clockOnItsWay(snapshot) else { return }
        do throws(QueueError) {
            let timers = try await reader.timers(ofRun: trial, in: work.partition.number, limit: limit)
            work.clock = ClockPiece(trial: trial, timers: timers, limit: limit, to: clock.to)
        } catch {
            logger.warning("timers of a test could not be read", metadata: ["error": "\(error)"])
            outcome.isInterrupted = true
        }
    }
}
