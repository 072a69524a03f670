import Models
import Redis
import TestKit
import Testing

extension SharedSuite {
    @Suite("Dry run")
    struct DryRunTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func dryRun(_ method: String, _ name: String, _ more: JSONObject = [:]) async throws -> JSONValue {
            var params: JSONObject = ["journey": .string(name)]
            params.merge(more)
            return try await suite.call(.journeyExecution, "dryRun.\(method)", .object(params))
        }

        private func log(_ name: String, _ person: String) async throws -> [JSONValue] {
            try await dryRun("log", name, ["profile": .string(person)])["items"]?.arrayValue ?? []
        }

        /// Keys and members that name the run, whatever they hold.
        private func remains(_ run: String) async throws -> [String] {
            let redis = suite.redisClient.slow
            func texts(_ command: String, _ arguments: String...) async throws -> [String] {
                try await redis.send(RedisCommand(command, list: arguments)).requireArray().compactMap(\.text)
            }
            var found = try await texts("KEYS", "*\(run)*")
            for partition in 0..<4 {
                found += try await texts("HKEYS", suite.key("state", partition))
                found += try await texts("ZRANGE", suite.key("timers", partition), "0", "-1")
            }
            found += try await texts("HKEYS", "{sj:config}:trials") + texts("SMEMBERS", "{sj:config}:caps")
            return found.filter { $0.contains(run) }
        }

        @Test("Live events run through the draft beside the live version, apart from it, with nothing sent")
        func beside() async throws {
            let shop = try await Shop.open(suite, "dr")
            suite.partners.answer(shop.loyaltyPath) { _ in
                .answer(200, headers: [("Content-Type", "application/json")], body: #"{"tier":"gold","points":1}"#)
            }
            let rest: JSONValue = ["id": "rest", "type": "wait", "for": "P1D"]
            let name = try await shop.publish(shop.journey("flow", [shop.say("say", "real", next: "rest"), rest]))
            // The draft does more, and each of that apart.
            let early: JSONValue = [
                "id": "early", "type": "condition", "paths": [["label": "first", "cap": 1, "next": "tier"]],
                "otherwise": ["next": "tier"],
            ]
            let tier: JSONValue = [
                "id": "tier", "type": "condition",
                "paths": [["label": "gold", "when": shop.isGold(), "next": "note"]],
            ]
            let note: JSONValue = [
                "id": "note", "type": "updateProfile", "field": "firstName", "value": "\"dry\"", "next": "say",
            ]
            let parcel: JSONValue = [
                "id": "parcel", "type": "event", "event": .string(shop.delivered), "timeout": "P1D", "next": "rest",
            ]
            _ = try await suite.call(.journeyExecution, "journeys.newVersion", ["name": .string(name)])
            var draft =
                shop.journey("flow", [early, tier, note, shop.say("say", "dry", next: "parcel"), parcel, rest])
                .objectValue ?? [:]
            draft["name"] = .string(name)
            _ = try await suite.call(.journeyExecution, "journeys.update", .object(draft))
            let begun = try await dryRun("start", name)
            let run = begun["dryRun"]?.stringValue ?? ""
            #expect(run.hasPrefix("dryRun-\(name)-"))

            try await shop.send(shop.event("a", id: "1"))
            try await shop.send(shop.event("b", id: "2"))
            try await shop.waiting("a", at: "rest")
            try await eventually("the dry run listens") {
                try await log(name, "dr-a").contains { $0["node"] == "say" }
            }
            let items = try await log(name, "dr-a")
            #expect(items.contains { $0["node"] == "say" && $0["code"] == "notSent" }, "\(items)")
            #expect(items.allSatisfy { $0["run"] == .string(run) && $0["runKind"] == "dryRun" && $0["version"] == 0 })
            #expect(items.contains { $0["node"] == "tier" && $0["path"] == "gold" })
            #expect(shop.texts("a") == ["real"] && shop.texts("b") == ["real"])
            let profile = try? await suite.call(
                .dataSourceFetching, "profiles.get", ["namespace": "crmId", "id": "dr-a"])
            #expect(profile?["attributes"]?["firstName"] == nil)

            // It moves by live events too, while the real one does not listen to them.
            try await shop.send(shop.event("a", id: "3", delivered: true))
            try await eventually("the parcel is seen by the dry run") {
                try await log(name, "dr-a").contains { $0["node"] == "parcel" && $0["path"] == "next" }
            }
            #expect(try await shop.instances("a").count == 1)
            try await isLeftOutOfReports(name, run)
            let entered = try await suite.all(
                .journeyReporting, "stepEvents.query", filter: ["run": .string(run), "kind": "entered"])
            #expect(entered.count == 2)
            let traced = try await suite.call(.journeyExecution, "trace.event", ["id": "dr-1"])
            let kinds = (traced["items"]?.arrayValue ?? []).map { $0["runKind"] ?? "real" }
            #expect(Set(kinds) == ["real", "dryRun"])

            #expect(try await !remains(run).isEmpty)
            _ = try await dryRun("stop", name)
            // Places under a cap go with the next look at what is over.
            try await eventually(within: .seconds(40), "nothing is left of it") { try await remains(run).isEmpty }
            try await shop.send(shop.event("c", id: "4"))
            try await shop.waiting("c", at: "rest")
            #expect(try await remains(run).isEmpty)
            try await expectRefusal(-32011) { try await dryRun("log", name) }
            #expect(try await shop.instances("a").count == 1)
        }

        /// Neither counts nor people inside are of the dry run, unless it is asked for.
        private func isLeftOutOfReports(_ name: String, _ run: String) async throws {
            try await eventually("the report knows of both") {
                let report = try await suite.call(.journeyReporting, "reports.journey", ["name": .string(name)])
                return report["totals"]?["entered"] == 2
            }
            let report = try await suite.call(.journeyReporting, "reports.journey", ["name": .string(name)])
            #expect(report["totals"]?["inProgress"] == 2, "\(report)")
            let own = try await suite.call(
                .journeyReporting, "reports.journey", ["name": .string(name), "run": .string(run)])
            #expect(own["totals"]?["entered"] == 2, "\(own)")
            let live = try await suite.call(.journeyReporting, "reports.live", ["name": .string(name)])
            #expect(live["sinceStart"]?["totals"]?["entered"] == 2, "\(live)")
            let shown = try await suite.call(.journeyExecution, "journeys.get", ["name": .string(name)])
            #expect(shown["inside"] == 2, "\(shown)")
        }

        @Test("Who jumps stays in the dry run, and nobody else enters the other journey by it")
        func jumps() async throws {
            let shop = try await Shop.open(suite, "drj")
            let rest: JSONValue = ["id": "rest", "type": "wait", "for": "P1D"]
            let other = try await shop.publish(shop.journey("other", [shop.say("say", "other", next: "rest"), rest]))
            let person: JSONValue = .string("@event{\(shop.placed).customer.id}")
            let draft = shop.journey(
                "draft",
                [["id": "go", "type": "jump", "journey": .string(other), "parameters": ["customer.id": person]]])
            _ = try await suite.call(.journeyExecution, "journeys.create", draft)
            _ = try await dryRun("start", "draft_drj")
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "rest")
            try await eventually("the jump was followed") {
                try await log("draft_drj", "drj-a").contains { $0["node"] == "say" && $0["code"] == "notSent" }
            }
            let items = try await log("draft_drj", "drj-a")
            #expect(items.filter { $0["kind"] == "entered" }.count == 2, "\(items)")
            #expect(shop.texts("a") == ["other"], "the real event went there by itself, once")
            let run = try await dryRun("stop", "draft_drj")["dryRun"]?.stringValue ?? ""
            try await eventually("nothing is left of it") { try await remains(run).isEmpty }
        }

        @Test("A profile that the dry run changes makes a member for the dry run alone")
        func audiences() async throws {
            let shop = try await Shop.open(suite, "dra")
            _ = try await suite.call(
                .dataSourceFetching, "audiences.create",
                ["name": "gold_dra", "rule": "#{profile.firstName} == \"gold dra\""])
            try await eventually("the audience is evaluated") {
                try await suite.call(.dataSourceFetching, "audiences.get", ["name": "gold_dra"])["evaluation"]?["state"]
                    == "done"
            }
            let nodes: [JSONValue] = [
                [
                    "id": "gild", "type": "updateProfile", "field": "firstName", "value": "\"gold dra\"",
                    "next": "gold",
                ],
                ["id": "gold", "type": "audience", "audience": "gold_dra", "change": "entered", "next": "tell"],
                [
                    "id": "tell", "type": "condition",
                    "paths": [["label": "member", "when": "inAudience(\"gold_dra\")", "next": "rest"]],
                ], ["id": "rest", "type": "wait", "for": "P1D"],
            ]
            _ = try await suite.call(.journeyExecution, "journeys.create", shop.journey("draft", nodes))
            _ = try await dryRun("start", "draft_dra")
            try await shop.send(shop.event("a", id: "1"))
            try await eventually("the change is seen in the dry run") {
                try await log("draft_dra", "dra-a").contains { $0["node"] == "tell" && $0["path"] == "member" }
            }
            let members = try await suite.call(.dataSourceFetching, "audiences.members", ["name": "gold_dra"])
            #expect(members["items"]?.arrayValue?.isEmpty == true, "\(members)")
            _ = try await dryRun("stop", "draft_dra")
        }

        @Test("What cannot run dry is refused with the reason")
        func refused() async throws {
            let shop = try await Shop.open(suite, "drr")
            try await expectRefusal(-32004) { try await dryRun("start", "nothing_drr") }
            _ = try await suite.call(
                .journeyExecution, "journeys.create",
                shop.journey("empty", [["id": "go", "type": "jump", "journey": "nowhere"]]))
            try await expectRefusal(-32012) { try await dryRun("start", "empty_drr") }
            try await expectRefusal(-32011) { try await dryRun("stop", "empty_drr") }
        }
    }
}
