import Models
import TestKit

/// What the fault runs over many people need beside ``FaultJourneys``: events by which people come and go, an event
/// that concerns nobody, and journeys that wait and act as the others do.
enum WalkJourneys {
    static func event(_ name: String, isBusiness: Bool = false) -> JSONValue {
        var event: JSONObject = [
            "name": .string(name), "schema": "order", "type": "rule",
            "rule": .string("@event{\(name).eventType} == \"\(name)\""),
        ]
        if isBusiness {
            event["business"] = true
        } else {
            event["namespace"] = "crmId"
            event["key"] = .string("@event{\(name).customer.id}")
        }
        return .object(event)
    }

    /// A journey whose last steps are those of ``FaultJourneys``: a pause, then a call.
    ///
    /// - Parameter entry: its first nodes, the last of which goes on to `pause`.
    static func journey(_ name: String, _ entry: [JSONValue]) -> JSONValue {
        [
            "name": .string(name),
            "properties": [
                "timezone": "UTC", "reentrance": ["allowed": true, "after": "PT0S"], "timeout": "PT30S",
            ],
            "nodes": .array(
                entry + [
                    ["id": "pause", "type": "wait", "for": "PT0.5S", "next": "send"],
                    [
                        "id": "send", "type": "action", "action": "shop",
                        "parameters": ["customer": .string("\"\(name)\""), "order": "\"none\""], "next": "done",
                    ], ["id": "done", "type": "end"],
                ]),
        ]
    }

    /// Who came by `visit` stays until `leave`.
    static let staying = journey(
        "staying",
        [
            ["id": "entry", "type": "event", "event": "visit", "next": "stay"],
            ["id": "stay", "type": "event", "event": "leave", "next": "pause"],
        ])

    /// Reads the audience `club` when it is published, so many people a second.
    static func campaign(rate: Int64) -> JSONValue {
        journey(
            "campaign",
            [
                [
                    "id": "entry", "type": "readAudience", "audience": "club", "schedule": "now",
                    "rate": .integer(rate), "next": "pause",
                ]
            ])
    }

    /// Reads the audience `club` whenever a price drops.
    static let sale = journey(
        "sale",
        [
            ["id": "entry", "type": "businessEvent", "event": "drop", "next": "read"],
            ["id": "read", "type": "readAudience", "audience": "club", "next": "pause"],
        ])

    /// Whoever becomes a member of the audience `club`, or is one no longer.
    static func changed(_ change: String) -> JSONValue {
        journey(
            change,
            [["id": "entry", "type": "audience", "audience": "club", "change": .string(change), "next": "pause"]])
    }
}

extension FaultRig {
    /// Makes it and publishes it.
    func publish(_ journey: JSONValue) async throws {
        try await suite.call(.journeyExecution, "journeys.create", journey)
        try await suite.call(.journeyExecution, "journeys.publish", ["name": journey["name"] ?? .null])
    }

    /// Profiles with the numbers from 0 on as `n`, and the audience of those for whom the rule holds, evaluated.
    func makeClub(_ count: Int, rule: String) async throws {
        try await suite.upsert((0..<count).map { ("club-\($0)", ["n": .integer(Int64($0))]) })
        try await suite.call(
            .dataSourceFetching, "audiences.create", ["name": "club", "rule": .string(rule)])
        try await suite.waitUntilEvaluated("club")
    }

    /// Waits until so many runs of a journey are over, and gives them, newest first; asked again while it starts.
    func runs(_ journey: String, over count: Int) async throws -> [JSONValue] {
        var runs: [JSONValue] = []
        try await eventually(within: .seconds(40), "\(count) runs of \(journey) are over") {
            let answer = try? await suite.call(.journeyExecution, "journeys.runs", ["name": .string(journey)])
            runs = answer?["items"]?.arrayValue ?? []
            return runs.count { $0["state"] == "done" } >= count
        }
        return runs
    }

    func inside(_ journey: String) async throws -> Int {
        try await suite.all(.journeyExecution, "instances.list", filter: ["journey": .string(journey)]).count
    }
}
