import ArgumentParser
import Models

/// `sojourn close NAME`
struct CloseCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "close", abstract: "Closes a journey to entrances; the people inside go on.")

    @Argument(help: "The journey.") var name: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        try await services.change(name, "journeys.close", json: connection.json, "closed")
    }
}

/// `sojourn stop NAME`
struct StopCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Ends a journey for everyone inside.")

    @Argument(help: "The journey.") var name: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        try await services.change(name, "journeys.stop", json: connection.json, "stopped")
    }
}

/// `sojourn duplicate NAME AS`
struct DuplicateCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "duplicate", abstract: "Makes a new journey with the draft or newest version of another.")

    @Argument(help: "The journey.") var name: String
    @Argument(help: "The new journey's name.") var newName: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let journey = try await services.call(
            .journeyExecution, "journeys.duplicate", ["name": .string(name), "as": .string(newName)])
        print(connection.json ? journey.text : "made \(newName), a draft")
    }
}

extension ServiceConnection {
    /// Changes a journey's life and says so, with how many people are inside.
    func change(
        _ name: String, _ method: String, with params: JSONObject = [:], json: Bool, _ word: String
    ) async throws {
        var all: JSONObject = ["name": .string(name)]
        all.merge(params)
        let journey = try await call(.journeyExecution, method, .object(all))
        if json {
            print(journey.text)
        } else {
            print("\(word) \(name): \(journey["inside"]?.integerValue ?? 0) people inside")
        }
    }
}
