import GRDB
import Models

/// The statement that finds the records of a filter in the order of their ids.
///
/// Which index is used is decided here, from the most to the least selective: the engine of the store knows nothing of
/// how the values are spread.
struct StepSearch {
    let sql: String
    let arguments: [(any DatabaseValueConvertible)?]

    /// Nil where no record can match.
    init?(_ filter: StepFilter, after cursor: StepCursor?, in db: Database) throws {
        var marks: [String] = []
        var arguments: [(any DatabaseValueConvertible)?] = []
        // Most records do not have the node or code asked for: a look at the text spares reading it.
        for (key, value) in [
            ("node", filter.node), ("kind", filter.kind), ("status", filter.status), ("code", filter.code),
        ] {
            guard let value else { continue }
            marks.append("instr(events, ?) > 0")
            arguments.append("\"\(key)\":\(JSONValue.string(value).text)")
        }
        var clauses = ["id >= ?", "id < ?"]
        guard let ids = try RecordSpans.ids(from: filter.from, to: filter.to, in: db) else { return nil }
        arguments += [max(cursor?.record ?? 0, ids.lowerBound), ids.upperBound]
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
        if filter.stimulus != nil { clauses.append("stimulus <> 'timer'") }
        require("run = ?", filter.run)
        sql =
            "SELECT *, \(marks.isEmpty ? "1" : marks.joined(separator: " AND ")) AS mayMatch FROM record"
            + " \(Self.index(filter)) WHERE \(clauses.joined(separator: " AND ")) ORDER BY id LIMIT ?"
        self.arguments = arguments
    }

    private static func index(_ filter: StepFilter) -> String {
        if filter.instance != nil { return "INDEXED BY recordOfInstance" }
        if filter.profile != nil { return "INDEXED BY recordOfPerson" }
        if filter.stimulus != nil { return "INDEXED BY recordOfStimulus" }
        if filter.journey != nil { return "INDEXED BY recordOfJourney" }
        return "NOT INDEXED"
    }
}
