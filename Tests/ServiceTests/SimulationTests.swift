import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Journeys run in virtual time, and again")
    struct SimulationTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func request(_ journey: String, _ shop: Shop) -> JSONValue {
            [
                "journey": .string(journey), "people": ["count": 200], "until": "P2D",
                "events": [
                    [
                        "event": .string(shop.placed), "after": ["from": "PT0S", "to": "P1D"],
                        "payload": ["customer": ["id": ["$text": "{person}"]], "order": ["id": "1", "total": 10]],
                    ]
                ],
                "mocks": [
                    "sources": [
                        "\(shop.source).account": ["data": ["tier": ["$choice": ["gold", "silver"]]]]
                    ]
                ],
            ]
        }

        /// Whether the tier is gold decides between two ends.
        private func nodes(_ shop: Shop) -> [JSONValue] {
            [
                [
                    "id": "tier", "type": "condition",
                    "paths": [["label": "gold", "when": shop.isGold(), "next": "thank"]], "otherwise": ["next": "rest"],
                ], shop.say("thank", "thanks", next: "rest"), ["id": "rest", "type": "wait", "for": "PT1H"],
            ]
        }

        @Test("simulate.run runs a draft with what is configured and sends nothing")
        func draft() async throws {
            let shop = try await Shop.open(suite, "sim")
            let journey = shop.journey("flow", nodes(shop))
            try await suite.call(.journeyExecution, "journeys.create", journey)
            let result = try await suite.call(.journeyExecution, "simulate.run", request("flow_sim", shop))
            #expect(result["entered"] == 200 && result["left"] == ["finished": 200])
            let gold = result["nodes"]?["tier"]?["paths"]?["gold"]?.integerValue ?? 0
            #expect((60...140).contains(gold))
            #expect(result["nodes"]?["thank"]?["passed"] == .integer(gold))
            #expect(try await suite.call(.journeyExecution, "simulate.run", request("flow_sim", shop)) == result)
            #expect(suite.partners.requests(shop.smsPath).isEmpty)
            #expect(suite.partners.requests(shop.loyaltyPath).isEmpty)
        }

        @Test("What cannot be simulated is said with its reason")
        func refused() async throws {
            let shop = try await Shop.open(suite, "simr")
            try await expectRefusal(-32004) {
                try await suite.call(.journeyExecution, "simulate.run", request("nothing", shop))
            }
            let wrong = try await expectRefusal(-32602) {
                try await suite.call(
                    .journeyExecution, "simulate.run", ["journey": "nothing", "people": ["count": -1]])
            }
            #expect(wrong["problems"]?[0]?["path"] == "/people/count")
            let broken: JSONValue = ["name": "broken", "nodes": [["id": "a", "type": "event", "event": "unknown"]]]
            let invalid = try await expectRefusal(-32012) {
                try await suite.call(.journeyExecution, "simulate.run", ["journey": broken])
            }
            #expect(invalid["findings"]?.arrayValue?.isEmpty == false)
        }

        @Test("The example's simulation comes to what it expects, from files alone")
        func example() async throws {
            let file = "\(suite.examples)/simulations/orderFollowUp.yaml"
            let result = try await suite.sojourn("simulate", file, "--definitions", suite.examples)
            #expect(result.status == 0 && result.output.contains("as expected"), "\(result)")
            let other = try await suite.sojourn(
                "simulate", file, "--definitions", suite.examples, "--people", "10")
            #expect(other.status == 1 && other.errors.contains("/entered: expected 1000, found 10"), "\(other)")
        }

        @Test("An instance with a full history runs again to the same; one with a short history cannot")
        func replay() async throws {
            let shop = try await Shop.open(suite, "again")
            suite.partners.answer(shop.loyaltyPath) { _ in .answer(200, body: #"{"tier": "gold", "points": 1}"#) }
            try await shop.publish(shop.journey("full", properties: ["history": "full"], nodes(shop)))
            try await shop.publish(shop.journey("short", nodes(shop)))
            try await shop.send(shop.event("a", id: "1"))
            var instances: [String: String] = [:]
            try await eventually("both instances wait, and the step store knows of it") {
                let items = try await suite.call(
                    .journeyReporting, "stepEvents.query",
                    ["filter": ["namespace": "crmId", "profile": "again-a", "node": "thank", "kind": "node"]])
                for item in items["items"]?.arrayValue ?? [] {
                    instances[item["journey"]?.stringValue ?? ""] = item["instance"]?.stringValue
                }
                return instances.count == 2
            }
            let full = instances["full_again"] ?? ""
            let again = try await suite.call(.journeyExecution, "instances.replay", ["instance": .string(full)])
            #expect(again["same"] == true && (again["records"]?.integerValue ?? 0) >= 3, "\(again.text)")
            let said = try await suite.sojourn("replay", full)
            #expect(said.status == 0 && said.output.hasPrefix("the same"), "\(said)")
            try await expectRefusal(-32011) {
                try await suite.call(
                    .journeyExecution, "instances.replay", ["instance": .string(instances["short_again"] ?? "")])
            }
        }
    }
}
