import Foundation
import JSONRPC
import Logging
import Models
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

@testable import Redis
@testable import ServiceKit

/// One run of a service in this process, stopped as a signal would.
final class RunningService: Service {
    static let admin = "sk_admin0123456789abcdef"
    static let description = ServiceDescription(
        name: "test-service", summary: "A service for tests.", port: 0, settings: [ExampleSettings.inboxMax])

    let arguments: [String]
    let build: ServiceProcess.Build
    let port = Mutex<Int?>(nil)
    let code = Mutex<Int32?>(nil)
    let complaints = Mutex<[String]>([])
    let prints = Mutex<[String]>([])
    private let description: ServiceDescription

    init(
        _ arguments: [String], description: ServiceDescription = RunningService.description,
        build: @escaping ServiceProcess.Build = { _ in }
    ) {
        self.arguments = arguments
        self.description = description
        self.build = build
    }

    func run() async throws {
        let code = await ServiceProcess.code(
            description, arguments: arguments + ["--log-level", "critical"], environment: [:],
            metrics: MetricsRegistry(), print: { text in self.prints.withLock { $0.append(text) } },
            complain: { text in self.complaints.withLock { $0.append(text) } },
            listening: { port in self.port.withLock { $0 = port } }, build: build)
        self.code.withLock { $0 = code }
    }

    /// Runs the service while the test looks at it, then stops it gracefully; the exit code.
    @discardableResult
    func whileRunning(_ look: @escaping @Sendable (Int) async throws -> Void) async throws -> Int32 {
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)
                ], logger: Logger(label: "test")))
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let outcome: Result<Void, any Error>
            do {
                try await eventually("the service listens or has ended") {
                    self.port.withLock { $0 } != nil || self.code.withLock { $0 } != nil
                }
                if let port = port.withLock({ $0 }) { try await look(port) }
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
            return code.withLock { $0 } ?? -1
        }
    }
}

@Suite struct ProcessTests {
    static let admin = RunningService.admin

    func adminFile(_ folder: TemporaryFolder) throws -> String {
        try write(Self.admin + "\n", folder.file("admin.key"))
    }

    @Test("A service serves once Redis answers, and ends with 0 when it is told to stop")
    func life() async throws {
        let folder = try TemporaryFolder(), redis = try await RedisServer.start(password: "plain-password")
        let password = try write("plain-password\n", folder.file("password"))
        let place = try RedisAddress(redis.url).description
        let stopped = Mutex(false)
        struct Loop: Service {
            let end: @Sendable () -> Void
            func run() async throws {
                try? await gracefulShutdown()
                end()
            }
        }
        let service = RunningService([
            "--redis-url", place, "--redis-password-file", password, "--admin-key-file", try adminFile(folder),
            "--inbox-max", "7",
        ]) { host throws(StartError) in
            let max = host.settings[ExampleSettings.inboxMax]
            host.status.add("inboxMax") { JSONValue(max) }
            host.routes.on(.get, "/own") { _ throws(HTTPRefusal) in .text("own") }
            host.services.append(Loop { stopped.withLock { $0 = true } })
        }
        let code = try await service.whileRunning { port in
            try await eventually("ready") { try await LocalRequest.get(port, "/health/ready").status == 200 }
            #expect(try await LocalRequest.get(port, "/own").body == "own")
            #expect(try await LocalRequest.call(port, "service.status").status == 401)
            let status = try await LocalRequest.call(port, "service.status", key: Self.admin).json?["result"]
            #expect(status?["service"] == "test-service" && status?["ready"] == true && status?["inboxMax"] == 7)
            #expect(status?["pid"]?.integerValue != nil && status?["uptimeMs"]?.integerValue != nil)
            let metrics = try await LocalRequest.get(port, "/metrics", key: Self.admin)
            #expect(metrics.body.contains("rpc_calls_total{code=\"0\",method=\"service.status\"} 1"))
        }
        #expect(code == 0)
        #expect(stopped.withLock { $0 })
        #expect(service.complaints.withLock { $0 } == [])
    }

    @Test("While Redis is away the service lives, is not ready, and recovers by itself")
    func away() async throws {
        let redis = try await RedisServer.start()
        redis.kill9()
        let folder = try TemporaryFolder()
        let service = RunningService(["--redis-url", redis.url, "--admin-key-file", try adminFile(folder)])
        let code = try await service.whileRunning { port in
            #expect(try await LocalRequest.get(port, "/health/live").status == 200)
            let ready = try await LocalRequest.get(port, "/health/ready")
            #expect(ready.status == 503 && ready.json?["reason"]?.stringValue?.isEmpty == false)
            #expect(try await LocalRequest.call(port, "rpc.ping", key: Self.admin).status == 503)
            try await redis.restart()
            try await eventually("ready") { try await LocalRequest.get(port, "/health/ready").status == 200 }
            #expect(try await LocalRequest.call(port, "rpc.ping", key: Self.admin).status == 200)
            redis.kill9()
            try await eventually(within: .seconds(20), "503") {
                try await LocalRequest.call(port, "rpc.ping", key: Self.admin).status == 503
            }
            try await redis.restart()
            try await eventually(within: .seconds(20), "200") {
                try await LocalRequest.call(port, "rpc.ping", key: Self.admin).status == 200
            }
        }
        #expect(code == 0)
    }

    @Test("A service that waits for Redis stops when it is told to")
    func stopWhileWaiting() async throws {
        let service = RunningService(["--redis-url", "unix:///tmp/sojourn-nothing-here.sock"])
        let start = ContinuousClock.now
        #expect(try await service.whileRunning { _ in } == 0)
        #expect(ContinuousClock.now - start < .seconds(10))
    }

    @Test("Keys made in Redis are good after the refresh, and no more once they are deleted")
    func keysOfRedis() async throws {
        let redis = try await RedisServer.start()
        let service = RunningService(["--redis-url", redis.url, "--keys-refresh", "100ms", "--key-prefix", "my"])
        let client = try RedisConnection(RedisConfiguration(try redis.address), logger: Logger(label: "test"))
        try client.start()
        try await service.whileRunning { port in
            try await eventually("ready") { try await LocalRequest.get(port, "/health/ready").status == 200 }
            #expect(try await LocalRequest.call(port, "rpc.ping", key: "sk_web").status == 401)
            let record = APIKey.record(name: "web", scopes: [.ingest], hash: APIKey.hash(of: "sk_web"))
            _ = try await client.send(RedisCommand("HSET", "{my:config}:keys", "web", JSONValue.object(record).text))
            try await eventually("known") { try await LocalRequest.call(port, "rpc.ping", key: "sk_web").status == 200 }
            let status = try await LocalRequest.call(port, "service.status", key: "sk_web")
            #expect(status.json?["error"]?["code"] == -32003)
            _ = try await client.send(RedisCommand("DEL", "{my:config}:keys"))
            try await eventually("gone") { try await LocalRequest.call(port, "rpc.ping", key: "sk_web").status == 401 }
        }
        await client.close()
    }

    @Test("A service that cannot be put together says why and ends with 1")
    func startError() async throws {
        let redis = try await RedisServer.start()
        let service = RunningService(["--redis-url", redis.url]) { _ throws(StartError) in
            throw StartError("The partitions differ.")
        }
        let code = try await service.whileRunning { _ in
            try await eventually("ended") { service.code.withLock { $0 } != nil }
        }
        #expect(code == 1)
        #expect(service.complaints.withLock { $0 } == ["test-service: The partitions differ.\n"])
    }

    @Test("A loop that fails ends the service with 1")
    func failedLoop() async throws {
        struct Broken: Service {
            struct Failure: Error {}
            func run() async throws { throw Failure() }
        }
        let redis = try await RedisServer.start()
        let service = RunningService(["--redis-url", redis.url]) { host throws(StartError) in
            host.services.append(Broken())
        }
        let code = try await service.whileRunning { _ in
            try await eventually("ended") { service.code.withLock { $0 } != nil }
        }
        #expect(code == 1)
    }

    @Test("A port that is taken is said in a sentence, with 1")
    func portTaken() async throws {
        let description = ServiceDescription(name: "demo", summary: "", port: 0, usesRedis: false)
        let first = RunningService([], description: description)
        try await first.whileRunning { port in
            let second = RunningService(["--port", "\(port)"], description: description)
            let code = try await second.whileRunning { _ in }
            #expect(code == 1)
            let complaint = second.complaints.withLock { $0.first } ?? ""
            #expect(complaint.hasPrefix("demo: Listening on 127.0.0.1:\(port) failed: "))
        }
    }

    @Test(
        "Settings that cannot work end with 2 and a sentence",
        arguments: [
            (["--inbox-max", "0"], "inbox-max"), (["--nothing"], "--nothing"), (["--redis-url", "http://x"], "Redis"),
            (["--host", "0.0.0.0"], "credentials"), (["--host", "::"], "credentials"),
            (["--host", "192.168.1.5"], "credentials"), (["--admin-key-file", "/nothing"], "--admin-key-file"),
            (["--master-key-file", "/dev/null"], "empty"), (["--redis-user", "x"], "--redis-password-file"),
            (["--jwt-hs256-secret-file", "/etc/hostname"], "--jwt-issuer"),
        ])
    func wrongSettings(_ arguments: [String], _ word: String) async throws {
        let service = RunningService(arguments)
        #expect(try await service.whileRunning { _ in } == 2)
        let complaint = service.complaints.withLock { $0.joined() }
        #expect(complaint.hasPrefix("test-service: ") && complaint.contains(word), "\(complaint)")
        #expect(complaint.filter(\.isNewline).count == 1)
    }

    @Test("Help and version are printed, with 0")
    func help() async throws {
        let help = RunningService(["--help", "--nonsense"])
        #expect(try await help.whileRunning { _ in } == 0)
        #expect(help.prints.withLock { $0.joined() }.contains("--inbox-max ELEMENTS"))
        let version = RunningService(["--version"])
        #expect(try await version.whileRunning { _ in } == 0)
        #expect(version.prints.withLock { $0 } == ["test-service \(Product.version)\n"])
    }

    @Test(
        "Only this machine's own addresses need no credentials",
        arguments: [
            ("127.0.0.1", true), ("127.9.9.9", true), ("localhost", true), ("::1", true), ("0.0.0.0", false),
            ("::", false),
            ("10.0.0.1", false), ("localhost.example", false), ("127.0.0.1.example", false), ("", false),
        ])
    func loopback(_ host: String, _ isLoopback: Bool) {
        #expect(ServiceParts.isLoopback(host) == isLoopback)
    }

    @Test("Any password reaches Redis as it stands in its file", arguments: ["pä:ss@word/%", "a b+c?&#", "\u{1F511}"])
    func passwords(_ password: String) throws {
        let address = try RedisAddress("redis://\(ServiceParts.encoded("me")):\(ServiceParts.encoded(password))@h:1")
        #expect(address.user == "me" && address.password == password)
    }

    private func write(_ text: String, _ path: String) throws -> String {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }
}
