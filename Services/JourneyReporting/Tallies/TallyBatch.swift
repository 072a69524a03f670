import GRDB
import Models

/// Counts of the step events of one transaction, added to the store's at its end.
struct TallyBatch {
    private struct Place: Hashable {
        let series: TallySeries
        let minute: Int64
    }

    private struct Taken: Hashable {
        let place: Place
        let step: Int64
    }

    private var counts: [Place: Int64] = [:]
    private var times: [Taken: Int64] = [:]

    mutating func add(_ record: StepRecord) {
        // An event that caused nothing is of no journey; its refusals are counted beside.
        for event in record.events where event.kind != .event {
            let place = Place(series: TallySeries(record, event), minute: TallyMinute.of(event.at))
            counts[place, default: 0] += 1
            if let duration = event.durationMilliseconds, place.series.isTimed {
                times[Taken(place: place, step: LatencyScale.step(of: duration)), default: 0] += 1
            }
        }
    }

    /// Adds refusals that have no record. Of a group that is not known, as its telling was dropped, they are counted
    /// for no journey.
    mutating func add(_ refusals: RefusalCounts, _ groups: inout EntryGroupBook, in db: Database) throws {
        for one in refusals.refused {
            let member = RefusalCounts.Member(journey: one.journey, version: one.version)
            add(one.count, member, reason: one.reason, at: one.at, run: one.run)
        }
        for group in refusals.groups {
            let latest = refusals.ruledOut.map(\.at).max() ?? 0
            try groups.learn(group, at: latest, in: db)
        }
        for ruledOut in refusals.ruledOut {
            let unknown = [RefusalCounts.Member(journey: "", version: 0)]
            for member in try groups.members(of: ruledOut.group, in: db) ?? unknown {
                let except = ruledOut.except.first { $0.journey == member.journey && $0.version == member.version }
                let count = ruledOut.count - (except?.count ?? 0)
                if count > 0 { add(count, member, reason: "filterFalse", at: ruledOut.at, run: ruledOut.run) }
            }
        }
    }

    private mutating func add(
        _ count: Int64, _ member: RefusalCounts.Member, reason: String, at time: Int64, run: String?
    ) {
        let series = TallySeries(
            journey: member.journey, version: member.version, kind: StepEvent.Kind.refused.rawValue, node: "", type: "",
            status: "", path: "", code: reason, run: run ?? "")
        counts[Place(series: series, minute: TallyMinute.of(time)), default: 0] += count
    }

    /// How many there are of each series.
    var sums: [TallySeries: Int64] {
        var sums: [TallySeries: Int64] = [:]
        for (place, number) in counts { sums[place.series, default: 0] += number }
        return sums
    }

    func write(to db: Database, _ book: inout SeriesBook) throws {
        let sum = try db.cachedStatement(sql: "UPDATE series SET number = number + ? WHERE id = ?")
        for (series, number) in sums { try sum.execute(arguments: [number, try book.id(of: series, in: db)]) }
        let tally = try db.cachedStatement(
            sql: "INSERT INTO tally (series, minute, number) VALUES (?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET number = number + excluded.number")
        for (place, number) in counts {
            try tally.execute(arguments: [try book.id(of: place.series, in: db), place.minute, number])
        }
        let latency = try db.cachedStatement(
            sql: "INSERT INTO latency (series, minute, step, number) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET number = number + excluded.number")
        for (taken, number) in times {
            let series = try book.id(of: taken.place.series, in: db)
            try latency.execute(arguments: [series, taken.place.minute, taken.step, number])
        }
    }
}

/// Minutes since 1970: the finest that is counted.
enum TallyMinute {
    static let milliseconds: Int64 = 60_000

    /// The minute of a time in milliseconds since 1970.
    static func of(_ time: Int64) -> Int64 {
        time >= 0 ? time / milliseconds : -((-time + milliseconds - 1) / milliseconds)
    }
}

/// The numbers of series that were used lately.
struct SeriesBook: Sendable {
    /// Beyond it the book is begun anew.
    static let seriesMax = 50_000

    private var ids: [TallySeries: Int64] = [:]

    /// The number of a series, which is made where it is new.
    mutating func id(of series: TallySeries, in db: Database) throws -> Int64 {
        if let id = ids[series] { return id }
        if ids.count >= Self.seriesMax { ids = [:] }
        let arguments: StatementArguments = [
            series.journey, series.version, series.kind, series.node, series.type, series.status, series.path,
            series.code, series.run,
        ]
        let known = try Int64.fetchOne(
            try db.cachedStatement(
                sql: "SELECT id FROM series WHERE journey = ? AND version = ? AND kind = ? AND node = ? AND type = ?"
                    + " AND status = ? AND path = ? AND code = ? AND run = ?"), arguments: arguments)
        if let known {
            ids[series] = known
            return known
        }
        try db.cachedStatement(
            sql: "INSERT INTO series (journey, version, kind, node, type, status, path, code, run)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: arguments)
        ids[series] = db.lastInsertedRowID
        return db.lastInsertedRowID
    }
}
