import ArgumentParser
import Models

/// `sojourn history INSTANCE`
struct HistoryCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Tells everything that happened to one instance, by what caused it.")

    @Argument(help: "The instance.") var instance: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let history = try await services.call(
            .journeyExecution, "instances.history", ["instance": .string(instance)])
        if connection.json {
            print(history.text)
            return
        }
        let text = { (key: String) in history[key]?.stringValue ?? "" }
        let version = history["version"]?.integerValue ?? 0
        print("\(text("journey")) v\(version), \(text("namespace")) \(text("profile"))")
        for record in history["records"]?.arrayValue ?? [] {
            print("by \(record["stimulus"]?.stringValue ?? "")")
            for event in record["events"]?.arrayValue ?? [] {
                print("  \(event["step"]?.integerValue ?? 0)  \(TraceCommand.line(event).replacing("\n", with: " "))")
            }
        }
    }
}
