import GRDB
import Models

extension SQLiteStepStore {
    func report(_ query: ReportQuery) async throws(StepStoreError) -> ReportFigures {
        do {
            return try await pool.read { db in
                let chosen = ChosenSeries(
                    journey: query.journey, version: query.version, run: query.run, origin: query.origin)
                let minutes = query.period.minutes
                var figures = ReportFigures()
                figures.sums = try Self.sums(chosen, minutes, in: db)
                figures.times = try Self.times(chosen, minutes, in: db)
                figures.buckets = try Self.buckets(chosen, query.period, in: db)
                let since = try Self.insideMoves(chosen, try Self.sums(chosen, minutes.upperBound..<Int64.max, in: db))
                let all = try Self.insideMoves(chosen, try Self.sumsSinceStart(chosen, in: db))
                figures.inProgress = all - since
                return figures
            }
        } catch {
            throw StepStoreError(message: "the counts could not be read", cause: error)
        }
    }

    func sumsSinceStart(journey: String, origin: Int64) async throws(StepStoreError) -> [TallySeries: Int64] {
        do {
            return try await pool.read { db in
                try Self.sumsSinceStart(
                    ChosenSeries(journey: journey, version: nil, run: nil, origin: origin), in: db)
            }
        } catch {
            throw StepStoreError(message: "the counts could not be read", cause: error)
        }
    }

    func sums(journey: String?, from: Int64, to: Int64) async throws(StepStoreError) -> [TallySeries: Int64] {
        do {
            let minutes = TallyMinute.of(from)..<TallyMinute.of(to) + 1
            return try await pool.read { db in
                let chosen = ChosenSeries(journey: journey, version: nil, run: nil)
                return try Self.sums(chosen, minutes, in: db)
            }
        } catch {
            throw StepStoreError(message: "the counts could not be read", cause: error)
        }
    }

    /// Which series a report reads.
    private struct ChosenSeries {
        let journey: String?
        let version: Int64?
        let run: String?
        var origin: Int64 = 0

        /// A condition on the table `series`, and its values.
        var clause: (sql: String, arguments: [(any DatabaseValueConvertible)?]) {
            var sql = "series.run = ?"
            var arguments: [(any DatabaseValueConvertible)?] = [run ?? ""]
            if let journey {
                sql += " AND series.journey = ?"
                arguments.append(journey)
            }
            if let version {
                // Those who moved from the version to another are told there, by the way `path`.
                sql += " AND (series.version = ? OR series.kind = 'moved' AND series.path = ?)"
                arguments += [version, String(version)]
            } else if origin > 0, run == nil {
                sql += " AND series.version > ?"
                arguments.append(origin)
            }
            return (sql, arguments)
        }
    }

    private static func sums(
        _ chosen: ChosenSeries, _ minutes: Range<Int64>, in db: Database
    ) throws -> [TallySeries: Int64] {
        let (clause, arguments) = chosen.clause
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT series.*, (SELECT SUM(tally.number) FROM tally WHERE tally.series = series.id AND minute >= ?"
                + " AND minute < ?) AS count FROM series WHERE \(clause)",
            arguments: StatementArguments([minutes.lowerBound, minutes.upperBound] + arguments))
        return try read(rows)
    }

    private static func sumsSinceStart(_ chosen: ChosenSeries, in db: Database) throws -> [TallySeries: Int64] {
        let (clause, arguments) = chosen.clause
        return try read(
            try Row.fetchCursor(
                db, sql: "SELECT series.*, number AS count FROM series WHERE \(clause)",
                arguments: StatementArguments(arguments)))
    }

    private static func read(_ rows: RowCursor) throws -> [TallySeries: Int64] {
        var sums: [TallySeries: Int64] = [:]
        while let row = try rows.next() {
            guard let count: Int64 = row["count"], count > 0 else { continue }
            sums[series(row)] = count
        }
        return sums
    }

    private static func series(_ row: Row) -> TallySeries {
        TallySeries(
            journey: row["journey"], version: row["version"], kind: row["kind"], node: row["node"],
            type: row["type"], status: row["status"], path: row["path"], code: row["code"], run: row["run"])
    }

    private static func times(
        _ chosen: ChosenSeries, _ minutes: Range<Int64>, in db: Database
    ) throws -> [TallySeries: [(step: Int64, count: Int64)]] {
        let (clause, arguments) = chosen.clause
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT series.*, latency.step AS step, SUM(latency.number) AS count FROM series"
                + " JOIN latency ON latency.series = series.id AND latency.minute >= ? AND latency.minute < ?"
                + " WHERE \(clause) GROUP BY series.id, latency.step",
            arguments: StatementArguments([minutes.lowerBound, minutes.upperBound] + arguments))
        var times: [TallySeries: [(step: Int64, count: Int64)]] = [:]
        while let row = try rows.next() { times[series(row), default: []].append((row["step"], row["count"])) }
        return times
    }

    private static func buckets(
        _ chosen: ChosenSeries, _ period: ReportPeriod, in db: Database
    ) throws -> [Int64: JourneySums] {
        let (clause, arguments) = chosen.clause
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT (tally.minute - ?) / ? AS bucket, series.kind AS kind,"
                + " CASE series.kind WHEN 'refused' THEN series.code ELSE series.status END AS outcome,"
                + " SUM(tally.number) AS count FROM series JOIN tally ON tally.series = series.id"
                + " AND tally.minute >= ? AND tally.minute < ?"
                + " WHERE \(clause) AND series.kind IN ('entered', 'left', 'goal', 'refused') GROUP BY 1, 2, 3",
            arguments: StatementArguments(
                [period.minutes.lowerBound, period.interval, period.minutes.lowerBound, period.minutes.upperBound]
                    + arguments))
        var buckets: [Int64: JourneySums] = [:]
        while let row = try rows.next() {
            buckets[row["bucket"], default: JourneySums()].add(kind: row["kind"], outcome: row["outcome"], row["count"])
        }
        return buckets
    }

    /// How many more came in than went out, by these sums.
    private static func insideMoves(_ chosen: ChosenSeries, _ sums: [TallySeries: Int64]) throws -> Int64 {
        var inside: Int64 = 0
        for (series, count) in sums {
            switch StepEvent.Kind(rawValue: series.kind) {
            case .entered: inside += count
            case .left: inside -= count
            case .moved where series.status == "ok" && chosen.version != nil:
                inside += series.version == chosen.version ? count : -count
            default: break
            }
        }
        return inside
    }
}
