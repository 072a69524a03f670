import GRDB
import Models

/// The step store in one SQLite file.
///
/// A row is a record: what one stimulus did to one person in one version, with its step events as JSON. That is a
/// third of the rows and indexes that a row an event would take; queries unfold them. Counts by node and path are
/// kept beside, in the same transaction.
final class SQLiteStepStore: StepStore {
    private let pool: DatabasePool

    /// Opens or makes the file.
    ///
    /// - Parameter deployment: whose step events come. In another one fences and commits are counted from the
    ///   beginning, so what is known of the one before must not make them look like repeats.
    init(path: String, deployment: String) throws(StepStoreError) {
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
            try Self.migrator.migrate(pool)
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

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("records") { db in
            try db.execute(
                sql: """
                    CREATE TABLE record (
                        id INTEGER PRIMARY KEY, partition INTEGER NOT NULL, number INTEGER NOT NULL,
                        at INTEGER NOT NULL, namespace TEXT NOT NULL, person TEXT NOT NULL, journey TEXT NOT NULL,
                        version INTEGER NOT NULL, instance TEXT, stimulus TEXT NOT NULL, events TEXT NOT NULL);
                    CREATE INDEX recordOfPerson ON record (person, namespace);
                    CREATE INDEX recordOfInstance ON record (instance) WHERE instance IS NOT NULL;
                    CREATE INDEX recordOfStimulus ON record (stimulus);
                    CREATE INDEX recordOfTime ON record (at);
                    CREATE TABLE progress (
                        partition INTEGER PRIMARY KEY, fence INTEGER NOT NULL, commitNumber INTEGER NOT NULL);
                    CREATE TABLE tally (
                        journey TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL, node TEXT NOT NULL,
                        status TEXT NOT NULL, path TEXT NOT NULL, hour INTEGER NOT NULL, number INTEGER NOT NULL,
                        PRIMARY KEY (journey, version, hour, kind, node, status, path)) WITHOUT ROWID;
                    """)
        }
        migrator.registerMigration("deployment") { db in
            try db.execute(sql: "CREATE TABLE deployment (id TEXT NOT NULL)")
        }
        return migrator
    }

    func store(_ batches: [PartitionSteps]) async throws(StepStoreError) {
        do {
            try await pool.write { db in try Self.store(batches, in: db) }
        } catch {
            throw StepStoreError(message: "step events could not be stored", cause: error)
        }
    }

    private static func store(_ batches: [PartitionSteps], in db: Database) throws {
        let insert = try db.cachedStatement(
            sql:
                "INSERT INTO record (partition, number, at, namespace, person, journey, version, instance, stimulus,"
                + " events)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        var tally: [TallyKey: Int64] = [:]
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
                ])
                number += Int64(record.events.count)
                for event in record.events { tally[TallyKey(record, event), default: 0] += 1 }
            }
        }
        for (partition, last) in progress {
            try db.execute(
                sql: "INSERT OR REPLACE INTO progress (partition, fence, commitNumber) VALUES (?, ?, ?)",
                arguments: [partition, last.fence, last.commit])
        }
        try add(tally, in: db)
    }

    private static func progress(of partition: Int, in db: Database) throws -> (fence: Int64, commit: Int64) {
        let row = try Row.fetchOne(
            db, sql: "SELECT fence, commitNumber FROM progress WHERE partition = ?", arguments: [partition])
        return (row?["fence"] ?? -1, row?["commitNumber"] ?? -1)
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

    private struct TallyKey: Hashable {
        let journey: String
        let version: Int64
        let kind: StepEvent.Kind
        let node: String
        let status: String
        let path: String
        let hour: Int64

        init(_ record: StepRecord, _ event: StepEvent) {
            journey = record.journey
            version = record.version
            kind = event.kind
            node = event.node ?? ""
            // A refusal has no status; what counts there is its reason.
            status = event.status ?? event.code ?? ""
            path = event.path ?? ""
            hour = event.at / 3_600_000
        }
    }

    private static func add(_ tally: [TallyKey: Int64], in db: Database) throws {
        let statement = try db.cachedStatement(
            sql:
                "INSERT INTO tally (journey, version, kind, node, status, path, hour, number)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET number = number + excluded.number")
        for (key, number) in tally {
            try statement.execute(arguments: [
                key.journey, key.version, key.kind.rawValue, key.node, key.status, key.path, key.hour, number,
            ])
        }
    }

    func counts(journey: String?) async throws(StepStoreError) -> [StepCount] {
        do {
            return try await pool.read { db in
                let rows = try Row.fetchAll(
                    db,
                    sql: "SELECT journey, version, kind, node, status, path, SUM(number) AS number FROM tally"
                        + " WHERE ? IS NULL OR journey = ? GROUP BY journey, version, kind, node, status, path",
                    arguments: [journey, journey])
                return rows.map { row in
                    StepCount(
                        journey: row["journey"], version: row["version"], kind: row["kind"], node: row["node"],
                        status: row["status"], path: row["path"], count: row["number"])
                }
            }
        } catch {
            throw StepStoreError(message: "the counts could not be read", cause: error)
        }
    }

    func prune(before time: Int64, limit: Int) async throws(StepStoreError) -> Int {
        do {
            return try await pool.write { db in
                try db.execute(
                    sql: "DELETE FROM record WHERE id IN (SELECT id FROM record WHERE at < ? LIMIT ?)",
                    arguments: [time, limit])
                return db.changesCount
            }
        } catch {
            throw StepStoreError(message: "old step events could not be deleted", cause: error)
        }
    }

    func close() async { try? pool.close() }
}

extension SQLiteStepStore {
    /// Records looked at for one page at most, so that a filter that nothing meets ends; the cursor goes on.
    private static let recordsMax = 20_000

    func query(_ filter: StepFilter, after cursor: StepCursor?, limit: Int) async throws(StepStoreError) -> StepPage {
        do {
            return try await pool.read { db in try Self.query(filter, after: cursor, limit: limit, in: db) }
        } catch {
            throw StepStoreError(message: "step events could not be read", cause: error)
        }
    }

    private static func query(
        _ filter: StepFilter, after cursor: StepCursor?, limit: Int, in db: Database
    ) throws -> StepPage {
        var clauses = ["id >= ?"]
        var arguments: [(any DatabaseValueConvertible)?] = [cursor?.record ?? 0]
        func require(_ clause: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            clauses.append(clause)
            arguments.append(value)
        }
        require("person = ?", filter.profile)
        require("namespace = ?", filter.namespace)
        require("journey = ?", filter.journey)
        require("version = ?", filter.version)
        require("instance = ?", filter.instance)
        require("stimulus = ?", filter.stimulus)
        require("at >= ?", filter.from)
        require("at < ?", filter.to)
        arguments.append(recordsMax)
        let rows = try Row.fetchCursor(
            db, sql: "SELECT * FROM record WHERE \(clauses.joined(separator: " AND ")) ORDER BY id LIMIT ?",
            arguments: StatementArguments(arguments))
        var page = StepPage()
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            let id: Int64 = row["id"]
            let events = try Self.events(row)
            for (place, event) in events.enumerated() where Self.matches(event, filter) {
                if id == cursor?.record, place <= cursor?.place ?? -1 { continue }
                if page.items.count == limit { return page }
                page.items.append(step(row, place, event))
                page.cursor = StepCursor(record: id, place: place)
            }
            if seen == recordsMax {
                page.cursor = StepCursor(record: id, place: events.count)
                return page
            }
        }
        page.cursor = nil
        return page
    }

    private static func events(_ row: Row) throws -> [StepEvent] {
        let text: String = row["events"]
        return try (try JSONValue.parse(text).arrayValue ?? []).map { try StepEvent($0) }
    }

    private static func matches(_ event: StepEvent, _ filter: StepFilter) -> Bool {
        (filter.node == nil || filter.node == event.node) && (filter.kind == nil || filter.kind == event.kind.rawValue)
            && (filter.status == nil || filter.status == event.status)
            && (filter.code == nil || filter.code == event.code)
    }

    private static func step(_ row: Row, _ place: Int, _ event: StepEvent) -> StoredStep {
        let number: Int64 = row["number"]
        return StoredStep(
            person: Person(namespace: row["namespace"], id: row["person"]), journey: row["journey"],
            version: row["version"], instance: row["instance"], stimulus: row["stimulus"],
            partition: row["partition"], number: number + Int64(place), event: event)
    }
}
