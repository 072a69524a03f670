import ArgumentParser
import Models

/// `sojourn trace PROFILE`
struct TraceCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Tells what happened to a person, in order, and why.")

    @Argument(help: "The person's id.") var profile: String
    @Option(help: "The namespace of the id.") var namespace = "crmId"
    @Option(help: "Only this journey.") var journey: String?
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var filter = JSONObject([("namespace", .string(namespace)), ("profile", .string(profile))])
        if let journey { filter["journey"] = .string(journey) }
        let events = try await services.all(.journeyReporting, "stepEvents.query", filter: filter)
        if connection.json {
            print(JSONValue.array(events).text)
            return
        }
        if events.isEmpty {
            print("nothing is known of \(namespace) \(profile)")
            return
        }
        for event in events { print(Self.line(event)) }
    }

    /// One sentence a step event.
    static func line(_ event: JSONValue) -> String {
        let text = { (key: String) in event[key]?.stringValue ?? "" }
        let version = event["version"]?.integerValue ?? 0
        var line = "\(text("at"))  \(text("journey")) v\(version) "
        switch text("kind") {
        case "entered": line += "entered by \(text("stimulus"))"
        case "node": line += "\(text("node")) (\(text("type"))) → \(text("path").isEmpty ? "end" : text("path"))"
        case "fetch": line += "\(text("node")) looked up"
        case "attempt": line += "\(text("node")) called"
        case "left": line += "left"
        case "refused": line += "did not enter by \(text("stimulus"))"
        default: line += text("kind")
        }
        if !text("status").isEmpty { line += " [\(text("status"))]" }
        if !text("code").isEmpty { line += " \(text("code"))" }
        if let duration = event["durationMs"]?.integerValue { line += " in \(duration) ms" }
        if !text("detail").isEmpty { line += ": \(text("detail"))" }
        return line
    }
}
