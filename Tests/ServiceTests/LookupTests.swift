import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Look-ups of journeys")
    struct LookupTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        /// A journey that greets gold members, everyone else, and those whose look-up failed.
        private func tiers(_ shop: Shop, member: String? = nil) -> JSONValue {
            shop.journey(
                "tiers",
                [
                    [
                        "id": "tier", "type": "condition",
                        "paths": [["label": "gold", "next": "gold", "when": shop.isGold(member)]],
                        "otherwise": ["next": "other"], "onError": ["next": "failed"],
                    ], shop.say("gold", "gold"), shop.say("other", "other"), shop.say("failed", "failed"),
                ])
        }

        @Test("A look-up goes out once while its answer may be used again, and equal ones at a time are one")
        func cached() async throws {
            let shop = try await Shop.open(suite, "cache")
            suite.partners.answer(shop.loyaltyPath) { _ in
                .answer(200, body: #"{"tier":"gold","points":1}"#, after: .milliseconds(300))
            }
            try await shop.publish(tiers(shop, member: "same"))
            try await suite.call(
                .eventIngestion, "ingest.sendBatch",
                ["events": .array((0..<8).map { shop.event("p\($0)", id: "\($0)") })])
            for number in 0..<8 { try await shop.statuses("p\(number)") }
            #expect(suite.partners.requests(shop.loyaltyPath).count == 1)
            try await shop.send(shop.event("later", id: "later"))
            try await shop.statuses("later")
            #expect(suite.partners.requests(shop.loyaltyPath).count == 1)
            #expect(shop.texts("p3") == ["gold"] && shop.texts("later") == ["gold"])
            let now = try await suite.call(
                .dataSourceFetching, "fetch.now",
                ["source": .string(shop.source), "group": "account", "params": ["memberId": "other"]])
            #expect(now.text.contains("gold"))
            #expect(suite.partners.requests(shop.loyaltyPath).count == 2)
        }

        @Test("A look-up that fails takes the error path, and the step says why", arguments: ["notFound", "timeout"])
        func failed(kind: String) async throws {
            let shop = try await Shop.open(suite, "fail\(kind)")
            suite.partners.answer(shop.loyaltyPath) { _ in kind == "timeout" ? .silence : .answer(404, body: "{}") }
            try await shop.publish(tiers(shop))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            #expect(shop.texts("a") == ["failed"])
            let steps = try await shop.steps("a")
            #expect(steps.contains { $0["node"] == "tier" && $0["path"] == "onError" })
        }

        @Test("Tests of a source and an action show the call with its secrets masked")
        func masked() async throws {
            let shop = try await Shop.open(suite, "mask")
            suite.partners.answer("/mask") { request in
                let seen = request["x-key"] ?? request["authorization"] ?? ""
                return .answer(200, headers: [("X-Echo", seen)], body: JSONValue.object(["tier": .string(seen)]).text)
            }
            let source: JSONValue = [
                "name": "secret_mask",
                "authentication": ["type": "apiKey", "name": "x-key", "value": "planted-mask-1", "in": "header"],
                "groups": [
                    [
                        "name": "account", "url": .string("\(suite.partners.url)/mask/source"),
                        "sample": ["tier": "gold"],
                    ]
                ],
            ]
            let action: JSONValue = [
                "name": "secret_mask", "url": .string("\(suite.partners.url)/mask/action"),
                "authentication": ["type": "basic", "user": "me", "password": "planted-mask-2"],
                "body": ["a": "b"], "response": ["tier": "x"],
            ]
            var answers = [
                try await suite.call(.dataSourceFetching, "dataSources.create", source),
                try await suite.call(.actionDispatch, "actions.create", action),
                try await suite.call(
                    .dataSourceFetching, "dataSources.test", ["name": "secret_mask", "group": "account"]),
                try await suite.call(.actionDispatch, "actions.test", ["name": "secret_mask"]),
                try await suite.call(.dataSourceFetching, "dataSources.get", ["name": "secret_mask"]),
                try await suite.call(.actionDispatch, "actions.get", ["name": "secret_mask"]),
            ]
            for service in [SuiteService.dataSourceFetching, .actionDispatch] {
                answers.append(try await suite.call(service, "config.export"))
            }
            #expect(answers[2]["response"]?["status"] == 200 && answers[3]["response"]?["status"] == 200)
            // What the third party really got.
            #expect(suite.partners.requests("/mask/source").first?["x-key"] == "planted-mask-1")
            #expect(suite.partners.requests("/mask/action").first?["authorization"] == "Basic bWU6cGxhbnRlZC1tYXNrLTI=")
            for answer in answers {
                for secret in ["planted-mask", "bWU6cGxhbnRlZC1tYXNrLTI="] {
                    #expect(!answer.text.contains(secret), "\(answer.text)")
                }
            }
            _ = shop
        }
    }
}
