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

        private func advance(_ name: String, _ by: String) async throws -> JSONValue {
            try await test("advance", ["journey": .string(name), "by": .string(by)])
        }

        private func items(_ name: String, of person: String? = nil) async throws -> [JSONValue] {
            var params: JSONObject = ["journey": .string(name)]
            if let person { params["profile"] = .string(person) }
            return try await test("log", .object(params))["items"]?.arrayValue ?? []
        }

        @Test("By a virtual clock weeks pass at once, each step at its own time, with look-ups on the way")
        func virtualClock() async throws {
            let shop = try await Shop.open(suite, "tmv")
            try await makeTestProfile("tmv-a")
            suite.partners.answer(shop.loyaltyPath) { _ in
                .answer(200, headers: [("Content-Type", "application/json")], body: #"{"tier":"gold","points":1}"#)
            }
            let draft = shop.journey(
                "draft", properties: ["timezone": "Europe/Paris"],
                [
                    ["id": "week", "type": "wait", "for": "P7D", "next": "tier"],
                    [
                        "id": "tier", "type": "condition",
                        "paths": [["label": "gold", "when": shop.isGold(), "next": "morning"]],
                    ],
                    ["id": "morning", "type": "wait", "at": ["time": "08:30"], "next": "parcel"],
                    [
                        "id": "parcel", "type": "event", "event": .string(shop.delivered), "timeout": "P2D",
                        "next": "say", "onTimeout": ["next": "late"],
                    ],
                    shop.say("say", "thanks"), ["id": "late", "type": "end"],
                ])
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            let name = "draft_tmv"
            let begun = try await test(
                "start",
                ["journey": .string(name), "virtualClock": "2026-03-21T09:00:00+01:00", "sendActions": true])
            #expect(begun["now"] == "2026-03-21T08:00:00.000Z")
            // Two within a millisecond are two, whatever their payloads say of it.
            var order = shop.event("a", id: "1").objectValue ?? [:]
            order["_id"] = nil
            let parameters: JSONValue = [
                "journey": .string(name), "event": .string(shop.placed), "profile": "tmv-a", "payload": .object(order),
            ]
            async let first = test("trigger", parameters)
            async let second = test("trigger", parameters)
            #expect(try await first["id"] != second["id"])

            let moved = try await advance(name, "P8D")
            #expect(moved["now"] == "2026-03-29T08:00:00.000Z" && moved["reached"] == true, "\(moved)")
            var parcel = shop.event("a", id: "2", delivered: true).objectValue ?? [:]
            parcel["_id"] = nil
            _ = try await test(
                "trigger",
                [
                    "journey": .string(name), "event": .string(shop.delivered), "profile": "tmv-a",
                    "payload": .object(parcel),
                ])
            var told: [JSONValue] = []
            try await eventually("the test is over") {
                told = try await items(name, of: "tmv-a")
                return told.contains { $0["kind"] == "left" }
            }
            func time(_ node: String) -> JSONValue? { told.last { $0["node"] == .string(node) }?["at"] }
            #expect(time("week") == "2026-03-28T08:00:00.000Z")
            #expect(time("tier") == "2026-03-28T08:00:00.000Z")
            // The clocks were put forward in that night.
            #expect(time("morning") == "2026-03-29T06:30:00.000Z")
            #expect(time("parcel") == "2026-03-29T08:00:00.000Z")
            #expect(time("say") == "2026-03-29T08:00:00.000Z")
            #expect(shop.texts("a") == ["thanks"])
            #expect(told.allSatisfy { $0["at"]?.stringValue?.hasPrefix("2026-03-2") == true }, "\(told)")
            let log = try await test("log", ["journey": .string(name)])
            #expect(log["clock"]?["now"] == "2026-03-29T08:00:00.000Z")

            try await expectRefusal(-32602) { try await advance(name, "-P1D") }
            try await expectRefusal(-32602) { try await advance(name, "P11Y") }
            _ = try await test("start", ["journey": .string(name)])
            try await expectRefusal(-32011) { try await advance(name, "P1D") }
            try await expectRefusal(-32602) {
                try await test("start", ["journey": .string(name), "virtualClock": "tomorrow"])
            }
            _ = try await test("stop", ["journey": .string(name)])
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
