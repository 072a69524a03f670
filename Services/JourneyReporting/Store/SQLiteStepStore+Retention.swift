import GRDB

extension SQLiteStepStore {
    /// Records go in blocks of ``RecordSpans``, each once all of it is old enough.
    func prune(before time: Int64, blocks: Int) async throws(StepStoreError) -> Int {
        do {
            return try await pool.write { db in
                let old = try Int64.fetchAll(
                    db, sql: "SELECT block FROM span WHERE latest < ? ORDER BY block LIMIT ?",
                    arguments: [time, blocks]
                )
                for block in old {
                    let first = block << StepSchema.spanBits
                    try db.execute(
                        sql: "DELETE FROM record WHERE id >= ? AND id < ?",
                        arguments: [first, first + 1 << StepSchema.spanBits])
                    try db.execute(sql: "DELETE FROM span WHERE block = ?", arguments: [block])
                }
                return old.count
            }
        } catch {
            throw StepStoreError(message: "old step events could not be deleted", cause: error)
        }
    }

    func tidyTallies(
        after series: Int64, limit: Int, rolledUpBefore: Int64, deletedBefore: Int64
    ) async throws(StepStoreError) -> Int64? {
        do {
            let (last, isShorter) = try await pool.write { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT id, run FROM series WHERE id > ? ORDER BY id LIMIT ?", arguments: [series, limit])
                var isShorter = false
                for row in rows {
                    let id: Int64 = row["id"]
                    try Self.rollUp(id, before: TallyMinute.of(rolledUpBefore), in: db)
                    for table in ["tally", "latency"] {
                        try db.execute(
                            sql: "DELETE FROM \(table) WHERE series = ? AND minute < ?",
                            arguments: [id, TallyMinute.of(deletedBefore)])
                    }
                    // A run is over once nothing of it is left; what is real keeps its sums since the start.
                    if row["run"] != "" {
                        try db.execute(
                            sql: "DELETE FROM series WHERE id = ? AND id NOT IN (SELECT series FROM tally"
                                + " WHERE series = ?)", arguments: [id, id])
                        isShorter = isShorter || db.changesCount > 0
                    }
                }
                return (rows.count == limit ? rows.last?["id"] as Int64? : nil, isShorter)
            }
            if isShorter { forgetSeries() }
            return last
        } catch {
            throw StepStoreError(message: "old counts could not be rolled up", cause: error)
        }
    }

    /// Adds minutes up in the one that begins their hour.
    private static func rollUp(_ series: Int64, before minute: Int64, in db: Database) throws {
        let hours = minute / 60 * 60
        for (table, key) in [("tally", "minute / 60 * 60"), ("latency", "minute / 60 * 60, step")] {
            let columns = table == "tally" ? "series, minute, number" : "series, minute, step, number"
            try db.cachedStatement(
                sql: "INSERT INTO \(table) (\(columns)) SELECT series, \(key), SUM(number) FROM \(table)"
                    + " WHERE series = ? AND minute < ? AND minute % 60 <> 0 GROUP BY \(key)"
                    + " ON CONFLICT DO UPDATE SET number = number + excluded.number"
            ).execute(arguments: [series, hours])
            try db.cachedStatement(
                sql: "DELETE FROM \(table) WHERE series = ? AND minute < ? AND minute % 60 <> 0"
            ).execute(arguments: [series, hours])
        }
    }

    func giveBack(pages: Int) async throws(StepStoreError) -> Int {
        do {
            return try await pool.writeWithoutTransaction { db in
                let before = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
                if before > 0 { try db.execute(sql: "PRAGMA incremental_vacuum(\(pages))") }
                return before - (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0)
            }
        } catch {
            throw StepStoreError(message: "free pages could not be given back", cause: error)
        }
    }
}
