import GRDB

/// The tables of the step store, version by version. GRDB keeps which of them a file has.
enum StepSchema {
    /// Records share a row of `span` by this many: a range of time is found without an index of its own.
    static let spanBits: Int64 = 10

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("records") { db in try db.execute(sql: records) }
        migrator.registerMigration("deployment") { db in
            try db.execute(sql: "CREATE TABLE deployment (id TEXT NOT NULL)")
        }
        migrator.registerMigration("reports") { db in
            try db.execute(sql: reports)
            try db.execute(sql: recount)
        }
        migrator.registerMigration("entryGroups") { db in try db.execute(sql: entryGroups) }
        // `record.seen`: what an event met, as JSON, where the record is the first that it caused.
        migrator.registerMigration("seenEvents") { db in
            try db.execute(sql: "ALTER TABLE record ADD COLUMN seen TEXT")
        }
        return migrator
    }

    private static let records = """
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
        """

    /// - `record.run`: the test or dry run that the record belongs to; null on real ones.
    /// - `record.input`: what the engine saw, where the history is full: JSON.
    /// - `span`: earliest and latest time of the records whose id, shifted by ``spanBits``, is `block`.
    /// - `series`: what is counted together, with its sum since the start; texts that are missing are empty.
    /// - `tally`: how many of a series happened in a minute; in the minute that begins an hour once rolled up.
    /// - `latency`: how many of a series took as long as a step of ``LatencyScale``, by minute likewise.
    private static let reports = """
        ALTER TABLE record ADD COLUMN run TEXT;
        ALTER TABLE record ADD COLUMN runKind TEXT;
        ALTER TABLE record ADD COLUMN input TEXT;
        DROP INDEX recordOfTime;
        DROP INDEX recordOfStimulus;
        CREATE INDEX recordOfStimulus ON record (stimulus) WHERE stimulus <> 'timer';
        CREATE INDEX recordOfJourney ON record (journey);
        CREATE TABLE span (block INTEGER PRIMARY KEY, earliest INTEGER NOT NULL, latest INTEGER NOT NULL);
        DROP TABLE tally;
        CREATE TABLE series (
            id INTEGER PRIMARY KEY, journey TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL,
            node TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, path TEXT NOT NULL, code TEXT NOT NULL,
            run TEXT NOT NULL, number INTEGER NOT NULL DEFAULT 0);
        CREATE UNIQUE INDEX seriesOfKey ON series (journey, version, kind, node, type, status, path, code, run);
        CREATE TABLE tally (
            series INTEGER NOT NULL, minute INTEGER NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (series, minute)) WITHOUT ROWID;
        CREATE TABLE latency (
            series INTEGER NOT NULL, minute INTEGER NOT NULL, step INTEGER NOT NULL, number INTEGER NOT NULL,
            PRIMARY KEY (series, minute, step)) WITHOUT ROWID;
        """

    /// - `entryGroup`: versions whose refusals are counted together, as JSON, and when they were last told.
    private static let entryGroups = """
        CREATE TABLE entryGroup (id TEXT PRIMARY KEY, members TEXT NOT NULL, told INTEGER NOT NULL) WITHOUT ROWID;
        """

    /// Counts what a store of the version before holds; times of actions begin anew.
    private static let recount = """
        INSERT INTO span SELECT record.id >> \(spanBits), MIN(e.value ->> 'at'), MAX(e.value ->> 'at')
            FROM record, json_each(record.events) AS e GROUP BY 1;
        CREATE TEMP TABLE recounted AS SELECT journey, version, e.value ->> 'kind' AS kind,
            COALESCE(e.value ->> 'node', '') AS node, COALESCE(e.value ->> 'type', '') AS type,
            COALESCE(e.value ->> 'status', '') AS status, COALESCE(e.value ->> 'path', '') AS path,
            COALESCE(e.value ->> 'code', '') AS code, (e.value ->> 'at') / 60000 AS minute, COUNT(*) AS number
            FROM record, json_each(record.events) AS e GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
        INSERT INTO series (journey, version, kind, node, type, status, path, code, run, number)
            SELECT journey, version, kind, node, type, status, path, code, '', SUM(number) FROM recounted
            GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
        INSERT INTO tally SELECT series.id, minute, recounted.number FROM recounted
            JOIN series USING (journey, version, kind, node, type, status, path, code);
        DROP TABLE recounted;
        """
}
