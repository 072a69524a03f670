import ArgumentParser
import Models

/// `sojourn pause NAME [--on-action hold|discard]`
struct PauseCommand: ServiceCommand {
    enum OnAction: String, CaseIterable, ExpressibleByArgument {
        case hold, discard
    }

    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Pauses a journey: nobody enters, and who comes to an action waits or leaves.")

    @Argument(help: "The journey.") var name: String
    @Option(help: "What becomes of whoever comes to an action.") var onAction = OnAction.hold
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        try await services.change(
            name, "journeys.pause", with: ["onAction": .string(onAction.rawValue)], json: connection.json, "paused")
    }
}

/// `sojourn resume NAME [--rate N]`
struct ResumeCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Resumes a paused journey: whoever is held goes on.")

    @Argument(help: "The journey.") var name: String
    @Option(help: "People a second; default: as fast as can be.") var rate: Double?
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var params = JSONObject()
        if let rate { params["ratePerSecond"] = .decimal(rate) }
        try await services.change(name, "journeys.resume", with: params, json: connection.json, "resumed")
    }
}

/// `sojourn move NAME FROM TO [--node ID]…`
struct MoveCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Takes the people inside a version over to another one.")

    @Argument(help: "The journey.") var name: String
    @Argument(help: "The version that people are inside.") var from: Int
    @Argument(help: "The version that they go over to.") var to: Int
    @Option(name: .customLong("node"), help: "Only who stands on this node; may be repeated.") var nodes: [String] = []
    @Option(help: "Seconds to wait for its end.") var wait = 60
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var params: JSONObject = ["journey": .string(name), "from": JSONValue(from), "to": JSONValue(to)]
        if !nodes.isEmpty { params["nodes"] = JSONValue(nodes) }
        let begun = try await services.call(.journeyExecution, "instances.move", .object(params))
        let move = begun["move"] ?? .null
        let deadline = ContinuousClock.now + .seconds(wait)
        var status: JSONValue = begun
        repeat {
            // Right after the command no partition may have read it yet.
            if let read = try? await services.call(.journeyExecution, "instances.moveStatus", ["move": move]) {
                status = read
            }
            if status["state"] == "done" { break }
            try await Task.sleep(for: .milliseconds(200))
        } while ContinuousClock.now < deadline
        if connection.json {
            print(status.text)
            return
        }
        let word = status["state"] == "done" ? "done" : "still running"
        print(
            "\(word) \(move.stringValue ?? ""): \(status["moved"]?.integerValue ?? 0) moved, "
                + "\(status["failed"]?.integerValue ?? 0) stayed")
    }
}
