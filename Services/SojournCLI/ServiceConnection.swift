import ArgumentParser
import Foundation
import HTTPClient
import Logging
import Models

extension ServiceName: ExpressibleByArgument {
    /// `SOJOURN_EVENT_INGESTION_URL` and so on: where the service is, when it is not at host and base port.
    var environmentName: String {
        "SOJOURN_" + rawValue.uppercased().replacing("-", with: "_") + "_URL"
    }
}

/// The options that every command has.
struct ConnectionOptions: ParsableArguments {
    @Flag(help: "Print JSON, for machines.")
    var json = false

    @Option(help: "The API key. Default: SOJOURN_KEY, else the file .sojourn/admin.key.")
    var key: String?

    @Option(help: "Where the services are.")
    var host = ProcessInfo.processInfo.environment["SOJOURN_HOST"] ?? "127.0.0.1"

    @Option(help: "The console's port; the services follow it.")
    var basePort = Int(ProcessInfo.processInfo.environment["SOJOURN_BASE_PORT"] ?? "") ?? 7100

    func connection() throws -> ServiceConnection { try ServiceConnection(self) }
}

/// An answer that is an error of JSON-RPC.
struct RPCFailure: Error {
    let code: Int64
    let message: String
    let data: JSONValue

    /// The message with every detail that helps to mend the call.
    var text: String {
        var lines = ["\(message) (\(code))"]
        for problem in data["problems"]?.arrayValue ?? [] {
            lines.append("  \(problem["path"]?.stringValue ?? ""): \(problem["message"]?.stringValue ?? "")")
        }
        for finding in data["findings"]?.arrayValue ?? [] {
            let place = [finding["node"], finding["field"]].compactMap { $0?.stringValue }.joined(separator: ".")
            lines.append(
                "  \(finding["severity"]?.stringValue ?? "") \(finding["code"]?.stringValue ?? "") \(place): "
                    + (finding["message"]?.stringValue ?? ""))
        }
        if let line = data["line"]?.integerValue, let column = data["column"]?.integerValue {
            lines.append("  line \(line), column \(column): \(data["message"]?.stringValue ?? "")")
        }
        if let suggestion = data["suggestion"]?.stringValue { lines.append("  did you mean \(suggestion)?") }
        if let journeys = data["usedIn"]?.arrayValue { lines.append("  used in \(JSONValue.array(journeys).text)") }
        if let reference = data["reference"]?.stringValue { lines.append("  reference \(reference)") }
        return lines.joined(separator: "\n")
    }
}

/// Calls methods of the services over HTTP.
final class ServiceConnection: Sendable {
    private let client: OutboundClient
    private let options: (host: String, basePort: Int)
    private let key: String?

    init(_ options: ConnectionOptions) throws {
        self.options = (options.host, options.basePort)
        key = try Self.key(options)
        var hosts = ["\(options.host)"]
        for service in ServiceName.allCases {
            guard let address = ProcessInfo.processInfo.environment[service.environmentName],
                let host = URL(string: address)?.host
            else { continue }
            hosts.append(host)
        }
        do {
            // The services are where the user says they are, loopback included.
            client = try OutboundClient(policy: AddressPolicy(allow: hosts), logger: Logger(label: "sojourn"))
        } catch {
            throw CommandFailure(message: error.description)
        }
    }

    private static func key(_ options: ConnectionOptions) throws -> String? {
        if let key = options.key ?? ProcessInfo.processInfo.environment["SOJOURN_KEY"] { return key }
        let text = try? String(contentsOfFile: ".sojourn/admin.key", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func url(of service: ServiceName) -> String {
        ProcessInfo.processInfo.environment[service.environmentName]
            ?? "http://\(options.host):\(options.basePort + service.portOffset)"
    }

    /// The method's result. An error of the method is an ``RPCFailure``; a service that is away a ``CommandFailure``.
    func call(_ service: ServiceName, _ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        var request = HTTPRequest(.post, url(of: service) + "/rpc", body: body.bytes)
        request.headers["Content-Type"] = "application/json"
        if let key { request.headers["Authorization"] = "Bearer \(key)" }
        request.timeout = .seconds(60)
        request.responseBytesMax = 64 << 20
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            throw CommandFailure(message: "\(service.rawValue) at \(url(of: service)) does not answer: \(error)")
        }
        guard let answer = try? JSONValue.parse(response.body) else {
            throw CommandFailure(message: "\(service.rawValue) answered HTTP \(response.status) without JSON")
        }
        if let error = answer["error"] {
            throw RPCFailure(
                code: error["code"]?.integerValue ?? 0, message: error["message"]?.stringValue ?? "",
                data: error["data"] ?? .null)
        }
        guard let result = answer["result"] else {
            let hint = response.status == 401 ? "; set SOJOURN_KEY or --key" : ""
            throw CommandFailure(message: "\(service.rawValue) answered HTTP \(response.status)\(hint)")
        }
        return result
    }

    /// Every item of a list, page by page, up to a bound.
    func all(
        _ service: ServiceName, _ method: String, filter: JSONObject = JSONObject(), countMax: Int = 100_000
    ) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var cursor: JSONValue?
        repeat {
            var params = JSONObject([("limit", .integer(500))])
            if !filter.isEmpty { params["filter"] = .object(filter) }
            params["cursor"] = cursor
            let page = try await call(service, method, .object(params))
            items += page["items"]?.arrayValue ?? []
            cursor = page["cursor"].flatMap { $0.isNull ? nil : $0 }
        } while cursor != nil && items.count < countMax
        return items
    }

    func close() async { await client.close() }
}

/// A command over a connection: errors of methods become failures with all that is known about them.
protocol ServiceCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }
    func run(_ services: ServiceConnection) async throws
}

extension ServiceCommand {
    func run() async throws {
        let services = try connection.connection()
        do {
            try await run(services)
        } catch let failure as RPCFailure {
            await services.close()
            throw CommandFailure(message: failure.text)
        } catch {
            await services.close()
            throw error
        }
        await services.close()
    }
}
