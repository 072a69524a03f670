import Foundation
import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("When and how a journey reads its audience")
    struct AudienceScheduleTests {
        private let suite: SojournSuite
        private let club: Club

        init() throws {
            suite = try RunningSuite.current
            club = Club(suite: suite)
        }

        private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

        private static func milliseconds(_ text: String) throws -> Int64 {
            let time = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
            return Int64((time.timeIntervalSince1970 * 1_000).rounded())
        }

        /// A node that reads the audience of the tag.
        private func reading(_ tag: String, _ more: JSONObject) -> JSONValue {
            var node: JSONObject = [
                "id": "in", "type": "readAudience", "audience": .string("gold_\(tag)"), "next": "rest",
            ]
            node.merge(more)
            return .object(node)
        }

        /// Publishes a journey that reads the audience of the tag whenever a price of that tag drops.
        private func publishSale(_ shop: Shop, _ more: JSONObject) async throws -> String {
            let tag = shop.tag
            try await suite.call(
                .eventIngestion, "events.create",
                [
                    "name": .string("price_\(tag)"), "schema": .string("order_\(tag)"), "type": "rule",
                    "business": true, "rule": .string("@event{price_\(tag).eventType} == \"\(tag).price\""),
                ])
            let start: JSONValue = [
                "id": "start", "type": "businessEvent", "event": .string("price_\(tag)"), "next": "in",
            ]
            try await club.publish(Club.journey("sale_\(tag)", [start, reading(tag, more)]))
            return "sale_\(tag)"
        }

        private func dropPrice(_ shop: Shop, _ id: String) async throws {
            try await shop.send([
                "_id": .string("\(shop.tag)-\(id)"), "eventType": .string("\(shop.tag).price"),
                "customer": ["id": "nobody"], "order": ["id": "o-1"],
            ])
        }

        @Test("At a time the members enter, once, and not before")
        func at() async throws {
            try await club.make("at", 6)
            let planned = (Self.now() / 1_000 + 2) * 1_000
            let entry = reading("at", ["schedule": ["at": .string(Timestamp.text(planned))]])
            try await club.publish(Club.journey("sale_at", [entry]))
            let runs = try await club.runs("sale_at", over: 1)
            #expect(runs.map { $0["run"] } == [.string("sale_at:1:\(planned)")])
            #expect(runs.first?["admitted"] == 3 && runs.first?["refused"] == 0, "\(runs)")
            #expect(try await club.inside("sale_at") == ["at-0", "at-2", "at-4"])
            try await eventually("the entries are stored") { try await club.steps("sale_at", "entered").count == 3 }
            let times = try await club.steps("sale_at", "entered").compactMap { $0["at"]?.stringValue }
            #expect(times.allSatisfy { $0 >= Timestamp.text(planned) }, "\(times)")
        }

        @Test(
            "A time that is past is refused at publication, in a new version too, and nobody enters",
            arguments: [false, true])
        func past(isNewVersion: Bool) async throws {
            let name = "sale_past\(isNewVersion)"
            try await club.make("past\(isNewVersion)", 4)
            let past = reading("past\(isNewVersion)", ["schedule": ["at": .string(Timestamp.text(Self.now() - 60_000))]])
            let never = reading("past\(isNewVersion)", ["schedule": ["cron": "0 9 30 2 *"]])
            let over: JSONObject = ["endAt": .string(Timestamp.text(Self.now() - 60_000))]
            if isNewVersion {
                let later = reading("past\(isNewVersion)", ["schedule": ["at": "2999-01-01"]])
                try await club.publish(Club.journey(name, [later]))
            } else {
                try await suite.call(.journeyExecution, "journeys.create", Club.journey(name, [never]))
            }
            let drafts: [(JSONValue, JSONObject, String)] = [
                (past, [:], "past"), (never, [:], "neverComes"), (past, over, "past"),
            ]
            for (node, properties, code) in drafts {
                let draft: JSONValue = [
                    "name": .string(name), "nodes": Club.journey(name, [node])["nodes"] ?? [],
                    "properties": .object(properties),
                ]
                try await suite.call(.journeyExecution, "journeys.update", draft)
                let found = try await suite.call(.journeyExecution, "journeys.validate", ["journey": .string(name)])
                let codes = (found["findings"]?.arrayValue ?? []).filter { $0["severity"] == "error" }
                    .compactMap { $0["code"]?.stringValue }
                #expect(codes.contains(code), "\(found.text)")
                try await expectRefusal(-32012) {
                    try await suite.call(.journeyExecution, "journeys.publish", ["name": .string(name)])
                }
            }
            #expect(try await club.inside(name) == [])
        }

        @Test(
            "By cron the members enter when a process's clock comes to the time, once though others come there later",
            .enabled(if: FakeClock.library != nil, "needs libfaketime"))
        func cron() async throws {
            try await club.make("cron", 4)
            try await club.publish(
                Club.journey("sale_cron", [reading("cron", ["schedule": ["cron": "* * * * *"]])]))
            let shown = try await suite.call(.journeyExecution, "journeys.get", ["name": "sale_cron"])
            let text = shown["versions"]?[0]?["publishedAt"]?.stringValue ?? ""
            let published = try Self.milliseconds(text)
            let planned = (published / 60_000 + 1) * 60_000
            // A process whose clock is there already: nobody waits a minute.
            let shift = max(0, (planned - Self.now()) / 1_000) + 1
            let early = try await suite.startReplica(
                of: .journeyExecution, environment: FakeClock.environment("+\(shift)s"))
            let runs = try await club.runs("sale_cron", over: 1)
            #expect(runs.last?["run"] == .string("sale_cron:1:\(planned)"), "\(runs)")
            #expect(runs.last?["admitted"] == 2, "\(runs)")
            #expect(try await early.terminate() == 0)
            try await suite.call(.journeyExecution, "journeys.pause", ["name": "sale_cron", "onAction": "hold"])
            #expect(runs.count { $0["run"] == .string("sale_cron:1:\(planned)") } == 1)
        }

        @Test("Who was read before is passed over by a journey that reads only who is new")
        func incremental() async throws {
            let shop = try await Shop.open(suite, "inc")
            try await club.make("inc", 6)
            let name = try await publishSale(shop, ["incremental": true])
            try await dropPrice(shop, "p1")
            #expect(try await club.runs(name, over: 1)[0]["admitted"] == 3)
            try await club.set("inc", 1, isMember: true)
            try await dropPrice(shop, "p2")
            let second = try await club.runs(name, over: 2)[0]
            #expect(second["admitted"] == 1 && second["refused"] == 0, "\(second.text)")
            #expect(try await club.inside(name) == ["inc-0", "inc-1", "inc-2", "inc-4"])
            try await dropPrice(shop, "p3")
            let third = try await club.runs(name, over: 3)[0]
            #expect(third["admitted"] == 0 && third["refused"] == 0, "\(third.text)")
        }

        @Test(
            "Who is inside is refused, or leaves and enters anew where re-entrance is forced", arguments: [false, true])
        func forced(isForced: Bool) async throws {
            let shop = try await Shop.open(suite, isForced ? "force" : "stay")
            try await club.make(shop.tag, 4)
            let name = try await publishSale(shop, ["forceReentrance": .bool(isForced)])
            for number in 1...2 {
                try await dropPrice(shop, "p\(number)")
                let run = try await club.runs(name, over: number)[0]
                let enters = number == 1 || isForced
                #expect(run["admitted"] == .integer(enters ? 2 : 0), "\(run.text)")
                #expect(run["refused"] == .integer(enters ? 0 : 2), "\(run.text)")
            }
            #expect(try await club.inside(name) == ["\(shop.tag)-0", "\(shop.tag)-2"])
            try await eventually("the entries are stored") {
                try await club.steps(name, "entered").count == (isForced ? 4 : 2)
            }
            let left = try await club.steps(name, "left").compactMap { $0["status"]?.stringValue }
            #expect(left == (isForced ? ["exited", "exited"] : []))
        }

        @Test("A rate is kept over all partitions")
        func rate() async throws {
            try await club.make("rate", 80)
            try await club.publish(Club.journey("sale_rate", [reading("rate", ["schedule": "now", "rate": 16])]))
            #expect(try await club.runs("sale_rate", over: 1)[0]["admitted"] == 40)
            try await eventually("the entries are stored") { try await club.steps("sale_rate", "entered").count == 40 }
            let times = try await club.steps("sale_rate", "entered").map { step in
                try Self.milliseconds(step["at"]?.stringValue ?? "")
            }
            // At once may come what a second makes, and in each partition one more.
            let least = Int64(40 - 16 - suite.settings.partitions) * 1_000 / 16
            #expect((times.max() ?? 0) - (times.min() ?? 0) >= least)
        }
    }
}
