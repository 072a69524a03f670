import Definitions
import Logging
import ServiceLifecycle

/// Sees, now and then, whether a closed version has emptied (it is finished then) and whether a stop was interrupted.
struct Housekeeping: Service {
    let book: JourneyBook
    let every: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: every)
                if !Task.isCancelled { await tidy() }
            }
        }
    }

    private func tidy() async {
        do {
            for stored in try await book.store.all(.journeys) { try await tidy(JourneyRecord(stored.document)) }
        } catch {
            logger.warning("journeys could not be looked after", metadata: ["error": "\(error)"])
        }
    }

    private func tidy(_ record: JourneyRecord) async throws {
        let ending = record.versions.filter { $0.state == .closed || $0.state == .stopped }
        if ending.isEmpty { return }
        let counts = try await book.inside.counts(ending.map { (record.name, $0.number) })
        var finished: [Int64] = []
        for (version, count) in zip(ending, counts) {
            // A partition may not have read of the change yet; a version that just closed is left alone for a while.
            let isSettled = book.clock() - (version.endedAt ?? 0) > 60_000
            if version.state == .closed, count == 0, isSettled { finished.append(version.number) }
            if version.state == .stopped, count > 0, isSettled {
                try await book.leadOut(record.name, version: version.number)
            }
        }
        if finished.isEmpty { return }
        _ = try await book.store.update(.journeys, record.name, by: Author(name: "journey-execution")) { stored in
            var current = JourneyRecord(stored.document)
            for number in finished { current.finish(number, at: book.clock()) }
            return current.document
        }
    }
}
