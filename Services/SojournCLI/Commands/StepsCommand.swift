import ArgumentParser
import Foundation
import Models

/// `sojourn steps [--export csv|jsonl]`
struct StepsCommand: ServiceCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case csv, jsonl
    }

    static let configuration = CommandConfiguration(
        commandName: "steps", abstract: "Lists or exports step events, the oldest first.")

    @Option(help: "Writes a file to the standard output: csv or jsonl.") var export: Format?
    @Option(help: "Only this person; with --namespace.") var profile: String?
    @Option(help: "Only people of this namespace.") var namespace: String?
    @Option(help: "Only this journey.") var journey: String?
    @Option(help: "Only this version.") var journeyVersion: Int64?
    @Option(help: "Only this instance.") var instance: String?
    @Option(help: "Only what this event, request or command caused.") var stimulus: String?
    @Option(help: "Only this node.") var node: String?
    @Option(help: "Only this kind: entered, node, fetch, attempt, left, refused, noted, goal, held, released, moved.")
    var kind: String?
    @Option(help: "Only this status.") var status: String?
    @Option(help: "Only this code of an error or refusal.") var code: String?
    @Option(name: .customLong("run"), help: "Only this test or dry run.") var testRun: String?
    @Option(help: "ISO 8601 time, included.") var from: String?
    @Option(help: "ISO 8601 time, not included.") var to: String?
    @Option(help: "At most so many; 100 by default, all with --export.") var limit: Int64?
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    private var filter: JSONObject {
        var filter = JSONObject()
        let texts = [
            ("profile", profile), ("namespace", namespace), ("journey", journey), ("instance", instance),
            ("stimulus", stimulus), ("node", node), ("kind", kind), ("status", status), ("code", code),
            ("run", testRun), ("from", from), ("to", to),
        ]
        for (key, text) in texts { if let text { filter[key] = .string(text) } }
        filter["version"] = journeyVersion.map(JSONValue.integer)
        return filter
    }

    func run(_ services: ServiceConnection) async throws {
        if let export {
            try await write(export, services)
        } else {
            try await list(services)
        }
    }

    /// Page by page, so that an export of any size needs little memory here and there.
    private func write(_ format: Format, _ services: ServiceConnection) async throws {
        var left = limit ?? .max
        var cursor: JSONValue?
        repeat {
            var params: JSONObject = [
                "filter": .object(filter), "format": .string(format.rawValue), "limit": .integer(min(left, 5_000)),
            ]
            params["cursor"] = cursor
            let page = try await services.call(.journeyReporting, "stepEvents.export", .object(params))
            try FileHandle.standardOutput.write(contentsOf: Data((page["text"]?.stringValue ?? "").utf8))
            left -= page["count"]?.integerValue ?? 0
            cursor = page["cursor"].flatMap { $0.isNull ? nil : $0 }
        } while cursor != nil && left > 0
    }

    private func list(_ services: ServiceConnection) async throws {
        var items: [JSONValue] = []
        var left = limit ?? 100
        var cursor: JSONValue?
        repeat {
            var params: JSONObject = ["filter": .object(filter), "limit": .integer(min(left, 500))]
            params["cursor"] = cursor
            let page = try await services.call(.journeyReporting, "stepEvents.query", .object(params))
            items += page["items"]?.arrayValue ?? []
            left = (limit ?? 100) - Int64(items.count)
            cursor = page["cursor"].flatMap { $0.isNull ? nil : $0 }
        } while cursor != nil && left > 0
        if connection.json {
            print(JSONValue.array(items).text)
        } else if items.isEmpty {
            print("no step event is like that")
        } else {
            for item in items { print(TraceCommand.line(item)) }
        }
    }
}
