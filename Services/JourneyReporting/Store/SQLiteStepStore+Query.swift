import GRDB
import Models

extension SQLiteStepStore {
    /// Records looked at for one page at most, so that a filter that nothing meets ends; the cursor goes on.
    private static let recordsMax = 20_000

    func query(_ filter: StepFilter, after cursor: StepCursor?, limit: Int) async throws(StepStoreError) -> StepPage {
        do {
            var page = try await pool.read { db in try Self.query(filter, after: cursor, limit: limit, in: db) }
            // Calls are told with their outcome, and happened before it.
            page.items = page.items.enumerated()
                .sorted { ($0.element.event.at, $0.offset) < ($1.element.event.at, $1.offset) }.map(\.element)
            return page
        } catch {
            throw StepStoreError(message: "step events could not be read", cause: error)
        }
    }

    private static func query(
        _ filter: StepFilter, after cursor: StepCursor?, limit: Int, in db: Database
    ) throws -> StepPage {
        var page = StepPage()
        guard let search = try StepSearch(filter, after: cursor, in: db) else { return page }
        let rows = try Row.fetchCursor(
            db, sql: search.sql, arguments: StatementArguments(search.arguments + [recordsMax]))
        var seen = 0
        while let row = try rows.next() {
            seen += 1
            let id: Int64 = row["id"]
            let mayMatch: Bool = row["mayMatch"]
            let events = mayMatch ? try Self.events(row) : []
            for (place, event) in events.enumerated() where Self.matches(event, filter) {
                if id == cursor?.record, place <= cursor?.place ?? -1 { continue }
                if page.items.count == limit { return page }
                page.items.append(step(row, place, event))
                page.cursor = StepCursor(record: id, place: place)
            }
            if seen == recordsMax {
                page.cursor = StepCursor(record: id, place: .max)
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
            && event.at >= filter.from ?? .min && event.at < filter.to ?? .max
    }

    private static func step(_ row: Row, _ place: Int, _ event: StepEvent) -> StoredStep {
        let number: Int64 = row["number"]
        let input: String? = place == 0 ? row["input"] : nil
        let seen: String? = place == 0 ? row["seen"] : nil
        return StoredStep(
            owner: StepOwner(
                person: Person(namespace: row["namespace"], id: row["person"]), journey: row["journey"],
                version: row["version"], instance: row["instance"], stimulus: row["stimulus"],
                run: row["run"], runKind: row["runKind"], partition: row["partition"]),
            number: number + Int64(place), event: event, input: input.flatMap { try? JSONValue.parse($0) },
            seen: seen.flatMap { try? JSONValue.parse($0) }.flatMap { try? SeenEvent($0) })
    }

    func members(of groups: Set<String>) async throws(StepStoreError) -> [String: [RefusalCounts.Member]] {
        if groups.isEmpty { return [:] }
        do {
            return try await pool.read { db in
                var book = EntryGroupBook()
                var members: [String: [RefusalCounts.Member]] = [:]
                for group in groups { members[group] = try book.members(of: group, in: db) }
                return members
            }
        } catch {
            throw StepStoreError(message: "the groups of entries could not be read", cause: error)
        }
    }
}
