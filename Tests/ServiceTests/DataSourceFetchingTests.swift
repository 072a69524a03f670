import Foundation
import HTTPClient
import Logging
import Models
import Redis
import Synchronization
import TestKit
import Testing

/// data-source-fetching as a process of its own, over a real redis-server and a third party that the test plays.
@Suite("data-source-fetching")
struct DataSourceFetchingTests {
    static let secret = "planted-secret-9f2c"

    private static func source(_ peer: String, timeout: String = "PT5S") -> JSONValue {
        [
            "name": "loyalty",
            "authentication": ["type": "apiKey", "name": "x-key", "value": .string(secret), "in": "header"],
            "groups": [
                [
                    "name": "account", "url": .string(peer + "/members/{memberId}"), "parameters": ["memberId"],
                    "sample": ["tier": "gold"], "timeout": .string(timeout),
                ]
            ],
        ]
    }

    @Test("A look-up of the engine is called with the secret opened, and its fields come back by the inbox")
    func answered() async throws {
        let fetcher = try await RunningFetcher.start { request in
            request["x-key"] == Self.secret
                ? .answer(200, headers: [("X-Echo", Self.secret)], body: #"{"tier":"gold","points":120}"#)
                : .answer(401)
        }
        let made = try await fetcher.call("dataSources.create", Self.source(fetcher.peer.url))["result"]
        #expect(made?["revision"] == 1)
        try await fetcher.push("r1")
        let outcome = try await fetcher.outcome("r1")
        #expect(outcome["results"]?["k"]?["data"] == ["tier": "gold"])
        let shown = try await fetcher.call(
            "dataSources.test", ["name": "loyalty", "group": "account", "params": ["memberId": "42"]])
        #expect(shown["result"]?["data"]?["tier"] == "gold")
        let listed = try await fetcher.call("dataSources.list", [:])
        let everything = [made?.text ?? "", shown.text, listed.text, try await fetcher.stored(), fetcher.log]
        for text in everything {
            #expect(!text.contains(Self.secret))
        }
    }

    @Test("A look-up under way when the service is stopped is answered by the next one")
    func handedOver() async throws {
        let isSilent = Atomic<Bool>(true)
        let fetcher = try await RunningFetcher.start { _ in
            isSilent.load(ordering: .relaxed) ? .silence : .answer(200, body: #"{"tier":"gold"}"#)
        }
        _ = try await fetcher.call("dataSources.create", Self.source(fetcher.peer.url, timeout: "PT20S"))
        try await fetcher.push("r1")
        try await eventually(within: .seconds(20), "the call") { fetcher.peer.requestCount == 1 }
        let stoppedAt = ContinuousClock.now
        try await fetcher.stop()
        // Its drain, and not the twenty seconds that the call may take.
        #expect(ContinuousClock.now - stoppedAt < .seconds(18))
        isSilent.store(false, ordering: .relaxed)
        try await fetcher.startAgain()
        let outcome = try await fetcher.outcome("r1")
        #expect(outcome["results"]?["k"]?["data"] == ["tier": "gold"])
    }

    @Test("A service whose redis-server was away goes on by itself")
    func redisAway() async throws {
        let fetcher = try await RunningFetcher.start { _ in .answer(200, body: #"{"tier":"gold"}"#) }
        _ = try await fetcher.call("dataSources.create", Self.source(fetcher.peer.url))
        try await fetcher.cutConnections()
        try await fetcher.push("r1")
        let outcome = try await fetcher.outcome("r1")
        #expect(outcome["results"]?["k"]?["data"] == ["tier": "gold"])
    }

    @Test("A person's attributes are in no line of the log")
    func attributes() async throws {
        let fetcher = try await RunningFetcher.start { _ in .answer(200) }
        let person: JSONValue = ["namespace": "crmId", "id": "42", "attributes": ["firstName": "Planted-Ada-77"]]
        let made = try await fetcher.call("profiles.upsert", person)
        #expect(made["result"]?["revision"] == 1)
        let refused = try await fetcher.call(
            "profiles.upsert", ["namespace": "two words", "id": "42", "attributes": ["firstName": "Planted-Ada-77"]])
        #expect(refused["error"]?["code"] == -32602)
        #expect(!refused.text.contains("Planted-Ada-77"))
        #expect(!fetcher.log.contains("Planted-Ada-77"))
    }
}

/// The service on a free port with all that it needs; ends with the test.
final class RunningFetcher: Sendable {
    static let person = Person(namespace: "crmId", id: "42")

    let peer: HTTPPeer
    private let adminKey: String
    private let server: RedisServer
    private let client: RedisClient
    private let folder: TemporaryFolder
    private let process = Mutex<ChildProcess?>(nil)
    private let http: OutboundClient
    private let port: Int

    static func start(_ respond: @escaping HTTPPeer.Responder) async throws -> RunningFetcher {
        let fetcher = try await RunningFetcher(respond)
        try await fetcher.startAgain()
        return fetcher
    }

    private init(_ respond: @escaping HTTPPeer.Responder) async throws {
        peer = try HTTPPeer.start(respond)
        server = try await RedisServer.start()
        folder = try TemporaryFolder()
        adminKey = "sk_" + UUID().uuidString.replacing("-", with: "")
        try adminKey.write(toFile: folder.file("admin.key"), atomically: true, encoding: .utf8)
        let master = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try master.write(toFile: folder.file("master.key"), atomically: true, encoding: .utf8)
        port = try freePort()
        http = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "test"))
        client = try RedisClient(RedisConfiguration(try RedisAddress(server.url)), logger: Logger(label: "test"))
        try client.start()
    }

    deinit { peer.stop() }

    /// Starts the process, for the first time or after it was stopped, and waits until it is ready.
    func startAgain() async throws {
        let built = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent().appendingPathComponent("data-source-fetching").path
        let started = try ChildProcess(
            built,
            [
                "--port", "\(port)", "--redis-url", server.url, "--admin-key-file", folder.file("admin.key"),
                "--master-key-file", folder.file("master.key"), "--allow-outbound", "127.0.0.1:\(peer.port)",
                "--log-level", "debug", "--drain-time", "2s",
            ], output: folder.file("service.log"))
        process.withLock { $0 = started }
        try await eventually(within: .seconds(20), "the service is ready") {
            (try? await self.http.send(HTTPRequest(.get, "http://127.0.0.1:\(self.port)/health/ready")))?.status == 200
        }
    }

    /// Asks the process to end, and waits until it has.
    func stop() async throws {
        let running = process.withLock { $0 }
        running?.signal(SIGTERM)
        try await eventually(within: .seconds(20), "the process has ended") { running?.isRunning != true }
    }

    func call(_ method: String, _ params: JSONValue) async throws -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        var request = HTTPRequest(.post, "http://127.0.0.1:\(port)/rpc", body: body.bytes)
        request.headers["Content-Type"] = "application/json"
        request.headers["Authorization"] = "Bearer \(adminKey)"
        return try JSONValue.parse(try await http.send(request).body)
    }

    private func key(_ name: String) -> String { "{sj:\(Self.person.partition(of: 16))}:\(name)" }

    private func send(_ command: RedisCommand) async throws -> RedisReply {
        try await client.node(forKey: key("inbox")).send(command)
    }

    /// Puts a request with one look-up into the queue, as the engine's commit does.
    func push(_ id: String) async throws {
        let request = FetchRequest(
            id: id,
            origin: RequestOrigin(
                person: Self.person, journey: "welcome", version: 1, instance: "i1", node: "tier", visit: 1),
            lookups: [
                FetchRequest.Lookup(
                    key: "k", source: "loyalty", group: "account", parameters: ["memberId": "42"], fields: ["tier"])
            ], timeoutMilliseconds: 20_000)
        _ = try await send(RedisCommand("RPUSH", key("fetches"), request.element))
    }

    /// The outcome of a request, when it is in the inbox.
    func outcome(_ id: String) async throws -> JSONValue {
        var found: JSONValue?
        try await eventually(within: .seconds(30), "the outcome of \(id)") {
            let elements = try await send(RedisCommand("LRANGE", key("inbox"), 0, -1)).requireArray()
            found = elements.compactMap(\.bytes).compactMap { try? JSONValue.parse($0) }.first {
                $0["id"] == .string(id)
            }
            return found != nil
        }
        return found ?? .null
    }

    /// Cuts every connection to the redis-server but the test's own.
    func cutConnections() async throws {
        _ = try await send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        _ = try await send(RedisCommand("CLIENT", "KILL", "TYPE", "pubsub"))
    }

    /// Everything that lies in the configuration and in the person's partition, as text.
    func stored() async throws -> String {
        var texts: [String] = []
        for name in try await send(RedisCommand("KEYS", "*")).requireArray().compactMap(\.text) {
            let command =
                switch try await send(RedisCommand("TYPE", name)).text {
                case "hash": RedisCommand("HGETALL", name)
                case "list": RedisCommand("LRANGE", name, 0, -1)
                case "zset": RedisCommand("ZRANGE", name, 0, -1)
                case "set": RedisCommand("SMEMBERS", name)
                default: RedisCommand("GET", name)
                }
            let reply = try await send(command)
            texts += (reply.elements ?? [reply]).compactMap(\.text)
        }
        return texts.joined(separator: "\n")
    }

    var log: String { (try? String(contentsOfFile: folder.file("service.log"), encoding: .utf8)) ?? "" }
}
