import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Journeys")
    struct JourneyTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func journeys(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "journeys.\(method)", params)
        }

        @Test("A draft may be incomplete, and is published only when nothing is wrong with it")
        func publication() async throws {
            let shop = try await Shop.open(suite, "pub")
            let made = try await journeys("create", ["name": "empty_pub"])
            #expect(made["revision"] == 1 && made["state"] == "draft" && made["hasDraft"] == true)
            try await expectRefusal(-32012) { try await journeys("publish", ["name": "empty_pub"]) }

            var wrong = shop.journey("wrong", [shop.say("hello", "hello", next: "nowhere")]).objectValue ?? [:]
            _ = try await journeys("create", .object(wrong))
            let data = try await expectRefusal(-32012) { try await journeys("publish", ["name": "wrong_pub"]) }
            let finding = try #require(data["findings"]?.arrayValue?.first { $0["severity"] == "error" })
            #expect(finding["code"]?.stringValue?.isEmpty == false)
            #expect(finding["node"] == "hello")
            #expect(finding["message"]?.stringValue?.isEmpty == false)
            let validated = try await journeys("validate", ["journey": "wrong_pub"])
            #expect(validated["findings"] == data["findings"])

            wrong["nodes"] = shop.journey("wrong", [shop.say("hello", "hello")])["nodes"]
            #expect(try await journeys("update", .object(wrong))["revision"] == 2)
            let published = try await journeys("publish", ["name": "wrong_pub"])
            #expect(published["state"] == "live" && published["version"] == 1 && published["hasDraft"] == false)
            try await expectRefusal(-32011) { try await journeys("publish", ["name": "wrong_pub"]) }
            try await expectRefusal(-32004) { try await journeys("get", ["name": "nobody_pub"]) }
        }

        @Test("A change based on an old revision is refused and says the current one")
        func revisions() async throws {
            let made = try await journeys("create", ["name": "draft_rev"])
            let changed = try await journeys(
                "update", ["name": "draft_rev", "description": "one", "revision": made["revision"] ?? .null])
            #expect(changed["revision"] == 2 && changed["description"] == "one")
            for method in ["update", "publish", "delete"] {
                let data = try await expectRefusal(-32009) {
                    try await journeys(method, ["name": "draft_rev", "revision": 1])
                }
                #expect(data["revision"] == 2 || data["current"] == 2, "\(data.text)")
            }
            try await expectRefusal(-32009) { try await journeys("create", ["name": "draft_rev"]) }
            let emptied = try await journeys("update", ["name": "draft_rev", "description": nil])
            #expect(emptied["description"] == nil)
        }

        @Test("People inside stay on their version; the next event enters the new one")
        func versions() async throws {
            let shop = try await Shop.open(suite, "ver")
            let parcel: JSONValue = ["id": "parcel", "type": "event", "event": .string(shop.delivered), "next": "say"]
            let first = shop.journey("flow", [parcel, shop.say("say", "first")])
            let name = try await shop.publish(first)
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "parcel")

            let second = shop.journey("flow", [parcel, shop.say("say", "second")])
            _ = try await journeys("update", second)
            let published = try await journeys("publish", ["name": .string(name)])
            #expect(published["version"] == 2)
            try await shop.send(shop.event("b", id: "2"))
            try await shop.waiting("b", at: "parcel")
            try await shop.send(shop.event("a", id: "3", delivered: true))
            try await shop.send(shop.event("b", id: "4", delivered: true))
            try await shop.statuses("a")
            try await shop.statuses("b")
            #expect(shop.texts("a") == ["first"])
            #expect(shop.texts("b") == ["second"])

            let versions = try await journeys("versions", ["name": .string(name)])["items"]?.arrayValue ?? []
            #expect(versions.map { $0["version"] } == [1, 2])
            #expect(versions.last?["state"] == "live")
            #expect(versions.first?["state"] != "live")
            let old = try await journeys("get", ["name": .string(name), "version": 1])
            #expect(old["nodes"]?.text.contains("first") == true)
        }

        @Test("A closed journey takes nobody in and lets those inside go on")
        func closed() async throws {
            let shop = try await Shop.open(suite, "close")
            let parcel: JSONValue = ["id": "parcel", "type": "event", "event": .string(shop.delivered), "next": "say"]
            let name = try await shop.publish(shop.journey("flow", [parcel, shop.say("say", "bye")]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "parcel")
            #expect(try await journeys("close", ["name": .string(name)])["state"] == "closed")
            try await expectRefusal(-32011) { try await journeys("delete", ["name": .string(name)]) }
            try await shop.send(shop.event("b", id: "2"))
            try await shop.send(shop.event("a", id: "3", delivered: true))
            #expect(try await shop.statuses("a") == ["finished"])
            try await eventually("the refusal is known") {
                try await shop.steps("b").contains { $0["kind"] == "refused" && $0["code"] == "notLive" }
            }
            #expect(shop.texts("a") == ["bye"])
            #expect(shop.texts("b") == [])
            #expect(try await journeys("get", ["name": .string(name)])["inside"] == 0)
        }

        @Test("Stopping leads everyone out, and a late outcome of theirs moves nothing")
        func stopped() async throws {
            let shop = try await Shop.open(suite, "stop")
            suite.partners.answer(shop.smsPath) { _ in .answer(200, body: #"{"id":"m-1"}"#, after: .milliseconds(800)) }
            let parcel: JSONValue = ["id": "parcel", "type": "event", "event": .string(shop.delivered), "next": "say"]
            let name = try await shop.publish(
                shop.journey("flow", [parcel, shop.say("say", "one", next: "more"), shop.say("more", "two")]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "parcel")
            try await shop.send(shop.event("b", id: "2"))
            try await shop.waiting("b", at: "parcel")
            try await shop.send(shop.event("b", id: "3", delivered: true))
            try await eventually("the action is under way") { shop.texts("b") == ["one"] }
            #expect(try await journeys("stop", ["name": .string(name)])["state"] == "stopped")
            #expect(try await shop.statuses("a") == ["stopped"])
            #expect(try await shop.statuses("b") == ["stopped"])
            try await eventually("the late outcome is noted") {
                try await shop.steps("b").contains { $0["kind"] == "noted" }
            }
            #expect(shop.texts("b") == ["one"])
            try await eventually("nobody is inside") {
                try await journeys("get", ["name": .string(name)])["inside"] == 0
            }
            _ = try await journeys("delete", ["name": .string(name)])
            try await expectRefusal(-32004) { try await journeys("get", ["name": .string(name)]) }
        }

        @Test("What a journey uses cannot be deleted, and says where it is used")
        func inUse() async throws {
            let shop = try await Shop.open(suite, "use")
            let condition: JSONValue = [
                "id": "tier", "type": "condition",
                "paths": [["label": "gold", "next": "say", "when": shop.isGold()]],
            ]
            let name = try await shop.publish(shop.journey("flow", [condition, shop.say("say", "hello")]))
            let uses: [(SuiteService, String, String)] = [
                (.eventIngestion, "events", shop.placed), (.dataSourceFetching, "dataSources", shop.source),
                (.actionDispatch, "actions", shop.action),
            ]
            for (service, family, used) in uses {
                let data = try await expectRefusal(-32010) {
                    try await suite.call(service, "\(family).delete", ["name": .string(used)])
                }
                #expect(data["usedIn"]?.text.contains(name) == true, "\(data.text)")
                let found = try await suite.call(service, "\(family).usedIn", ["name": .string(used)])
                #expect(found.text.contains(name))
            }
            try await expectRefusal(-32010) {
                try await suite.call(.eventIngestion, "schemas.delete", ["name": "order_use"])
            }
            _ = try await journeys("stop", ["name": .string(name)])
            try await eventually("nobody is inside") {
                try await journeys("get", ["name": .string(name)])["inside"] == 0
            }
            _ = try await journeys("delete", ["name": .string(name)])
            for (service, family, used) in uses {
                try await suite.call(service, "\(family).delete", ["name": .string(used)])
            }
        }

        @Test("A person inside is found by person, journey, node and id, and can be led out")
        func instances() async throws {
            let shop = try await Shop.open(suite, "inst")
            let name = try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            for number in 1...3 { try await shop.send(shop.event("p\(number)", id: "\(number)")) }
            let place = try await shop.waiting("p1", at: "rest")
            try await shop.waiting("p2", at: "rest")
            try await shop.waiting("p3", at: "rest")
            #expect(place["phase"] == "listening" && place["status"] == "running" && place["version"] == 1)

            let inside = try await suite.all(
                .journeyExecution, "instances.list", filter: ["journey": .string(name), "node": "rest"])
            #expect(Set(inside.compactMap { $0["profile"]?.stringValue }) == ["inst-p1", "inst-p2", "inst-p3"])
            var seen: [JSONValue] = []
            var params: JSONObject = ["filter": ["journey": .string(name)], "limit": 1]
            repeat {
                let page = try await suite.call(.journeyExecution, "instances.list", .object(params))
                #expect((page["items"]?.arrayValue?.count ?? 0) <= 1)
                seen += page["items"]?.arrayValue ?? []
                params["cursor"] = page["cursor"]
            } while params["cursor"] != nil && seen.count < 10
            #expect(seen.count == 3)
            #expect(try await journeys("get", ["name": .string(name)])["inside"] == 3)

            let id = place["id"] ?? .null
            let whole = try await suite.call(.journeyExecution, "instances.get", ["id": id])
            #expect(whole["profile"] == "inst-p1" && whole["state"] != nil)
            let ended = try await suite.call(.journeyExecution, "instances.end", ["id": id])
            #expect(ended["accepted"] == true)
            let audit = try await suite.all(.console, "audit.list", filter: ["kind": "instances", "name": id])
            #expect(audit.map { $0["action"] } == ["end"])
            #expect(try await shop.statuses("p1") == ["stopped"])
            #expect(try await shop.instances("p1").isEmpty)
            try await expectRefusal(-32004) { try await suite.call(.journeyExecution, "instances.get", ["id": id]) }
            try await expectRefusal(-32602) { try await suite.call(.journeyExecution, "instances.list") }
        }

        @Test("A person who is inside, and one who may not return, are refused with the reason")
        func reentrance() async throws {
            let shop = try await Shop.open(suite, "re")
            let parcel: JSONValue = ["id": "parcel", "type": "event", "event": .string(shop.delivered)]
            try await shop.publish(shop.journey("flow", properties: ["reentrance": ["allowed": false]], [parcel]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.send(shop.event("a", id: "2"))
            try await shop.send(shop.event("a", id: "3", delivered: true))
            #expect(try await shop.statuses("a") == ["finished"])
            try await shop.send(shop.event("a", id: "4"))
            var codes: [String] = []
            try await eventually("both refusals are known") {
                codes = try await shop.steps("a").filter { $0["kind"] == "refused" }
                    .compactMap { $0["code"]?.stringValue }
                return codes.count >= 2
            }
            #expect(codes == ["alreadyInside", "reentranceOff"])
        }
    }
}
