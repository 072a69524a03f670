import Engine
import Models

/// A journey as the methods answer it: the draft if there is one, else the newest version, with what surrounds it.
struct JourneyView {
    let record: JourneyRecord
    /// The version asked for; nil for the draft, or the newest version where there is no draft.
    var version: Int64?
    var inside: Int64?
    /// Its versions that do not compile, with the reasons.
    var broken: [Int64: [String]] = [:]

    /// `broken` instead of live, paused or closed where the version shown, or the one that people enter, does not
    /// compile; where nobody can enter, where any does that people may be inside.
    var state: String {
        if let version, let shown = record.version(version) { return Self.state(shown, broken) }
        let entered = record.live.map { [$0] } ?? record.versions.filter { $0.state == .closed }
        if entered.contains(where: { broken[$0.number] != nil }) { return Self.brokenState }
        return record.state.rawValue
    }

    private static let brokenState = "broken"

    private static func state(_ version: JourneyRecord.Version, _ broken: [Int64: [String]]) -> String {
        broken[version.number] != nil && version.state != .stopped ? brokenState : version.state.rawValue
    }

    var json: JSONValue {
        let shown = version.flatMap(record.version)
        let document = shown?.document ?? record.draft ?? record.versions.last?.document ?? JSONObject()
        var object: JSONObject = ["name": .string(record.name)]
        object.merge(document)
        object["revision"] = .integer(record.revision)
        object["state"] = .string(state)
        if !broken.isEmpty {
            object["broken"] = .array(
                broken.sorted { $0.key < $1.key }.map { ["version": .integer($0.key), "reasons": JSONValue($0.value)] })
        }
        object["hasDraft"] = .bool(record.draft != nil)
        object["version"] = (shown?.number ?? record.versions.last?.number).map(JSONValue.integer) ?? .null
        object["versions"] = .array(record.versions.map { Self.summary($0, broken) })
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
    func summary(inside: Int64) -> JSONValue {
        var object = json.objectValue ?? JSONObject()
        object["inside"] = .integer(inside)
        object["nodes"] = nil
        object["properties"] = nil
        object["versions"] = nil
        return .object(object)
    }

    static func summary(_ version: JourneyRecord.Version, _ broken: [Int64: [String]] = [:]) -> JSONValue {
        var object: JSONObject = [
            "version": .integer(version.number), "state": .string(state(version, broken)),
            "publishedAt": .string(Timestamp.text(version.publishedAt)),
        ]
        if let endedAt = version.endedAt { object["endedAt"] = .string(Timestamp.text(endedAt)) }
        return .object(object)
    }
}
