import Models
import Redis
import TestKit
import Testing

extension SharedSuite {
    @Suite("Test mode")
    struct TestModeTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func test(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "test.\(method)", params)
        }

        private func makeTestProfile(_ id: String) async throws {
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                ["namespace": "crmId", "id": .string(id), "attributes": ["testProfile": true]])
        }

        private func trigger(_ shop: Shop, _ name: String, _ person: String, id: String) async throws -> JSONValue {
            try await test(
                "trigger",
                [
                    "journey": .string(name), "event": .string(shop.placed),
                    "profile": .string("\(shop.tag)-\(person)"),
                    "payload": shop.event(person, id: id),
                ])
        }

        private func log(_ name: String, until status: String) async throws -> [JSONValue] {
            var items: [JSONValue] = []
            try await eventually("the test says \(status)") {
                items = try await test("log", ["journey": .string(name)])["items"]?.arrayValue ?? []
                return items.contains { $0["kind"] == "left" && $0["status"] == .string(status) }
            }
            return items
        }

        @Test("A test runs with short waits, apart from live journeys, and sends nothing")
        func apart() async throws {
            let shop = try await Shop.open(suite, "tm")
            try await makeTestProfile("tm-a")
            try await shop.publish(shop.journey("live", [["id": "rest", "type": "wait", "for": "P1D"]]))
            let draft = shop.journey(
                "draft", [["id": "rest", "type": "wait", "for": "P1D", "next": "say"], shop.say("say", "hello")])
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            let name = "draft_tm"
            try await expectRefusal(-32011) { try await trigger(shop, name, "a", id: "0") }
            let begun = try await test("start", ["journey": .string(name), "waitTime": "PT0.1S"])
            #expect(begun["journey"] == .string(name))
            _ = try await trigger(shop, name, "a", id: "1")
            let items = try await log(name, until: "finished")
            #expect(items.first?["kind"] == "entered" && items.first?["version"] == 0)
            #expect(items.contains { $0["node"] == "say" && $0["code"] == "notSent" }, "\(items)")
            #expect(shop.texts("a") == [])
            #expect(try await shop.instances("a").isEmpty)
            let live = try await suite.all(
                .journeyReporting, "stepEvents.query", filter: ["journey": "live_tm", "profile": "tm-a"])
            #expect(live.isEmpty)

            try await expectRefusal(-32011) { try await trigger(shop, name, "b", id: "2") }
            try await expectRefusal(-32602) {
                try await test(
                    "trigger",
                    [
                        "journey": .string(name), "event": .string(shop.placed), "profile": "tm-a",
                        "payload": ["eventType": "tm.order"],
                    ])
            }
        }

        @Test("A forced path is taken whatever holds, and a stopped test leaves nothing behind")
        func forced() async throws {
            let shop = try await Shop.open(suite, "tmf")
            try await makeTestProfile("tmf-a")
            let condition: JSONValue = [
                "id": "tier", "type": "condition",
                "paths": [
                    ["label": "never", "next": "rest", "when": "1 > 2"],
                    ["label": "always", "next": "end", "when": "2 > 1"],
                ],
            ]
            let draft = shop.journey(
                "draft", [condition, ["id": "rest", "type": "wait", "for": "P1D"], ["id": "end", "type": "end"]])
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            _ = try await test("start", ["journey": "draft_tmf", "forced": ["tier": "never"]])
            _ = try await trigger(shop, "draft_tmf", "a", id: "1")
            try await eventually("the forced path was taken") {
                let items = try await test("log", ["journey": "draft_tmf"])["items"]?.arrayValue ?? []
                return items.contains { $0["node"] == "tier" && $0["path"] == "never" }
            }
            func left() async throws -> [String] {
                var found: [String] = []
                for partition in 0..<4 {
                    let keys = try await suite.redisClient.slow.send(
                        RedisCommand("KEYS", suite.key("*~test-draft_tmf*", partition)))
                    found += try keys.requireArray().compactMap(\.text)
                }
                return found
            }
            #expect(try await !left().isEmpty)
            _ = try await test("stop", ["journey": "draft_tmf"])
            try await eventually("nothing is left of it") { try await left().isEmpty }
            try await expectRefusal(-32011) { try await test("log", ["journey": "draft_tmf"]) }
        }
    }
}
