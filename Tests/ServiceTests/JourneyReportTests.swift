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

        @Test("Refusals are counted by reason, those of the filter too, whether it was looked at or ruled out")
        func refusals() async throws {
            let shop = try await Shop.open(suite, "ref")
            func filtered(_ name: String, _ filter: String) async throws -> String {
                var journey = shop.journey(name, [["id": "rest", "type": "wait", "for": "P1D"]]).objectValue ?? [:]
                var nodes = journey["nodes"]?.arrayValue ?? []
                var entry = nodes[0].objectValue ?? [:]
                entry["filter"] = .string(filter)
                nodes[0] = .object(entry)
                journey["nodes"] = .array(nodes)
                return try await shop.publish(.object(journey))
            }
            let large = try await filtered("large", "@event{\(shop.placed).order.total} > 100")
            let one = try await filtered("one", "@event{\(shop.placed).order.id} == \"1\"")
            let two = try await filtered("two", "@event{\(shop.placed).order.id} == \"2\"")
            let events = [("1", 10.0), ("2", 10.0), ("3", 10.0), ("1", 200.0), ("1", 10.0)]
            for (number, event) in events.enumerated() {
                try await shop.send(shop.event("a", order: event.0, total: event.1, id: "\(number)"))
            }
            func reasons(_ journey: String, _ method: String) async throws -> [JSONValue] {
                let report = try await suite.call(.journeyReporting, method, ["name": .string(journey)])
                return (report["sinceStart"] ?? report)["refusals"]?.arrayValue ?? []
            }
            for method in ["reports.journey", "reports.live"] {
                try await eventually("the refusals of the first are counted by \(method)") {
                    try await reasons(large, method) == [["reason": "filterFalse", "count": 4]]
                }
                try await eventually("those of the second") {
                    try await reasons(one, method) == [
                        ["reason": "alreadyInside", "count": 2], ["reason": "filterFalse", "count": 2],
                    ]
                }
                try await eventually("those of the third") {
                    try await reasons(two, method) == [["reason": "filterFalse", "count": 4]]
                }
            }
        }
    }
}
