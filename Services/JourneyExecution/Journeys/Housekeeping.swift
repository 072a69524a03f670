import Definitions
import Logging
import Models
import Queues
import ServiceLifecycle
import Synchronization

/// Sees, now and then, whether a closed version has emptied (it is finished then) and whether a stop was interrupted,
/// and forgets what nobody needs after a version, a test or a dry run.
///
/// A closed version is finished when nobody is inside and nobody can enter any more: each partition's engine has
/// handled an announcement that was made after the version was seen closed. Where a partition lags, the version waits
/// for it.
final class Housekeeping: Service {
    private struct Closed: Hashable {
        let journey: String
        let version: Int64
        /// A journey whose name was deleted long ago may count its versions from 1 again.
        let publishedAt: Int64
    }

    /// How long a stop has before those still inside are led out again.
    private static let stopMilliseconds: Int64 = 60_000

    private let book: JourneyBook
    private let every: Duration
    private let logger: Logger
    /// The announcement that each partition must have handled before an emptied version is finished.
    private let announced = Mutex<[Closed: Int64]>([:])

    init(book: JourneyBook, every: Duration, logger: Logger) {
        self.book = book
        self.every = every
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: self.every)
                if !Task.isCancelled { await self.tidy() }
            }
        }
    }

    /// One look at all journeys.
    func tidy() async {
        do {
            // Read before the journeys: a version that is published meanwhile is not taken for one that is over.
            let taken = try await book.places.names()
            let records = try await book.store.all(.journeys).map { JourneyRecord($0.document) }
            for record in records { try await tidy(record) }
            let known = Set(records.flatMap { record in record.versions.map { Self.closed(record, $0) } })
            announced.withLock { announced in announced = announced.filter { known.contains($0.key) } }
            try await tidyTrials(records, taken)
        } catch {
            logger.warning("journeys could not be looked after", metadata: ["error": "\(error)"])
        }
    }

    private func tidy(_ record: JourneyRecord) async throws {
        if record.resume != nil { try await tidyResume(record) }
        let ending = record.versions.filter { $0.state == .closed || $0.state == .stopped }
        if ending.isEmpty { return }
        let counts = try await book.inside.counts(ending.map { (record.name, $0.number) })
        var finished: [Int64] = []
        for (version, count) in zip(ending, counts) {
            switch version.state {
            case .closed where count == 0:
                if try await isEmpty(version, of: record) { finished.append(version.number) }
            case .stopped where count > 0 && book.clock() - (version.endedAt ?? 0) > Self.stopMilliseconds:
                try await book.leadOut(record.name, version: version.number)
            default: break
            }
        }
        if finished.isEmpty { return }
        _ = try await book.store.update(.journeys, record.name, by: Author(name: "journey-execution")) { stored in
            var current = JourneyRecord(stored.document)
            for number in finished { current.finish(number, at: book.clock()) }
            return current.document
        }
        let others = record.versions.filter { !finished.contains($0.number) }
        if !others.contains(where: { $0.state == .live || $0.state == .closed }) { try await book.forget(record.name) }
    }

    /// Forgets a resume when nobody is held any more; tells it again where a crash may have left a partition out.
    private func tidyResume(_ record: JourneyRecord) async throws {
        guard let resume = record.resume, book.clock() - resume.at > 60_000 else { return }
        let versions = record.versions.filter { $0.state == .live || $0.state == .closed }
        let held = try await book.inside.heldCounts(versions.map { (record.name, $0.number) })
        if held.reduce(0, +) > 0 { return try await book.release(record) }
        _ = try await book.store.update(.journeys, record.name, by: Author(name: "journey-execution")) { stored in
            var current = JourneyRecord(stored.document)
            if current.resume?.at == resume.at { current.resume = nil }
            return current.document
        }
    }

    /// Ends again what a crash left ending, and forgets the places under caps of what is over.
    private func tidyTrials(_ records: [JourneyRecord], _ names: [CapPlaces.Name]) async throws {
        let trials = TrialBook(book: book)
        try await trials.tidy()
        if names.isEmpty { return }
        let runs = Set(try await trials.all().map(\.mark.id))
        let versions = Set(
            records.flatMap { record in
                record.versions.filter { $0.state == .live || $0.state == .closed }.map {
                    "\(record.name):\($0.number)"
                }
            })
        try await book.places.forget(
            names.filter { name in
                name.run.map { !runs.contains($0) } ?? !versions.contains("\(name.journey):\(name.version)")
            })
    }

    /// Whether nobody is inside, now and for ever. The first look at a version only makes an announcement: the version
    /// is closed in whatever is loaded for it, so that nobody enters in a partition that has handled it. Those who
    /// entered before were committed no later, so they are counted after it.
    private func isEmpty(_ version: JourneyRecord.Version, of record: JourneyRecord) async throws -> Bool {
        let closed = Self.closed(record, version)
        guard let number = announced.withLock({ $0[closed] }) else {
            let number = try await book.announcer.announce()
            announced.withLock { $0[closed] = number }
            return false
        }
        for revision in try await book.inside.revisions() where revision < number { return false }
        return try await book.inside.counts([(record.name, version.number)])[0] == 0
    }

    private static func closed(_ record: JourneyRecord, _ version: JourneyRecord.Version) -> Closed {
        Closed(journey: record.name, version: version.number, publishedAt: version.publishedAt)
    }
}
