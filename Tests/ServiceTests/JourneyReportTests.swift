import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Reports of journeys that ran")
    struct JourneyReportTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        @Test("Live figures, the report and a recount of the step events agree, and the command line shows them")
        func agreement() async throws {
            let shop = try await Shop.open(suite, "rep")
            suite.partners.answer(shop.smsPath) { request in
                request.text.contains("rep-bad") ? .answer(400) : .answer(200, body: #"{"id":"m-1"}"#)
            }
            let name = try await shop.publish(shop.journey("counted", [shop.say("say", "hello")]))
            for person in ["a", "b", "bad"] {
                try await shop.send(shop.event(person, id: person))
                try await shop.statuses(person, journey: name)
            }
            let rows = try await suite.all(.journeyReporting, "stepEvents.query", filter: ["journey": .string(name)])
            let report = try await suite.call(.journeyReporting, "reports.journey", ["name": .string(name)])
            let live = try await suite.call(.journeyReporting, "reports.live", ["name": .string(name)])
            for member in ["totals", "failedByReason", "refusals"] {
                #expect(live["sinceStart"]?[member] == report[member])
            }
            #expect(report["totals"]?["entered"] == JSONValue(rows.count { $0["kind"] == "entered" }))
            #expect(report["totals"]?["finished"] == 2 && report["totals"]?["failed"] == 1)
            #expect(report["totals"]?["inProgress"] == 0)
            let node = try #require(report["nodes"]?.arrayValue?.first { $0["node"] == "say" })
            #expect(node["arrived"] == 3 && node["passed"] == 2 && node["failed"] == 1)
            #expect(node["action"]?["sent"] == 2 && node["action"]?["latency"]?["count"] == 3)

            let shown = try await suite.sojourn("report", name)
            #expect(shown.status == 0 && shown.output.contains("entered 3"), "\(shown.output)\(shown.errors)")
            let csv = try await suite.sojourn("steps", "--export", "csv", "--journey", name)
            #expect(csv.output.split(separator: "\r\n").count == 1 + rows.count, "\(csv.errors)")
            let lines = try await suite.sojourn("steps", "--export", "jsonl", "--journey", name, "--limit", "2")
            #expect(lines.output.split(separator: "\n").count == 2)
        }
    }
}
