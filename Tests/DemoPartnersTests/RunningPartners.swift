import HTTPClient
import JSONRPC
import Logging
import Models
import ServiceLifecycle

@testable import DemoPartners

/// A server with all partners in this process, and calls to it.
struct RunningPartners: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let json: JSONValue
        let text: String
    }

    let client: OutboundClient
    let port: Int

    /// The answer; one without a status where there is none.
    func call(
        _ method: HTTPMethod, _ path: String, _ headers: HTTPHeaders = [:], _ body: [UInt8]? = nil
    ) async -> Answer {
        let request = HTTPRequest(method, "http://127.0.0.1:\(port)\(path)", headers: headers, body: body)
        let response: HTTPResponse
        do {
            response = try await client.send(request)
        } catch {
            return Answer(status: 0, headers: [:], json: .null, text: error.description)
        }
        return Answer(
            status: response.status, headers: response.headers, json: (try? JSONValue.parse(response.body)) ?? .null,
            text: String(decoding: response.body, as: UTF8.self))
    }
}

/// Runs a test against partners on a free port.
func withPartners(_ test: @escaping @Sendable (RunningPartners) async throws -> Void) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    var options = try Options([])
    options.port = 0
    let (ports, port) = AsyncStream<Int>.makeStream()
    let server = PartnerServer.make(options, desk: PartnerDesk(now: WallTime.now), logger: logger) { number in
        port.yield(number)
        port.finish()
    }
    try await running(server, ports: ports, logger: logger) { number in
        let client = try OutboundClient(policy: AddressPolicy(allow: ["127.0.0.1:\(number)"]), logger: logger)
        do {
            try await test(RunningPartners(client: client, port: number))
        } catch {
            await client.close(grace: .zero)
            throw error
        }
        await client.close(grace: .zero)
    }
}

/// Runs the service until the body has returned.
func running(
    _ service: any Service, ports: AsyncStream<Int>, logger: Logger,
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let group = ServiceGroup(services: [service], logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        tasks.addTask {
            for await port in ports { try await body(port) }
            await group.triggerGracefulShutdown()
        }
        // A body that throws must not leave the service running.
        do { for try await _ in tasks {} } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
    }
}
