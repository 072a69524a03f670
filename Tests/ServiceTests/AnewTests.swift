import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Journeys made anew")
    struct AnewTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func journeys(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "journeys.\(method)", params)
        }

        @Test("A journey that was deleted and made anew under its name is another one")
        func anew() async throws {
            let shop = try await Shop.open(suite, "anew")
            let document = shop.journey(
                "flow", properties: ["reentrance": ["allowed": false]],
                [
                    [
                        "id": "prize", "type": "condition", "paths": [["label": "first", "cap": 1, "next": "end"]],
                        "otherwise": ["next": "end"],
                    ], ["id": "end", "type": "end"],
                ])
            let name = try await shop.publish(document)
            for (number, person) in ["a", "a", "b"].enumerated() {
                try await shop.send(shop.event(person, id: "old-\(number)"))
            }
            try await eventually("both went through") {
                let first = try await shop.statuses("a"), second = try await shop.statuses("b")
                return first == ["finished"] && second == ["finished"]
            }
            let old = try await journeys("get", ["name": .string(name)])["version"]?.integerValue ?? 0
            _ = try await journeys("stop", ["name": .string(name)])
            _ = try await journeys("delete", ["name": .string(name)])

            #expect(try await shop.publish(document) == name)
            let new = try await journeys("get", ["name": .string(name)])["version"]?.integerValue ?? 0
            #expect(old == 1 && new > old, "a version's number is never used again")
            try await shop.send(shop.event("a", id: "new-1"))
            try await eventually("who was in the old one went through again") {
                try await shop.statuses("a") == ["finished", "finished"]
            }
            let prize = try await shop.steps("a").filter {
                $0["node"] == "prize" && $0["kind"] == "node" && $0["version"] == .integer(new)
            }
            #expect(prize.map { $0["path"] } == ["first"], "its places are free")
            try await eventually("the reports have it") {
                let report = try await suite.call(.journeyReporting, "reports.live", ["name": .string(name)])
                return report["sinceStart"]?["totals"]?["entered"] == 1
            }
            let report = try await suite.call(.journeyReporting, "reports.journey", ["name": .string(name)])
            #expect(report["totals"]?["entered"] == 1 && report["totals"]?["refused"] == 0)
            let was = try await suite.call(
                .journeyReporting, "reports.journey", ["name": .string(name), "version": .integer(old)])
            #expect(was["totals"]?["entered"] == 2, "what was is asked for by its version")
        }
    }
}
