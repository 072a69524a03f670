import ArgumentParser
import Models

/// `sojourn diff NAME [--from V] [--to V]`
struct DiffCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Shows what is different between two versions of a journey.")

    @Argument(help: "The journey.") var name: String
    @Option(help: "A version, or draft; default: the one before.") var from: String?
    @Option(help: "A version, or draft; default: the draft, or the newest version.") var to: String?
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var params: JSONObject = ["name": .string(name)]
        params["from"] = try Self.version(from)
        params["to"] = try Self.version(to)
        let difference = try await services.call(.journeyExecution, "journeys.diff", .object(params))
        if connection.json {
            print(difference.text)
        } else {
            print(Self.lines(difference).joined(separator: "\n"))
        }
    }

    private static func version(_ text: String?) throws -> JSONValue? {
        guard let text else { return nil }
        if text == "draft" { return "draft" }
        guard let number = Int64(text) else { throw CommandFailure(message: "\(text) is no version") }
        return .integer(number)
    }

    /// A line a change: `+` what came, `-` what went, `~` what changed, `>` what moved.
    static func lines(_ difference: JSONValue) -> [String] {
        let name = { (version: JSONValue?) in version?.stringValue ?? "version \(version?.text ?? "")" }
        var lines = ["from \(name(difference["from"])) to \(name(difference["to"]))"]
        if let description = difference["description"] { lines.append(line(description, of: "journey")) }
        for change in difference["properties"]?.arrayValue ?? [] { lines.append(line(change, of: "properties")) }
        for node in difference["nodes"]?.arrayValue ?? [] {
            let id = node["node"]?.stringValue ?? ""
            guard let fields = node["fields"]?.arrayValue else {
                lines.append("\(sign(node)) \(id) (\(node["type"]?.stringValue ?? ""))")
                continue
            }
            for change in fields { lines.append(line(change, of: id)) }
        }
        for change in difference["looks"]?.arrayValue ?? [] {
            lines.append(line(change, of: change["node"]?.stringValue ?? ""))
        }
        if lines.count == 1 { lines.append("the same") }
        return lines
    }

    private static func line(_ change: JSONValue, of place: String) -> String {
        let values = [change["from"], change["to"]].compactMap { $0?.text }.joined(separator: " → ")
        return "\(sign(change)) \(place)\(change["field"]?.stringValue ?? ""): \(values)"
    }

    private static func sign(_ change: JSONValue) -> String {
        switch change["change"] {
        case "added": "+"
        case "removed": "-"
        case "moved": ">"
        default: "~"
        }
    }
}
