import ArgumentParser
import Models

/// `sojourn journeys`
struct JourneysCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "journeys", abstract: "Lists the journeys with their state and how many people are inside.")

    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let journeys = try await services.all(.journeyExecution, "journeys.list")
        if connection.json {
            print(JSONValue.array(journeys).text)
            return
        }
        var table = TextTable("JOURNEY", "STATE", "VERSION", "INSIDE", "DRAFT")
        for journey in journeys {
            table.add(
                journey["name"]?.stringValue ?? "", journey["state"]?.stringValue ?? "",
                journey["version"]?.integerValue.map { "\($0)" } ?? "–", "\(journey["inside"]?.integerValue ?? 0)",
                journey["hasDraft"] == true ? "yes" : "")
        }
        print(table.isEmpty ? "no journeys yet" : table.text)
    }
}

/// `sojourn publish NAME`
struct PublishCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish", abstract: "Publishes a journey's draft: the next event enters the new version.")

    @Argument(help: "The journey.") var name: String
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let journey = try await services.call(.journeyExecution, "journeys.publish", ["name": .string(name)])
        print(
            connection.json
                ? journey.text : "published \(name), version \(journey["version"]?.integerValue ?? 0)")
    }
}
