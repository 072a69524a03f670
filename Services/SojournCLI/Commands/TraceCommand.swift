import ArgumentParser
import Models

/// `sojourn trace PROFILE`, `sojourn trace --event ID`
struct TraceCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "Tells what happened to a person, or by an event, in order, and why.")

    @Argument(help: "The person's id.") var profile: String?
    @Option(help: "The namespace of the id.") var namespace = "crmId"
    @Option(help: "Only this journey.") var journey: String?
    @Option(help: "An event's id, instead of a person; with a person it spares a search.") var event: String?
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if profile == nil, event == nil { throw ValidationError("name a person, or an event with --event") }
    }

    func run(_ services: ServiceConnection) async throws {
        let trace: JSONValue
        if let event {
            var params: JSONObject = ["id": .string(event)]
            if let profile {
                params["namespace"] = .string(namespace)
                params["profile"] = .string(profile)
            }
            trace = try await services.call(.journeyExecution, "trace.event", .object(params))
        } else {
            var params: JSONObject = ["namespace": .string(namespace), "id": JSONValue(profile)]
            params["journey"] = journey.map(JSONValue.string)
            trace = try await services.call(.journeyExecution, "trace.person", .object(params))
        }
        let items = trace["items"]?.arrayValue ?? []
        if connection.json {
            print(JSONValue.array(items).text)
            return
        }
        for item in items { print(Self.line(item)) }
        if items.isEmpty {
            print("nothing is known of \(event.map { "the event \($0)" } ?? "\(namespace) \(profile ?? "")")")
        }
        for why in trace["unreachable"]?.arrayValue ?? [] { print("not all is told: \(why.stringValue ?? "")") }
    }

    /// One sentence a step event.
    static func line(_ event: JSONValue) -> String {
        let text = { (key: String) in event[key]?.stringValue ?? "" }
        let version = event["version"]?.integerValue
        var line = "\(text("at"))  "
        if let version { line += "\(text("journey")) v\(version) " }
        switch text("kind") {
        case "entered": line += "entered by \(text("stimulus"))"
        case "node": line += "\(text("node")) (\(text("type"))) → \(text("path").isEmpty ? "end" : text("path"))"
        case "fetch": line += "\(text("node")) looked up"
        case "attempt": line += "\(text("node")) called"
        case "left": line += "left"
        case "refused" where !text("group").isEmpty:
            line += "\(event["count"]?.text ?? "") journeys were ruled out"
        case "refused" where !text("instance").isEmpty: line += "did not move by \(text("stimulus"))"
        case "refused": line += "did not enter by \(text("stimulus"))"
        case "event" where text("code") == "duplicate": line += "\(text("stimulus")) came again, without effect"
        case "event": line += "\(text("stimulus")) moved nobody\(reasons(event["event"] ?? .null))"
        case "rejected": line += "\(text("stimulus")) was rejected"
        case "waiting": line += "\(text("stimulus")) waits"
        case "parked": line += "\(text("stimulus")) is parked"
        case "kept": line += "\(text("node")) keeps \(text("stimulus"))"
        default: line += text("kind")
        }
        if !text("status").isEmpty { line += " [\(text("status"))]" }
        if !text("code").isEmpty { line += " \(text("code"))" }
        if let duration = event["durationMs"]?.integerValue { line += " in \(duration) ms" }
        if !text("detail").isEmpty { line += ": \(text("detail"))" }
        let values = (event["read"]?.arrayValue ?? []).map { value in
            "\(value["path"]?.stringValue ?? "") was \(value["value"]?.text ?? "")"
        }
        let facts = values + (text("localTime").isEmpty ? [] : ["it was \(text("localTime"))"])
        if !facts.isEmpty { line += " (\(facts.joined(separator: ", ")))" }
        if let answer = event["answer"] {
            line += " answered \(answer["status"]?.text ?? "") \(answer["body"]?.text ?? "")"
        }
        return line
    }

    /// Why an event moved nobody: `: parcel v2 matchFalse, 63 journeys filterFalse`.
    private static func reasons(_ seen: JSONValue) -> String {
        let looked = (seen["looked"]?.arrayValue ?? []).map { look in
            "\(look["journey"]?.stringValue ?? "") v\(look["version"]?.text ?? "") \(look["code"]?.stringValue ?? "")"
        }
        let groups = (seen["ruledOut"]?.arrayValue ?? []).map { group in
            "\(group["count"]?.text ?? "") journeys \(group["code"]?.stringValue ?? "")"
        }
        let all = looked + groups
        return all.isEmpty ? ": no journey listens to it" : ": " + all.joined(separator: ", ")
    }
}
