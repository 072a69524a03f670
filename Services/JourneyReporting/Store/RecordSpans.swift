import GRDB
import Models

/// Earliest and latest time of blocks of records: records come nearly in the order of time, so that a range of time is
/// a range of ids but for its edges.
struct RecordSpans {
    private var blocks: [Int64: (earliest: Int64, latest: Int64)] = [:]

    /// - Parameter storedAt: counts instead of the events' own times.
    mutating func add(record: Int64, _ events: [StepEvent], storedAt: Int64? = nil) {
        let block = record >> StepSchema.spanBits
        for time in storedAt.map({ [$0] }) ?? events.map(\.at) {
            let known = blocks[block] ?? (time, time)
            blocks[block] = (min(known.earliest, time), max(known.latest, time))
        }
    }

    func write(to db: Database) throws {
        let statement = try db.cachedStatement(
            sql: "INSERT INTO span (block, earliest, latest) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
                + " SET earliest = MIN(earliest, excluded.earliest), latest = MAX(latest, excluded.latest)")
        for (block, times) in blocks { try statement.execute(arguments: [block, times.earliest, times.latest]) }
    }

    /// The ids that records of these times have; nil where there are none. Either end may be open.
    static func ids(from: Int64?, to: Int64?, in db: Database) throws -> Range<Int64>? {
        let first = try Int64.fetchOne(
            db, sql: "SELECT MIN(block) FROM span WHERE latest >= ?", arguments: [from ?? .min])
        let last = try Int64.fetchOne(
            db, sql: "SELECT MAX(block) FROM span WHERE earliest < ?", arguments: [to ?? .max])
        guard let first, let last, first <= last else { return nil }
        return first << StepSchema.spanBits..<(last + 1) << StepSchema.spanBits
    }
}
