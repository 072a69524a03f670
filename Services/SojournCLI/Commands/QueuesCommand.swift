import ArgumentParser
import Foundation
import Models

/// `sojourn queues [--watch]`
struct QueuesCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "Lists the queues between the services.")

    @Flag(help: "Show them again every second until Ctrl-C.") var watch = false
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        repeat {
            let answer = try await services.call(.journeyExecution, "queues.list")
            if connection.json {
                print(answer.text)
            } else {
                var table = TextTable("QUEUE", "KIND", "LENGTH", "OLDEST", "IN/S", "OUT/S")
                for queue in answer["items"]?.arrayValue ?? [] {
                    table.add(
                        queue["name"]?.stringValue ?? "", queue["kind"]?.stringValue ?? "",
                        "\(queue["length"]?.integerValue ?? 0)",
                        queue["oldestAgeMs"]?.integerValue.map { ISODuration.text($0) } ?? "–",
                        Self.rate(queue["inPerSecond"]), Self.rate(queue["outPerSecond"]))
                }
                if watch { print("\u{1B}[2J\u{1B}[H", terminator: "") }
                print(table.text)
            }
            if watch { try await Task.sleep(for: .seconds(1)) }
        } while watch
    }

    private static func rate(_ value: JSONValue?) -> String {
        guard let rate = value?.decimalValue else { return "–" }
        return String(format: "%.1f", rate)
    }
}

/// `sojourn peek QUEUE`
struct PeekCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "peek", abstract: "Shows the first elements of a queue, such as inbox, inbox:7 or actions:claimed."
    )

    @Argument(help: "The queue, with :PARTITION for one of them.") var queue: String
    @Option(help: "Elements to pass over.") var offset = 0
    @Option(help: "Elements to show.") var limit = 20
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        let answer = try await services.call(
            .journeyExecution, "queues.peek",
            ["queue": .string(queue), "offset": JSONValue(offset), "limit": JSONValue(limit)])
        if connection.json {
            print(answer.text)
            return
        }
        let items = answer["items"]?.arrayValue ?? []
        for item in items {
            print("partition \(item["partition"]?.integerValue ?? 0)")
            print((item["element"] ?? .null).prettyText)
        }
        if items.isEmpty { print("\(queue) is empty") }
    }
}
