import ArgumentParser
import Models

/// `sojourn report JOURNEY`
struct ReportCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Tells what became of people in a journey over a time, or live.")

    @Argument(help: "The journey.") var journey: String
    @Option(help: "ISO 8601 time, included; a day before the end by default.") var from: String?
    @Option(help: "ISO 8601 time, not included; now by default.") var to: String?
    @Option(help: "ISO 8601 duration of a bucket, such as PT1H.") var interval: String?
    @Option(help: "Only this version.") var journeyVersion: Int64?
    @Flag(help: "Since the start and in the last minute, instead.") var live = false
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var params = JSONObject([("name", .string(journey))])
        if !live {
            params["from"] = from.map(JSONValue.string)
            params["to"] = to.map(JSONValue.string)
            params["interval"] = interval.map(JSONValue.string)
            params["version"] = journeyVersion.map(JSONValue.integer)
        }
        let method = live ? "reports.live" : "reports.journey"
        let report = try await services.call(.journeyReporting, method, .object(params))
        if connection.json {
            print(report.text)
            return
        }
        if live {
            for (title, member) in [("since the start", "sinceStart"), ("in the last minute", "lastMinute")] {
                print("\(journey) \(title)\n\(Self.text(report[member] ?? .null))\n")
            }
            return
        }
        let text = { (key: String) in report[key]?.stringValue ?? "" }
        print("\(journey) from \(text("from")) to \(text("to"))\n\(Self.text(report))\n")
        print(Self.buckets(report, interval: text("interval")))
    }

    private static let totals = [
        ("entered", "entered"), ("in progress", "inProgress"), ("finished", "finished"), ("failed", "failed"),
        ("exited", "exited"), ("timed out", "timedOut"), ("stopped", "stopped"), ("converted", "converted"),
        ("refused", "refused"),
    ]

    /// Totals, reasons and nodes.
    private static func text(_ figures: JSONValue) -> String {
        var lines = [
            totals.compactMap { title, member in
                figures["totals"]?[member]?.integerValue.map { "\(title) \($0)" }
            }.joined(separator: ", ")
        ]
        for (title, member) in [("failed by", "failedByReason"), ("refused by", "refusals")] {
            for item in figures[member]?.arrayValue ?? [] {
                lines.append("\(title) \(item["reason"]?.stringValue ?? ""): \(item["count"]?.integerValue ?? 0)")
            }
        }
        var table = TextTable("NODE", "TYPE", "ARRIVED", "PASSED", "FAILED", "TIMED OUT", "P50", "P95", "P99", "PATHS")
        for node in figures["nodes"]?.arrayValue ?? [] {
            let count = { (key: String) in "\(node[key]?.integerValue ?? 0)" }
            let time = { (key: String) in
                node["action"]?["latency"]?[key]?.integerValue.map { "\($0) ms" } ?? "–"
            }
            let paths = (node["paths"]?.arrayValue ?? []).map { path in
                "\(path["path"]?.stringValue ?? "") \(path["count"]?.integerValue ?? 0)"
            }
            table.add(
                node["node"]?.stringValue ?? "", node["type"]?.stringValue ?? "", count("arrived"), count("passed"),
                count("failed"), count("timedOut"), time("p50Ms"), time("p95Ms"), time("p99Ms"),
                paths.joined(separator: ", "))
        }
        if !table.isEmpty { lines.append(table.text) }
        return lines.joined(separator: "\n")
    }

    /// Those in which something happened.
    private static func buckets(_ report: JSONValue, interval: String) -> String {
        var table = TextTable("FROM (\(interval))", "ENTERED", "FINISHED", "FAILED", "EXITED", "CONVERTED", "REFUSED")
        for bucket in report["buckets"]?.arrayValue ?? [] {
            let counts = ["entered", "finished", "failed", "exited", "converted", "refused"].map { key in
                bucket[key]?.integerValue ?? 0
            }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            table.add(
                bucket["at"]?.stringValue ?? "", "\(counts[0])", "\(counts[1])", "\(counts[2])", "\(counts[3])",
                "\(counts[4])", "\(counts[5])")
        }
        return table.isEmpty ? "nothing happened" : table.text
    }
}
