import ArgumentParser
import Models

/// `sojourn status`
struct StatusCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the services: version, up time, leases, lag.")

    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var answers = JSONObject()
        var table = TextTable("SERVICE", "STATE", "VERSION", "UP", "DETAIL")
        var away = 0
        for service in ServiceName.allCases {
            do {
                let status = try await services.call(service, "service.status")
                answers[service.rawValue] = status
                let uptime = status["uptimeMs"]?.integerValue.map(ISODuration.text) ?? ""
                table.add(
                    service.rawValue, status["ready"] == false ? "not ready" : "ready",
                    status["version"]?.stringValue ?? "", uptime, String(Self.detail(status).prefix(100)))
            } catch let failure as CommandFailure {
                away += 1
                answers[service.rawValue] = ["error": .string(failure.message)]
                table.add(service.rawValue, "away", "", "", failure.message)
            }
        }
        print(connection.json ? JSONValue.object(answers).text : table.text)
        if away > 0 { throw CommandFailure(message: "\(away) of \(ServiceName.allCases.count) services do not answer") }
    }

    /// What is particular to the service, first what waits in the queues that it works on.
    private static func detail(_ status: JSONValue) -> String {
        let queues = (status["queues"]?.arrayValue ?? []).map { queue in
            "\(queue["name"]?.stringValue ?? "") \(queue["length"]?.text ?? "?")"
        }
        let rest = status.objectValue?.removing(
            "service", "version", "uptimeMs", "ready", "pid", "startedAt", "now", "queues")
        return (queues + (rest ?? JSONObject()).map { "\($0.key) \($0.value.text)" }).joined(separator: ", ")
    }
}
