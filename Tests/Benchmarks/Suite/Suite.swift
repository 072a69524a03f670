import Foundation
import HTTPClient
import Logging
import Models
import Queues
import Redis
import Synchronization
import TestKit

/// redis-server and the services, started as `deploy/run` does, in a temporary folder and on free ports.
final class Suite: Sendable {
    struct Problem: Error, CustomStringConvertible { let description: String }

    static let services = [
        "event-ingestion", "data-source-fetching", "journey-execution", "action-dispatch", "journey-reporting",
    ]

    private let folder: TemporaryFolder
    private let redis: ChildProcess
    private struct Running {
        let name: String
        let port: Int
        let arguments: [String]
        var process: ChildProcess
    }

    private let processes: Mutex<[Running]>
    private let environment: [String: String]
    private let key: String
    /// The suite's Redis, as an operator sees it.
    let store: RedisView
    private let http: OutboundClient
    private let redisPort: Int
    private let passwordFile: String

    /// Starts everything and waits until it is ready.
    ///
    /// - Parameter receiverPort: the one port that actions may go to.
    static func start(_ options: BenchOptions, receiverPort: Int) async throws -> Suite {
        let suite = try await Suite(options, receiverPort: receiverPort)
        for name in services { try await suite.waitUntilReady(name) }
        return suite
    }

    private func waitUntilReady(_ name: String) async throws {
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port(name))/health/ready")
        try await eventually(within: .seconds(30), "\(name) is ready") {
            (try? await http.send(request))?.status == 200
        }
    }

    /// Ends a service in good order and starts it again; how long that took to ready, in milliseconds.
    func restart(_ name: String) async throws -> Double {
        guard let running = processes.withLock({ $0.first { $0.name == name } }) else {
            throw Problem(description: "There is no service \(name).")
        }
        running.process.signal(SIGTERM)
        try await eventually(within: .seconds(30), "\(name) has ended") { !running.process.isRunning }
        running.process.end()
        let began = SteadyClock.nanoseconds
        let process = try launch(name, running.arguments)
        processes.withLock { list in
            for place in list.indices where list[place].name == name { list[place].process = process }
        }
        try await waitUntilReady(name)
        return Double(SteadyClock.nanoseconds - began) / 1e6
    }

    private func launch(_ name: String, _ arguments: [String]) throws -> ChildProcess {
        try ChildProcess(
            try Self.binaries.appendingPathComponent(name).path, arguments, environment: environment,
            output: folder.file("\(name).log"))
    }

    /// Where the services are built: beside this program.
    private static var binaries: URL {
        get throws {
            URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
                .deletingLastPathComponent()
        }
    }

    private init(_ options: BenchOptions, receiverPort: Int) async throws {
        folder = try TemporaryFolder()
        key = "sk_" + Self.randomText()
        passwordFile = folder.file("redis.password")
        // It stands in an address too.
        let password = Self.randomText().filter { $0.isLetter || $0.isNumber }
        try key.write(toFile: folder.file("admin.key"), atomically: true, encoding: .utf8)
        try Self.randomText().write(toFile: folder.file("master.key"), atomically: true, encoding: .utf8)
        try password.write(toFile: passwordFile, atomically: true, encoding: .utf8)
        http = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "bench"))
        redisPort = try freePort()
        redis = try RedisFile.start(in: folder, port: redisPort, fsync: options.fsync, password: password)
        try await RedisFile.waitUntilReady(port: redisPort)

        var environment = ProcessVariables.all.filter { !$0.key.hasPrefix("SOJOURN_") }
        environment["SOJOURN_REDIS_URL"] =
            options.usesSocket ? "unix://\(RedisFile.socketPath(in: folder))" : "redis://127.0.0.1:\(redisPort)"
        environment["SOJOURN_REDIS_PASSWORD_FILE"] = passwordFile
        environment["SOJOURN_PARTITIONS"] = "\(options.partitions)"
        environment["SOJOURN_ADMIN_KEY_FILE"] = folder.file("admin.key")
        environment["SOJOURN_MASTER_KEY_FILE"] = folder.file("master.key")
        environment["SOJOURN_ALLOW_OUTBOUND"] = "127.0.0.1:\(receiverPort)"
        self.environment = environment
        store = try RedisView(url: "redis://:\(password)@127.0.0.1:\(redisPort)", partitions: options.partitions)
        processes = Mutex([])
        for name in Self.services {
            let port = try freePort()
            var arguments = ["--port", "\(port)"]
            if name == "journey-reporting" { arguments += ["--store", folder.file("steps.sqlite")] }
            let process = try launch(name, arguments)
            processes.withLock {
                $0.append(Running(name: name, port: port, arguments: arguments, process: process))
            }
        }
    }

    private static func randomText() -> String {
        Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
    }

    func port(_ service: String) -> Int { processes.withLock { $0.first { $0.name == service }?.port ?? 0 } }

    /// Asks the services to end, as an operator would, then Redis.
    func stop() async {
        let children = processes.withLock { $0.map(\.process) }
        for process in children { process.signal(SIGTERM) }
        for process in children {
            try? await eventually(within: .seconds(30), "the service has ended") { !process.isRunning }
            process.end()
        }
        await store.close()
        redis.end()
        await http.close()
    }

    /// What the processes wrote to their logs, for when a run fails.
    var logs: String {
        Self.services.map { name in
            let text = (try? String(contentsOfFile: folder.file("\(name).log"), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").suffix(5).map { "\(name): \($0)" }.joined(separator: "\n")
        }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Processor time that each process took so far.
    var processorTimes: [(name: String, milliseconds: Double)] {
        numbers.map { name, pid in (name: name, milliseconds: ProcessTime.milliseconds(of: pid)) }
    }

    /// Resident memory of each process now, in MiB.
    var memory: [(name: String, mebibytes: Int)] {
        numbers.map { name, pid in (name: name, mebibytes: ProcessTime.residentMebibytes(of: pid)) }
    }

    /// The system's number of each process.
    private var numbers: [(name: String, pid: pid_t)] {
        processes.withLock { $0.map { ($0.name, $0.process.pid) } } + [("redis-server", redis.pid)]
    }

    // MARK: Calls

    func call(_ service: String, _ method: String, _ params: JSONValue) async throws -> JSONValue {
        let answer = try await send(service, ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params])
        guard let result = answer["result"] else { throw Problem(description: "\(method): \(answer.text)") }
        return result
    }

    /// One JSON-RPC batch of the same method; an answer without a result fails the whole.
    func callAll(_ service: String, _ method: String, _ params: [JSONValue]) async throws {
        let calls = params.enumerated().map { place, params -> JSONValue in
            ["jsonrpc": "2.0", "id": JSONValue(place), "method": .string(method), "params": params]
        }
        for answer in try await send(service, .array(calls)).arrayValue ?? [] where answer["result"] == nil {
            throw Problem(description: "\(method): \(answer.text)")
        }
    }

    private func send(_ service: String, _ body: JSONValue) async throws -> JSONValue {
        var request = HTTPRequest(.post, "http://127.0.0.1:\(port(service))/rpc", body: body.bytes)
        request.headers["Content-Type"] = "application/json"
        request.headers["Authorization"] = "Bearer \(key)"
        request.timeout = .seconds(60)
        request.responseBytesMax = 64 << 20
        return try JSONValue.parse(try await http.send(request).body)
    }

    /// A service's metrics by name with labels, as `/metrics` has them.
    func metrics(_ service: String) async throws -> [String: Double] {
        var request = HTTPRequest(.get, "http://127.0.0.1:\(port(service))/metrics")
        request.headers["Authorization"] = "Bearer \(key)"
        let text = String(decoding: try await http.send(request).body, as: UTF8.self)
        var values: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let blank = line.lastIndex(of: " ") else { continue }
            values[String(line[..<blank])] = Double(line[line.index(after: blank)...])
        }
        return values
    }
}
