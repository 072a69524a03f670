import Foundation
import HTTPClient
import Models
import Redis
import TestKit
import Testing

/// journey-reporting as a process of its own, fed with step events by the test.
@Suite("Journey-reporting", .serialized)
struct ReportingTests {
    private static func start(_ environment: [String: String] = [:]) async throws -> SojournSuite {
        try await SojournSuite.start(
            SuiteSettings(
                services: [.journeyReporting, .console], environment: [.journeyReporting: environment],
                logLevel: "debug"))
    }

    private func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    private func waitUntilDrained(_ suite: SojournSuite) async throws {
        try await eventually(within: .seconds(40), "all step events are stored") {
            for partition in 0..<suite.settings.partitions {
                let length = try await suite.redisClient.node(forPartition: partition).send(
                    RedisCommand("LLEN", suite.key("steps", partition)))
                if length.integerValue != 0 { return false }
            }
            return (try? await suite.call(.journeyReporting, "stepEvents.query", ["limit": 1])) != nil
        }
    }

    /// The whole export, page by page.
    private func export(_ suite: SojournSuite, _ format: String, filter: JSONValue = [:]) async throws -> String {
        var text = ""
        var params: JSONObject = ["format": .string(format), "filter": filter, "limit": 700]
        repeat {
            let page = try await suite.call(.journeyReporting, "stepEvents.export", .object(params))
            text += page["text"]?.stringValue ?? ""
            params["cursor"] = page["cursor"]
        } while params["cursor"] != nil
        return text
    }

    @Test("Each step event is stored once though the process is killed again and again, and reports are a recount")
    func kills() async throws {
        let suite = try await Self.start()
        var feed = StepFeed(suite)
        let at = now()
        for round in 0..<6 {
            for number in 0..<200 {
                let records = feed.way("welcome", failing: number % 5 == 0, at: at)
                try await feed.commit(records, to: number % suite.settings.partitions)
            }
            if round < 5 { try await suite.service(.journeyReporting).restart() }
        }
        try await waitUntilDrained(suite)
        let rows = try (try await export(suite, "jsonl")).split(separator: "\n").map { try JSONValue.parse(String($0)) }
        let places = rows.map { "\($0["partition"]?.integerValue ?? -1):\($0["number"]?.integerValue ?? -1)" }
        let expected = feed.appended.flatMap { item in
            item.record.events.indices.map { "\(item.partition):\(item.number + Int64($0))" }
        }
        #expect(places.count == expected.count)
        #expect(Set(places) == Set(expected))

        let report = try await suite.call(
            .journeyReporting, "reports.journey",
            ["name": "welcome", "from": .string(Timestamp.text(at - 60_000)), "interval": "PT1M"])
        func count(_ kind: String, _ status: String? = nil) -> JSONValue {
            JSONValue(
                rows.count { row in
                    row["kind"] == .string(kind) && (status == nil || row["status"] == .string(status ?? ""))
                })
        }
        #expect(report["totals"]?["entered"] == count("entered"))
        #expect(report["totals"]?["finished"] == count("left", "finished"))
        #expect(report["totals"]?["failed"] == count("left", "error"))
        #expect(report["totals"]?["inProgress"] == 0)
        #expect(report["failedByReason"]?[0]?["reason"] == "http_503")
        let thank = report["nodes"]?.arrayValue?.first { $0["node"] == "thank" }
        #expect(thank?["passed"] == JSONValue(rows.count { $0["node"] == "thank" && $0["status"] == "ok" }))
        #expect(thank?["action"]?["latency"]?["count"] == 1_200)
        let entered = report["buckets"]?.arrayValue?.reduce(0) { $0 + ($1["entered"]?.integerValue ?? 0) }
        #expect(entered == 1_200)
        let live = try await suite.call(.journeyReporting, "reports.live", ["name": "welcome"])
        for member in ["totals", "failedByReason", "refusals"] {
            #expect(live["sinceStart"]?[member] == report[member], "\(live.text)")
        }
        let csv = try await export(suite, "csv", filter: ["node": "thank", "status": "error"])
        #expect(csv.split(separator: "\r\n").count == 1 + 240)
        await suite.close()
    }

    @Test("What cannot be reported is refused with the parameter, and a journey that nobody knows is not found")
    func refusals() async throws {
        let suite = try await Self.start()
        try await waitUntilDrained(suite)
        for (params, path) in [
            (["name": "j", "interval": "a while"], "/interval"), (["name": "j", "interval": "PT1S"], "/interval"),
            (["name": "j", "from": "yesterday"], "/from"),
            (["name": "j", "from": "2020-01-01T00:00:00Z", "interval": "PT1H"], "/interval"),
        ] as [(JSONValue, String)] {
            let data = try await expectRefusal(-32602) {
                try await suite.call(.journeyReporting, "reports.journey", params)
            }
            #expect(data["problems"]?[0]?["path"] == .string(path), "\(data.text)")
        }
        try await expectRefusal(-32004) {
            try await suite.call(.journeyReporting, "reports.journey", ["name": "nobody"])
        }
        try await expectRefusal(-32004) { try await suite.call(.journeyReporting, "reports.live", ["name": "nobody"]) }
        try await expectRefusal(-32602) {
            try await suite.call(.journeyReporting, "stepEvents.export", ["format": "xml"])
        }
        await suite.close()
    }

    @Test("An alert fires and is resolved at its webhook, signed, and told again where the webhook failed")
    func alerts() async throws {
        let suite = try await Self.start(["SOJOURN_ALERT_EVERY": "200ms"])
        let answers = [500, 204, 204, 204]
        suite.partners.answer("/hook") { _ in
            .answer(answers[min(suite.partners.requests("/hook").count, answers.count) - 1])
        }
        let secret = "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString()
        let made = try await suite.call(
            .journeyReporting, "alerts.create",
            [
                "name": "errors", "kind": "errorRate", "journey": "welcome", "threshold": 0.5, "window": "PT10M",
                "webhook": ["url": .string(suite.partners.url + "/hook"), "secret": .string(secret)],
            ])
        #expect(made["state"] == "ok" && made["webhook"]?["secret"]?.stringValue != secret)
        var feed = StepFeed(suite)
        for failing in [true, false] { try await feed.commit(feed.way("welcome", failing: failing, at: now())) }
        try await eventually(within: .seconds(30), "the webhook took that the alert fires") {
            suite.partners.requests("/hook").count >= 2
        }
        let shown = try await suite.call(.journeyReporting, "alerts.get", ["name": "errors"])
        #expect(shown["state"] == "firing" && shown["value"]?.decimalValue == 0.5)
        _ = try await suite.call(.journeyReporting, "alerts.update", ["name": "errors", "threshold": 0.9])
        try await eventually(within: .seconds(20), "the webhook took that the alert is resolved") {
            suite.partners.bodies("/hook").contains { $0["type"] == "alert.resolved" }
        }
        let requests = suite.partners.requests("/hook")
        #expect(
            suite.partners.bodies("/hook").map { $0["type"] } == ["alert.firing", "alert.firing", "alert.resolved"])
        #expect(requests[0]["webhook-id"] == requests[1]["webhook-id"])
        #expect(requests.allSatisfy { $0["webhook-signature"]?.hasPrefix("v1,") == true })
        let history = try await suite.call(.journeyReporting, "alerts.history", ["name": "errors"])
        #expect(history["items"]?.arrayValue?.map { $0["state"] } == ["ok", "firing"])
        let tested = try await suite.call(.journeyReporting, "alerts.test", ["name": "errors"])
        #expect(tested["delivered"] == true && tested["status"] == "http_204")
        try await expectRefusal(-32004) { try await suite.call(.journeyReporting, "alerts.test", ["name": "nobody"]) }
        await suite.close()
    }

    @Test("Alerts see dead letters, old queues, dropped people and that nobody entered")
    func kinds() async throws {
        let suite = try await Self.start(["SOJOURN_ALERT_EVERY": "200ms"])
        suite.partners.answer("/hook") { _ in .answer(204) }
        let hook: JSONValue = ["url": .string(suite.partners.url + "/hook")]
        for (name, kind, threshold) in [
            ("dead", "deadLetters", 1), ("old", "queueAge", 30), ("dropped", "discards", 1),
        ] as [(String, String, Int64)] {
            _ = try await suite.call(
                .journeyReporting, "alerts.create",
                ["name": .string(name), "kind": .string(kind), "threshold": .integer(threshold), "webhook": hook])
        }
        let redis = suite.redisClient.node(forPartition: 0)
        _ = try await redis.send(RedisCommand("RPUSH", suite.key("actions:dead", 0), #"{"kind":"action","at":1}"#))
        _ = try await redis.send(
            RedisCommand("RPUSH", suite.key("inbox", 0), #"{"kind":"event","at":\#(now() - 60_000)}"#))
        var feed = StepFeed(suite)
        var refused = StepEvent(step: 0, kind: .refused, at: now())
        refused.code = "tooMany"
        try await feed.commit([
            StepRecord(
                person: Person(namespace: "crmId", id: "1"), journey: "j", version: 1, instance: nil, stimulus: "e",
                events: [refused])
        ])
        func states() async throws -> [JSONValue] {
            try await suite.all(.journeyReporting, "alerts.list").map { $0["state"] ?? .null }
        }
        try await eventually(within: .seconds(30), "all fire") { try await states() == ["firing", "firing", "firing"] }
        _ = try await redis.send(RedisCommand("DEL", suite.key("actions:dead", 0), suite.key("inbox", 0)))
        try await eventually(within: .seconds(30), "two are resolved") {
            try await states().count { $0 == "ok" } == 2
        }
        await suite.close()
    }

    @Test("A live view gets the sums at once and after each change, and ends with the session")
    func live() async throws {
        let suite = try await Self.start()
        var feed = StepFeed(suite)
        try await feed.commit(feed.way("welcome", at: now()))
        try await waitUntilDrained(suite)
        let opened = try await suite.send(
            .console, "/session", body: JSONValue.object(["key": .string(suite.adminKey)]).bytes,
            headers: ["Content-Type": "application/json"])
        let cookie = try #require(opened.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
        let port = suite.service(.console).port
        let unknown = try EventStream(port: port, path: "/live/nobody", headers: [("Cookie", cookie)])
        try await eventually("it is refused") { unknown.status == 404 }
        let nobody = try EventStream(port: port, path: "/live/welcome")
        try await eventually("it is refused") { nobody.status == 401 }
        let foreign = try EventStream(
            port: port, path: "/live/welcome", headers: [("Cookie", cookie), ("Sec-Fetch-Site", "cross-site")])
        try await eventually("it is refused") { foreign.status == 403 }

        let stream = try EventStream(port: port, path: "/live/welcome", headers: [("Cookie", cookie)])
        func entered() -> Int64? { stream.events.last?.data["sinceStart"]?["totals"]?["entered"]?.integerValue }
        try await eventually("the sums came") { entered() == 1 }
        for number in 2...4 as ClosedRange<Int64> {
            try await feed.commit(feed.way("welcome", at: now()))
            try await eventually("the new sums came") { entered() == number }
        }
        let last = try #require(stream.events.last?.data)
        let report = try await suite.call(.journeyReporting, "reports.live", ["name": "welcome"])
        #expect(last["sinceStart"] == report["sinceStart"])
        #expect(last["lastMinute"]?["totals"]?["entered"] == 4)

        let csrf = try #require(try JSONValue.parse(opened.body)["csrfToken"]?.stringValue)
        let ended = try await suite.send(
            .console, "/session", .delete, headers: ["Cookie": cookie, "X-CSRF-Token": csrf])
        #expect(ended.status == 204)
        try await eventually(within: .seconds(30), "the view ended") { stream.events.last?.type == "end" }
        try await eventually("the answer is over") { stream.isOver }
        await suite.close()
    }

    @Test("The console ends though a live view is open")
    func shutdown() async throws {
        let suite = try await Self.start()
        var feed = StepFeed(suite)
        try await feed.commit(feed.way("welcome", at: now()))
        try await waitUntilDrained(suite)
        let stream = try EventStream(
            port: suite.service(.console).port, path: "/live/welcome",
            headers: [("Authorization", "Bearer \(suite.adminKey)")])
        try await eventually("the sums came") { !stream.events.isEmpty }
        #expect(try await suite.service(.console).terminate() == 0)
        await suite.close()
    }
}
