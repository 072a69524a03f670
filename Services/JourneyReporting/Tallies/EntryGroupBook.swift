import GRDB
import Models

/// The groups of entries that one transaction needs: versions whose refusals are counted together.
struct EntryGroupBook {
    /// Groups that the store knows; those told the longest ago are forgotten. Each publication makes new ones.
    static let groupsMax = 2_000

    private var known: [String: [RefusalCounts.Member]] = [:]

    mutating func learn(_ group: RefusalCounts.Group, at time: Int64, in db: Database) throws {
        known[group.id] = group.members
        let members = RefusalCounts.json(group.members).text
        try db.cachedStatement(
            sql: "INSERT INTO entryGroup (id, members, told) VALUES (?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET told = MAX(told, excluded.told)"
        ).execute(arguments: [group.id, members, time])
        try db.cachedStatement(
            sql: "DELETE FROM entryGroup WHERE id IN"
                + " (SELECT id FROM entryGroup ORDER BY told DESC, id LIMIT -1 OFFSET \(Self.groupsMax))"
        ).execute()
    }

    /// Nil where the group was never told, or too long ago.
    mutating func members(of group: String, in db: Database) throws -> [RefusalCounts.Member]? {
        if let members = known[group] { return members }
        let text = try String.fetchOne(
            try db.cachedStatement(sql: "SELECT members FROM entryGroup WHERE id = ?"), arguments: [group])
        guard let text, let value = try? JSONValue.parse(text) else { return nil }
        let members = RefusalCounts.members(value)
        known[group] = members
        return members
    }
}
