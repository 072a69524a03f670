import Models
import TestKit

/// Audiences for one test each, and journeys that read them.
struct Club {
    let suite: SojournSuite

    /// Makes so many people, every other one a member of the audience `gold_<tag>`.
    func make(_ tag: String, _ count: Int) async throws {
        _ = try await suite.call(
            .dataSourceFetching, "audiences.create",
            ["name": .string("gold_\(tag)"), "rule": .string("#{profile.firstName} == \"gold \(tag)\"")])
        for number in 0..<count {
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                [
                    "namespace": "crmId", "id": .string("\(tag)-\(number)"),
                    "attributes": ["firstName": .string(number % 2 == 0 ? "gold \(tag)" : "none")],
                ])
        }
        try await eventually("the audience is evaluated") {
            try await suite.call(.dataSourceFetching, "audiences.get", ["name": .string("gold_\(tag)")])[
                "evaluation"]?["state"] == "done"
        }
    }

    /// The ids of who is inside a journey, sorted.
    func inside(_ journey: String) async throws -> [String] {
        try await suite.all(.journeyExecution, "instances.list", filter: ["journey": .string(journey)])
            .compactMap { $0["profile"]?.stringValue }.sorted()
    }

    /// A journey whose people rest at its end for a day.
    static func journey(_ name: String, _ entry: [JSONValue]) -> JSONValue {
        ["name": .string(name), "nodes": .array(entry + [["id": "rest", "type": "wait", "for": "P1D"]])]
    }

    func publish(_ journey: JSONValue) async throws {
        try await suite.call(.journeyExecution, "journeys.create", journey)
        try await suite.call(.journeyExecution, "journeys.publish", ["name": journey["name"] ?? .null])
    }

    /// Makes one of the people a member, or none.
    func set(_ tag: String, _ number: Int, isMember: Bool) async throws {
        try await suite.call(
            .dataSourceFetching, "profiles.upsert",
            [
                "namespace": "crmId", "id": .string("\(tag)-\(number)"),
                "attributes": ["firstName": .string(isMember ? "gold \(tag)" : "none")],
            ])
    }

    /// Waits until so many runs of a journey are over, and gives all, newest first.
    func runs(_ journey: String, over count: Int) async throws -> [JSONValue] {
        var runs: [JSONValue] = []
        try await eventually(within: .seconds(30), "\(count) runs of \(journey) are over") {
            let answer = try await suite.call(.journeyExecution, "journeys.runs", ["name": .string(journey)])
            runs = answer["items"]?.arrayValue ?? []
            return runs.count { $0["state"] == "done" } >= count
        }
        return runs
    }

    /// The step events of a kind in a journey.
    func steps(_ journey: String, _ kind: String) async throws -> [JSONValue] {
        try await suite.all(.journeyReporting, "stepEvents.query", filter: ["journey": .string(journey)])
            .filter { $0["kind"] == .string(kind) }
    }
}
