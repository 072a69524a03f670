import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Journeys that read an audience")
    struct AudienceRunTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private var club: Club { Club(suite: suite) }

        @Test("Everyone in the audience enters, once, when it is published")
        func now() async throws {
            try await club.make("now", 10)
            let entry: JSONValue = [
                "id": "in", "type": "readAudience", "audience": "gold_now", "schedule": "now", "next": "rest",
            ]
            try await club.publish(Club.journey("sale_now", [entry]))
            try await eventually("the run is done") {
                try await suite.call(.journeyExecution, "journeys.runs", ["name": "sale_now"])["items"]?[0]?["state"]
                    == "done"
            }
            let runs = try await suite.call(.journeyExecution, "journeys.runs", ["name": "sale_now"])
            #expect(runs["items"]?[0]?["admitted"] == 5, "\(runs.text)")
            #expect(try await club.inside("sale_now") == ["now-0", "now-2", "now-4", "now-6", "now-8"])
        }

        @Test("A business event starts a run, and its payload is the event of those who enter")
        func business() async throws {
            let shop = try await Shop.open(suite, "biz")
            try await club.make("biz", 4)
            _ = try await suite.call(
                .eventIngestion, "events.create",
                [
                    "name": "price_biz", "schema": "order_biz", "type": "rule", "business": true,
                    "rule": "@event{price_biz.eventType} == \"biz.price\"",
                ])
            let nodes: [JSONValue] = [
                ["id": "in", "type": "businessEvent", "event": "price_biz", "next": "read"],
                ["id": "read", "type": "readAudience", "audience": "gold_biz", "next": "rest"],
            ]
            try await club.publish(Club.journey("sale_biz", nodes))
            let sent = try await shop.send([
                "_id": "biz-p1", "eventType": "biz.price", "customer": ["id": "nobody"], "order": ["id": "o-1"],
            ])
            #expect(sent["matched"]?[0]?["event"] == "price_biz", "\(sent.text)")
            try await eventually("the members are inside") { try await club.inside("sale_biz") == ["biz-0", "biz-2"] }
            let again = try await shop.send([
                "_id": "biz-p1", "eventType": "biz.price", "customer": ["id": "nobody"], "order": ["id": "o-1"],
            ])
            #expect(again["duplicate"] == true)
            let runs = try await suite.call(.journeyExecution, "journeys.runs", ["name": "sale_biz"])
            #expect(runs["items"]?.arrayValue?.count == 1 && runs["items"]?[0]?["event"] == "price_biz", "\(runs.text)")
        }
    }

    @Suite("Places under a cap, and messages without a channel")
    struct CapAndMessageTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        @Test("The first so many take the path, over all partitions, and everybody else the other")
        func cap() async throws {
            let shop = try await Shop.open(suite, "cap")
            let condition: JSONValue = [
                "id": "first", "type": "condition",
                "paths": [["label": "early", "cap": 3, "next": "early"]], "otherwise": ["next": "late"],
            ]
            try await shop.publish(
                shop.journey(
                    "flow",
                    [
                        condition, ["id": "early", "type": "wait", "for": "P1D"],
                        ["id": "late", "type": "wait", "for": "P1D"],
                    ]))
            for number in 0..<12 { try await shop.send(shop.event("p\(number)", id: "\(number)")) }
            var nodes: [String] = []
            try await eventually("everyone waits") {
                nodes = []
                for number in 0..<12 {
                    nodes += try await shop.instances("p\(number)").compactMap { $0["node"]?.stringValue }
                }
                return nodes.count == 12 && !nodes.contains("first")
            }
            #expect(nodes.count { $0 == "early" } == 3)
        }

        @Test("Without a channel a message fails and takes onError")
        func message() async throws {
            let shop = try await Shop.open(suite, "msg")
            let mail: JSONValue = [
                "id": "mail", "type": "email", "content": ["subject": "Hello", "text": "Hello"],
                "onError": ["next": "rest"],
            ]
            try await shop.publish(shop.journey("flow", [mail, ["id": "rest", "type": "wait", "for": "P1D"]]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "rest")
            try await eventually("the reason is on record") {
                try await shop.steps("a").contains { $0["node"] == "mail" && $0["code"] == "channelNotConfigured" }
            }
        }
    }
}
