import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("A person's kept events in journeys")
    struct KeptEventTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        /// How many orders of the last thirty days the person has, of more than ten.
        private func isFrequent(_ shop: Shop) -> JSONValue {
            .string(
                "count(#{ExperiencePlatform.ExperienceEventFieldGroup.\(shop.placed).all("
                    + "currentDataPackField.order.total > 10 and inLastDays(currentDataPackField.timestamp, 30)"
                    + ").order.id}) >= 3")
        }

        private func keep(_ shop: Shop) async throws {
            try await suite.call(
                .eventIngestion, "events.update", ["name": .string(shop.placed), "keepInProfile": true])
        }

        private func journey(_ shop: Shop, _ name: String, properties: JSONObject = [:]) -> JSONValue {
            shop.journey(
                name, properties: properties,
                [
                    [
                        "id": "often", "type": "condition",
                        "paths": [["label": "often", "when": isFrequent(shop), "next": "thank"]],
                        "otherwise": ["next": "end"],
                    ],
                    shop.say("thank", "thanks", next: "end"), ["id": "end", "type": "end"],
                ])
        }

        @Test(
            "A condition counts the person's orders of the last thirty days; its instances run again from their history"
        )
        func counted() async throws {
            let shop = try await Shop.open(suite, "kept")
            let refused = try await expectRefusal(-32012) {
                .string(try await shop.publish(journey(shop, "early")))
            }
            #expect(refused["findings"]?[0]?["code"] == "notAvailable", "\(refused)")
            try await keep(shop)
            try await shop.publish(journey(shop, "flow", properties: ["history": "full"]))
            for number in 1...4 {
                try await shop.send(shop.event("a", total: number == 2 ? 5 : 20, id: "\(number)"))
                try await shop.statuses("a", count: number)
            }
            try await shop.send(shop.event("b", total: 20, id: "5"))
            try await shop.send(shop.event("a", total: 20, id: "4"))
            try await shop.statuses("b")
            #expect(shop.texts("a") == ["thanks"], "the fourth is the third of more than ten")
            #expect(shop.texts("b") == [])

            let events = try await suite.call(
                .dataSourceFetching, "profiles.events",
                ["namespace": "crmId", "id": "kept-a", "event": .string(shop.placed), "limit": 3])
            let ids = (events["items"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
            #expect(ids == ["kept-4", "kept-3", "kept-2"] && events["cursor"] != nil)

            let thanked = try await shop.steps("a").last { $0["node"] == "thank" }
            let instance = thanked?["instance"] ?? .null
            let again = try await suite.call(.journeyExecution, "instances.replay", ["instance": instance])
            #expect(again["same"] == true, "\(again)")

            let inUse = try await expectRefusal(-32010) {
                try await suite.call(
                    .eventIngestion, "events.update", ["name": .string(shop.placed), "keepInProfile": false])
            }
            #expect(inUse["usedIn"]?.text.contains("flow_kept") == true)
        }

        @Test("A test's events are counted by the test, beside the real ones, and are not kept")
        func tested() async throws {
            let shop = try await Shop.open(suite, "keptt")
            try await keep(shop)
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                ["namespace": "crmId", "id": "keptt-a", "attributes": ["testProfile": true]])
            try await shop.publish(shop.journey("live", [["id": "rest", "type": "wait", "for": "P1D"]]))
            for number in 1...2 { try await shop.send(shop.event("a", total: 20, id: "\(number)")) }
            try await shop.waiting("a", at: "rest")
            let draft = journey(shop, "draft")
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            _ = try await suite.call(.journeyExecution, "test.start", ["journey": "draft_keptt"])
            func paths() async throws -> [String] {
                let log = try await suite.call(.journeyExecution, "test.log", ["journey": "draft_keptt"])
                return (log["items"]?.arrayValue ?? []).filter { $0["node"] == "often" }
                    .compactMap { $0["path"]?.stringValue }
            }
            func trigger(_ id: String, total: Double) async throws {
                _ = try await suite.call(
                    .journeyExecution, "test.trigger",
                    [
                        "journey": "draft_keptt", "event": .string(shop.placed), "profile": "keptt-a",
                        "payload": shop.event("a", total: total, id: id),
                    ])
            }
            try await trigger("t1", total: 5)
            try await eventually("the first is decided") { try await paths() == ["otherwise"] }
            try await trigger("t2", total: 20)
            try await eventually("the second is decided") { try await paths() == ["otherwise", "often"] }
            let events = try await suite.call(
                .dataSourceFetching, "profiles.events", ["namespace": "crmId", "id": "keptt-a"])
            #expect((events["items"]?.arrayValue ?? []).compactMap { $0["id"] } == ["keptt-2", "keptt-1"])
            _ = try await suite.call(.journeyExecution, "test.stop", ["journey": "draft_keptt"])
        }
    }
}
