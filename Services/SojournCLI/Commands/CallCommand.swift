import ArgumentParser
import Models

/// `sojourn call SERVICE METHOD [JSON]`
struct CallCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "call", abstract: "Calls a JSON-RPC method and prints its result.")

    @Argument(help: "The service.") var service: ServiceName
    @Argument(help: "The method, such as journeys.list.") var method: String
    @Argument(help: "The params, a JSON object or array.") var params = "{}"
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard let value = try? JSONValue.parse(params), value.objectValue != nil || value.arrayValue != nil else {
            throw ValidationError("the params must be a JSON object or array")
        }
    }

    func run(_ services: ServiceConnection) async throws {
        let params = try JSONValue.parse(params)
        let result = try await services.call(service, method, params)
        print(connection.json ? result.text : result.prettyText)
    }
}

/// `sojourn methods [SERVICE]`
struct MethodsCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "Lists the methods of the services, with what they do.")

    @Argument(help: "One service; default: all.") var service: ServiceName?
    @OptionGroup var connection: ConnectionOptions

    func run(_ services: ServiceConnection) async throws {
        var documents = JSONObject()
        var table = TextTable("SERVICE", "METHOD", "WHAT IT DOES")
        for name in service.map({ [$0] }) ?? ServiceName.allCases {
            let document = try await services.call(name, "rpc.discover")
            documents[name.rawValue] = document
            for method in document["methods"]?.arrayValue ?? [] {
                table.add(name.rawValue, method["name"]?.stringValue ?? "", method["summary"]?.stringValue ?? "")
            }
        }
        print(connection.json ? JSONValue.object(documents).text : table.text)
    }
}
