import ArgumentParser
import Foundation

/// `sojourn`: the suite from the command line. Exit code 0 when all is well, 1 when something was refused or failed,
/// 2 for wrong usage.
@main
struct Sojourn: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sojourn",
        abstract: "Runs customer journeys: call the services, apply configuration, watch queues and people.",
        version: SojournVersion.text,
        subcommands: [
            CallCommand.self, MethodsCommand.self, ApplyCommand.self, ExportCommand.self, SendCommand.self,
            JourneysCommand.self, PublishCommand.self, CloseCommand.self, StopCommand.self, PauseCommand.self,
            ResumeCommand.self, MoveCommand.self, DiffCommand.self, DuplicateCommand.self, BundleCommand.self,
            ImportCommand.self, SimulateCommand.self, TestCommand.self, DryRunCommand.self, QueuesCommand.self,
            PeekCommand.self, TraceCommand.self,
            HistoryCommand.self, ReplayCommand.self, ReportCommand.self, StepsCommand.self, StatusCommand.self,
            FunctionsCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            FileHandle.standardError.write(Data("sojourn: \(failure.message)\n".utf8))
            Foundation.exit(1)
        } catch {
            // `--help` and `--version` come as errors too, with exit code 0; everything else here is wrong usage.
            let isUsage = exitCode(for: error) != .success
            let text = fullMessage(for: error)
            if isUsage {
                FileHandle.standardError.write(Data((text + "\n").utf8))
            } else {
                print(text)
            }
            Foundation.exit(isUsage ? 2 : 0)
        }
    }
}

enum SojournVersion {
    static let text = "0.1.0"
}

/// Something was refused or failed: said on standard error, exit code 1.
struct CommandFailure: Error {
    let message: String
}
