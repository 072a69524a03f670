import Logging
import Models
import ServiceLifecycle
import Synchronization

@testable import JSONRPC

struct PlantedFailure: Error, CustomStringConvertible {
    var description: String { "the database at db.internal said no" }
}

/// Knows one key for each scope, `sk_read` and so on, and `sk_all`.
struct KeyTable: Authenticator {
    func authenticate(_ credentials: Credentials) async -> Principal? {
        guard let bearer = credentials.bearer, bearer.hasPrefix("sk_") else { return nil }
        let name = String(bearer.dropFirst(3))
        if name == "all" { return Principal(name: name, scopes: Set(Scope.allCases)) }
        return Scope(rawValue: name).map { Principal(name: name, scopes: [$0]) }
    }
}

final class TestReadiness: Readiness {
    let notReady = Mutex<String?>(nil)
    let away = Mutex<String?>(nil)
    var reasonNotReady: String? { notReady.withLock { $0 } }
    var reasonAway: String? { away.withLock { $0 } }
}

/// What the methods of the test service leave behind.
final class Traces: Sendable {
    let calls = Mutex<[String]>([])
    let running = Mutex<(now: Int, most: Int)>((0, 0))
    let logged = Mutex<[String]>([])
}

struct RecordingHandler: LogHandler {
    let traces: Traces
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted().joined(separator: " ")
        traces.logged.withLock { $0.append("\(event.message) \(pairs)") }
    }
}

func testRegistry(_ traces: Traces) -> MethodRegistry {
    var registry = MethodRegistry(service: "test-service", version: "1.2.3", summary: "A service for tests.")
    registry.addComponent("pair", .object([("left", .integer), ("right", .integer)]))
    registry.add(
        RPCMethod(
            "test.echo", summary: "Answers its value.", scope: .read,
            params: [.required("value", .any, "Anything.")], result: .any,
            example: RPCExample(params: ["value": 1], result: 1)
        ) { _, params throws(RPCError) in params["value"] ?? nil },
        RPCMethod(
            "test.subtract", summary: "Takes one number from another.", scope: .read,
            params: [
                .required("minuend", .integer(-1_000...1_000), "From this."),
                .required("subtrahend", .integer, "This."),
                .optional("unit", .choice("cm", "inch"), "The unit."),
                .optional("note", .string, "For the reader."),
            ],
            result: .integer, errors: [.notFound],
            example: RPCExample(params: ["minuend": 42, "subtrahend": 23], result: 19)
        ) { _, params throws(RPCError) in
            guard let from = params["minuend"]?.integerValue, let less = params["subtrahend"]?.integerValue else {
                throw .invalidParams(path: "/minuend", message: "is missing")
            }
            if params.contains("note"), params["note"]?.isNull == true { throw .notFound("note") }
            return .integer(from - less)
        },
        RPCMethod(
            "test.note", summary: "Remembers a word.", scope: .design,
            params: [.required("word", .string, "The word.")], result: .boolean,
            example: RPCExample(params: ["word": "a"], result: true)
        ) { _, params throws(RPCError) in
            traces.calls.withLock { $0.append(params["word"]?.stringValue ?? "") }
            return true
        },
        RPCMethod(
            "test.together", summary: "Waits for company.", scope: .read,
            params: [.required("companions", .integer(0...100), "How many.")], result: .boolean,
            example: RPCExample(params: ["companions": 0], result: true)
        ) { _, params throws(RPCError) in
            let wanted = Int(params["companions"]?.integerValue ?? 0)
            traces.running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            let deadline = ContinuousClock.now + .seconds(10)
            while traces.running.withLock({ $0.most }) < wanted, .now < deadline { await Task.yield() }
            traces.running.withLock { $0.now -= 1 }
            return .bool(traces.running.withLock { $0.most } >= wanted)
        },
        RPCMethod(
            "test.fail", summary: "Fails inside.", scope: .read, result: .any,
            example: RPCExample(params: [:], result: nil)
        ) { _, _ throws(RPCError) in throw .internalError(cause: PlantedFailure()) },
        RPCMethod(
            "test.open", summary: "Takes anything.", scope: .admin, unknownParams: .passedOn, result: .object,
            example: RPCExample(params: ["x": 1], result: ["x": 1])
        ) { _, params throws(RPCError) in .object(params) },
        RPCMethod(
            "test.refuse", summary: "Refuses with each of the codes.", scope: .read,
            params: [.required("code", .integer, "The code.")], result: .any,
            example: RPCExample(params: ["code": -32004], result: nil)
        ) { _, params throws(RPCError) in
            let code = RPCErrorCode(rawValue: Int(params["code"]?.integerValue ?? 0)) ?? .notFound
            throw RPCError(code, "Refused.", data: ["k": 1])
        })
    return registry
}

/// A server that really listens, for the time of one test.
struct TestService: Sendable {
    let port: Int
    let traces: Traces
    let readiness: TestReadiness

    static func run(
        routes: HTTPRoutes = HTTPRoutes(), _ change: (inout RPCServerSettings) -> Void = { _ in },
        _ test: @escaping @Sendable (TestService) async throws -> Void
    ) async throws {
        let traces = Traces()
        let readiness = TestReadiness()
        var settings = RPCServerSettings(port: 0)
        change(&settings)
        let logger = Logger(label: "test") { _ in RecordingHandler(traces: traces) }
        let (ports, announce) = AsyncStream<Int>.makeStream()
        let server = RPCServer(
            settings: settings, registry: testRegistry(traces), routes: routes, authenticator: KeyTable(),
            readiness: readiness, metricsText: { "up 1\n" }, logger: logger
        ) { port in
            announce.yield(port)
            announce.finish()
        }
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: server)], gracefulShutdownSignals: [], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = await ports.first { _ in true } ?? 0
            let outcome: Result<Void, any Error>
            do {
                try await test(TestService(port: port, traces: traces, readiness: readiness))
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
    }

    func connect(secondsMax: Int = 30) throws -> RawConnection {
        try RawConnection.open(port: port, secondsMax: secondsMax)
    }

    /// Sends a body to `/rpc` over a connection of its own.
    func post(
        _ body: String, key: String? = "sk_all", type: String? = "application/json", path: String = "/rpc"
    ) async throws -> RawAnswer {
        try await post(Array(body.utf8), key: key, type: type, path: path)
    }

    func post(
        _ body: [UInt8], key: String? = "sk_all", type: String? = "application/json", path: String = "/rpc"
    ) async throws -> RawAnswer {
        let connection = try connect()
        var head = "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.count)\r\n"
        if let key { head += "Authorization: Bearer \(key)\r\n" }
        if let type { head += "Content-Type: \(type)\r\n" }
        try await connection.send(Array((head + "\r\n").utf8) + body)
        return try await connection.answer()
    }

    func request(_ verb: String, _ path: String, key: String? = nil) async throws -> RawAnswer {
        let connection = try connect()
        let authorization = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        try await connection.send("\(verb) \(path) HTTP/1.1\r\nHost: test\r\n\(authorization)\r\n")
        return try await connection.answer(toHead: verb == "HEAD")
    }
}
