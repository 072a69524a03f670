import ArgumentParser
import Models

/// `sojourn test start|trigger|advance|log|stop`
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Tries a journey's draft out on test profiles.",
        subcommands: [Start.self, Trigger.self, Advance.self, Log.self, Stop.self])

    /// `sojourn test start NAME [--wait-time PT10S] [--clock now|TIME] [--force NODE=PATH]… [--send-actions]`
    struct Start: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Starts a test; one under way is stopped.")

        @Argument(help: "The journey.") var name: String
        @Option(help: "What waits and time-outs are shortened to, such as PT10S.") var waitTime: String?
        @Option(help: "A clock of the test's own, from now or a time on; `sojourn test advance` moves it.")
        var clock: String?
        @Option(name: .customLong("force"), help: "The path that a condition takes: node=path; may be repeated.")
        var forced: [String] = []
        @Flag(help: "Send actions and messages.") var sendActions = false
        @OptionGroup var connection: ConnectionOptions

        func validate() throws { try SendCommand.check(forced) }

        func run(_ services: ServiceConnection) async throws {
            var params: JSONObject = ["journey": .string(name)]
            if let waitTime { params["waitTime"] = .string(waitTime) }
            if let clock { params["virtualClock"] = clock == "now" ? true : .string(clock) }
            if sendActions { params["sendActions"] = true }
            if !forced.isEmpty {
                let pairs = forced.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
                params["forced"] = .object(JSONObject(pairs.map { (String($0[0]), .string(String($0[1]))) }))
            }
            let test = try await services.call(.journeyExecution, "test.start", .object(params))
            let clock = test["now"]?.stringValue.map { ", its clock stands at \($0)" } ?? ""
            print(connection.json ? test.text : "started \(test["test"]?.stringValue ?? "")\(clock)")
        }
    }

    /// `sojourn test trigger NAME EVENT --profile ID [--set path=value]`
    struct Trigger: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Sends an event of a test profile into the test.")

        @Argument(help: "The journey.") var name: String
        @Argument(help: "The event definition's name.") var event: String
        @Option(help: "The test profile's id.") var profile: String
        @Option(name: .customLong("set"), help: "A value: path=value, value JSON or text; may be repeated.")
        var values: [String] = []
        @OptionGroup var connection: ConnectionOptions

        func validate() throws { try SendCommand.check(values) }

        func run(_ services: ServiceConnection) async throws {
            let payload = try await SendCommand.payload(of: event, profile: profile, values, services)
            let result = try await services.call(
                .journeyExecution, "test.trigger",
                ["journey": .string(name), "event": .string(event), "profile": .string(profile), "payload": payload])
            print(connection.json ? result.text : "accepted \(result["id"]?.stringValue ?? "")")
        }
    }

    /// `sojourn test advance NAME BY`
    struct Advance: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Moves the test's own clock on.")

        @Argument(help: "The journey.") var name: String
        @Argument(help: "How far, such as P3D.") var by: String
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            let result = try await services.call(
                .journeyExecution, "test.advance", ["journey": .string(name), "by": .string(by)])
            let word = result["reached"] == true ? "now it is" : "on its way to"
            print(connection.json ? result.text : "\(word) \(result["now"]?.stringValue ?? "")")
        }
    }

    /// `sojourn test log NAME [--profile ID]`
    struct Log: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Tells what happened in the test, and why.")

        @Argument(help: "The journey.") var name: String
        @Option(help: "Only this person's id.") var profile: String?
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            try await services.printLog("test.log", name, profile, json: connection.json)
        }
    }

    /// `sojourn test stop NAME`
    struct Stop: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Ends the test; its people are gone.")

        @Argument(help: "The journey.") var name: String
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            let test = try await services.call(.journeyExecution, "test.stop", ["journey": .string(name)])
            print(connection.json ? test.text : "stopped \(test["test"]?.stringValue ?? "")")
        }
    }
}

/// `sojourn dry-run start|log|stop`
struct DryRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dry-run", abstract: "Lets live events run through a journey's draft, with nothing sent.",
        subcommands: [Start.self, Log.self, Stop.self])

    /// `sojourn dry-run start NAME`
    struct Start: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Starts a dry run; one under way is stopped.")

        @Argument(help: "The journey.") var name: String
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            let run = try await services.call(.journeyExecution, "dryRun.start", ["journey": .string(name)])
            print(connection.json ? run.text : "started \(run["dryRun"]?.stringValue ?? "")")
        }
    }

    /// `sojourn dry-run log NAME [--profile ID]`
    struct Log: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Tells what happened in the dry run, and why.")

        @Argument(help: "The journey.") var name: String
        @Option(help: "Only this person's id.") var profile: String?
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            try await services.printLog("dryRun.log", name, profile, json: connection.json)
        }
    }

    /// `sojourn dry-run stop NAME`
    struct Stop: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Ends the dry run; its people are gone.")

        @Argument(help: "The journey.") var name: String
        @OptionGroup var connection: ConnectionOptions

        func run(_ services: ServiceConnection) async throws {
            let run = try await services.call(.journeyExecution, "dryRun.stop", ["journey": .string(name)])
            print(connection.json ? run.text : "stopped \(run["dryRun"]?.stringValue ?? "")")
        }
    }
}

extension ServiceConnection {
    /// Prints the step events of a test or dry run, one a line with the person.
    fileprivate func printLog(_ method: String, _ name: String, _ profile: String?, json: Bool) async throws {
        var params: JSONObject = ["journey": .string(name)]
        if let profile { params["profile"] = .string(profile) }
        let log = try await call(.journeyExecution, method, .object(params))
        if json {
            print(log.text)
            return
        }
        for item in log["items"]?.arrayValue ?? [] {
            print("\(item["profile"]?.stringValue ?? "")  \(TraceCommand.line(item))")
        }
        if let clock = log["clock"] {
            let now = clock["now"]?.stringValue ?? "", to = clock["to"]?.stringValue ?? ""
            print("its clock stands at \(now)" + (now == to ? "" : ", on its way to \(to)"))
        }
    }
}
