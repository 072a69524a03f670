import GRDB
import Models
import Synchronization

/// The step store in one SQLite file.
///
/// A row is a record: what one stimulus did to one person in one version, with its step events as JSON. That is a
/// third of the rows and indexes that a row an event would take; queries unfold them. Counts by node and path are
/// kept beside, in the same transaction.
final class SQLiteStepStore: StepStore {
    let pool: DatabasePool
    private let book = Mutex(SeriesBook())
    private let clock: (@Sendable () -> Int64)?

    /// Opens or makes the file.
    ///
    /// - Parameters:
    ///   - deployment: whose step events come. In another one fences and commits are counted from the beginning, so
    ///     what is known of the one before must not make them look like repeats.
    ///   - clock: by which the step events of tests and dry runs are kept, whose own times may be any; nil: by those.
    init(
        path: String, deployment: String, clock: (@Sendable () -> Int64)? = nil
    ) throws(StepStoreError) {
        self.clock = clock
        do {
            var configuration = Configuration()
            configuration.prepareDatabase { db in
                // Redis forgets a step event once it is stored here, so a commit must be on disk.
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")
                // The indexes are written all over, so their upper pages stay in memory (32 MiB), and the log is
                // copied back in fewer, larger pieces (40 MiB).
                try db.execute(sql: "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 10000")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try Self.makeShrinkable(pool)
            try StepSchema.migrator.migrate(pool)
            try pool.write { db in
                let known = try String.fetchOne(db, sql: "SELECT id FROM deployment")
                if known == deployment { return }
                if known != nil { try db.execute(sql: "DELETE FROM progress") }
                try db.execute(sql: "DELETE FROM deployment")
                try db.execute(sql: "INSERT INTO deployment (id) VALUES (?)", arguments: [deployment])
            }
        } catch {
            throw StepStoreError(message: "the step store cannot be opened", cause: error)
        }
    }

    /// Pages of deleted records are given back to the system; a file of before is rewritten once.
    private static func makeShrinkable(_ pool: DatabasePool) throws {
        let incremental = 2
        guard try pool.read({ db in try Int.fetchOne(db, sql: "PRAGMA auto_vacuum") }) != incremental else { return }
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL; VACUUM") }
    }

    @discardableResult
    func store(_ batches: [PartitionSteps]) async throws(StepStoreError) -> [TallySeries: Int64] {
        do {
            let known = book.withLock { $0 }
            let now = clock?()
            let (sums, book) = try await pool.write { db in try Self.store(batches, in: db, known, now) }
            // Only now: numbers of series that a failed transaction made mean nothing.
            self.book.withLock { $0 = book }
            return sums
        } catch {
            throw StepStoreError(message: "step events could not be stored", cause: error)
        }
    }

    private static func store(
        _ batches: [PartitionSteps], in db: Database, _ known: SeriesBook, _ now: Int64?
    ) throws -> ([TallySeries: Int64], SeriesBook) {
        let insert = try db.cachedStatement(
            sql:
                "INSERT INTO record (partition, number, at, namespace, person, journey, version, instance, stimulus,"
                + " events, run, runKind, input, seen)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        var tally = TallyBatch()
        var spans = RecordSpans()
        var groups = EntryGroupBook()
        var progress: [Int: (fence: Int64, commit: Int64)] = [:]
        for item in batches {
            let last = try progress[item.partition] ?? Self.progress(of: item.partition, in: db)
            guard (item.batch.fence, item.batch.commit) > (last.fence, last.commit) else { continue }
            progress[item.partition] = (item.batch.fence, item.batch.commit)
            var number = item.batch.firstNumber
            for record in item.batch.records {
                try insert.execute(arguments: [
                    item.partition, number, record.events.first?.at ?? 0, record.person.namespace, record.person.id,
                    record.journey, record.version, record.instance, record.stimulus, Self.text(record.events),
                    record.run?.id, record.run?.kind.rawValue, record.input?.text,
                    record.seen.map(Self.text),
                ])
                number += Int64(record.events.count)
                spans.add(record: db.lastInsertedRowID, record.events, storedAt: record.run == nil ? nil : now)
                tally.add(record)
            }
            if !item.batch.refusals.isEmpty { try tally.add(item.batch.refusals, &groups, in: db) }
        }
        for (partition, last) in progress {
            try db.execute(
                sql: "INSERT OR REPLACE INTO progress (partition, fence, commitNumber) VALUES (?, ?, ?)",
                arguments: [partition, last.fence, last.commit])
        }
        try spans.write(to: db)
        var book = known
        try tally.write(to: db, &book)
        return (tally.sums, book)
    }

    private static func progress(of partition: Int, in db: Database) throws -> (fence: Int64, commit: Int64) {
        let row = try Row.fetchOne(
            db, sql: "SELECT fence, commitNumber FROM progress WHERE partition = ?", arguments: [partition])
        return (row?["fence"] ?? -1, row?["commitNumber"] ?? -1)
    }

    private static func text(_ seen: SeenEvent) -> String {
        var bytes: [UInt8] = []
        seen.write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func text(_ events: [StepEvent]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (place, event) in events.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            event.write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Forgets the numbers of series, some of which were deleted.
    func forgetSeries() { book.withLock { $0 = SeriesBook() } }

    func close() async { try? pool.close() }
}
