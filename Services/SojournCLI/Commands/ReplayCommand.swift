import ArgumentParser
import Models

/// `sojourn replay INSTANCE`
struct ReplayCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Runs an instance again from its history and shows that it comes to the same.")

    @Argument(help: "The instance.") var instance: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let answer = try await services.call(.journeyExecution, "instances.replay", ["instance": .string(instance)])
        if connection.json { print(answer.text) }
        guard let difference = answer["difference"] else {
            if !connection.json { print("the same, over \(answer["records"]?.text ?? "0") records") }
            return
        }
        let number = (difference["record"]?.integerValue ?? 0) + 1
        throw CommandFailure(
            message: """
                record \(number), by \(difference["stimulus"]?.stringValue ?? ""), comes out otherwise
                  expected \(difference["expected"]?.text ?? "")
                  found    \(difference["found"]?.text ?? "")
                """)
    }
}
