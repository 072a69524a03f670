import Engine
import Models

/// A journey as the methods answer it: the draft if there is one, else the newest version, with what surrounds it.
struct JourneyView {
    let record: JourneyRecord
    /// The version asked for; nil for the draft, or the newest version where there is no draft.
    var version: Int64?
    var inside: Int64?

    var json: JSONValue {
        let shown = version.flatMap(record.version)
        let document = shown?.document ?? record.draft ?? record.versions.last?.document ?? JSONObject()
        var object: JSONObject = ["name": .string(record.name)]
        object.merge(document)
        object["revision"] = .integer(record.revision)
        object["state"] = .string((shown?.state ?? record.state).rawValue)
        object["hasDraft"] = .bool(record.draft != nil)
        object["version"] = (shown?.number ?? record.versions.last?.number).map(JSONValue.integer) ?? .null
        object["versions"] = .array(record.versions.map(Self.summary))
        if let pause = record.pause {
            object["paused"] = [
                "onAction": .string(pause.onAction.rawValue), "at": .string(Timestamp.text(pause.at)),
            ]
        }
        object["updatedAt"] = .string(Timestamp.text(record.updatedAt))
        if let inside { object["inside"] = .integer(inside) }
        return .object(object)
    }

    /// What a list shows of a journey: without its nodes.
    var summary: JSONValue {
        var object = json.objectValue ?? JSONObject()
        object["nodes"] = nil
        object["properties"] = nil
        object["versions"] = nil
        return .object(object)
    }

    static func summary(_ version: JourneyRecord.Version) -> JSONValue {
        var object: JSONObject = [
            "version": .integer(version.number), "state": .string(version.state.rawValue),
            "publishedAt": .string(Timestamp.text(version.publishedAt)),
        ]
        if let endedAt = version.endedAt { object["endedAt"] = .string(Timestamp.text(endedAt)) }
        return .object(object)
    }
}
