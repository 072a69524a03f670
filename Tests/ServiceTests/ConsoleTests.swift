import Foundation
import HTTPClient
import Logging
import Models
import Redis
import TestKit
import Testing

/// The console as a process of its own, over a real redis-server, with one service behind it that the test plays.
@Suite("The console")
struct ConsoleTests {
    static let ping = #"{"jsonrpc": "2.0",  "id": 9007199254740993, "method": "rpc.ping"}"#

    @Test("A relayed body arrives byte for byte, with the caller's own key")
    func relay() async throws {
        let console = try await RunningConsole.start { request in
            .answer(200, headers: [("Content-Type", "application/json")], body: request.text + " ")
        }
        let answer = try await console.send(.post, "/relay/event-ingestion", bearer: console.adminKey, body: Self.ping)
        #expect(answer.status == 200)
        #expect(String(decoding: answer.body, as: UTF8.self) == Self.ping + " ")
        let received = try #require(console.service.received.last)
        #expect(received.path == "/rpc")
        #expect(received.text == Self.ping)
        #expect(received["authorization"] == "Bearer \(console.adminKey)")
    }

    @Test("A status of the service comes back as it is")
    func status() async throws {
        let console = try await RunningConsole.start { _ in
            .answer(503, headers: [("Content-Type", "application/json"), ("Retry-After", "7")], body: "{}")
        }
        let answer = try await console.send(.post, "/relay/event-ingestion", bearer: console.adminKey, body: Self.ping)
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == "7")
    }

    @Test("A browser signs in, calls with cookie and token, and after signing out is known no more")
    func session() async throws {
        let console = try await RunningConsole.start()
        let browser = try await console.signIn(console.adminKey)
        #expect(browser.cookie.contains("HttpOnly") && browser.cookie.contains("SameSite=Strict"))

        let relayed = try await console.send(
            .post, "/relay/event-ingestion", cookie: browser.cookie, csrf: browser.csrf, body: Self.ping)
        #expect(relayed.status == 200)
        #expect(console.service.received.last?["authorization"] == "Bearer \(console.adminKey)")
        #expect(console.service.received.last?["cookie"] == nil)

        let shown = try await console.send(.get, "/session", cookie: browser.cookie).json
        #expect(shown["name"] == "admin")
        #expect(shown["csrfToken"]?.stringValue == browser.csrf)

        let end = try await console.send(.delete, "/session", cookie: browser.cookie, csrf: browser.csrf)
        #expect(end.status == 204)
        #expect(try await console.send(.get, "/session", cookie: browser.cookie).json == ["signedIn": false])
        let late = try await console.send(
            .post, "/relay/event-ingestion", cookie: browser.cookie, csrf: browser.csrf, body: Self.ping)
        #expect(late.status == 401)
    }

    @Test("A cookie without the right token calls nothing", arguments: [nil, "", String(repeating: "0", count: 64)])
    func forgery(csrf: String?) async throws {
        let console = try await RunningConsole.start()
        let browser = try await console.signIn(console.adminKey)
        let answer = try await console.send(
            .post, "/relay/event-ingestion", cookie: browser.cookie, csrf: csrf, body: Self.ping)
        #expect(answer.status == 403)
        #expect(try await console.send(.delete, "/session", cookie: browser.cookie, csrf: csrf).status == 403)
        #expect(console.service.requestCount == 0)
    }

    @Test("Nobody comes in without a key", arguments: ["", "sk_0123456789abcdef", "eyJhbGciOiJub25lIn0.e30."])
    func refused(key: String) async throws {
        let console = try await RunningConsole.start()
        let body = JSONValue.object(["key": .string(key)]).text
        let answer = try await console.send(.post, "/session", body: body)
        #expect(answer.status == (key.isEmpty ? 400 : 401))
        #expect(answer.headers["set-cookie"] == nil)
        #expect(try await console.send(.post, "/relay/console", bearer: key + "x", body: Self.ping).status == 401)
        #expect(try await console.send(.post, "/relay/console", body: Self.ping).status == 401)
    }

    @Test("Neither the key nor the token lies readable in Redis")
    func sealed() async throws {
        let console = try await RunningConsole.start()
        let browser = try await console.signIn(console.adminKey)
        let token = try #require(browser.cookie.split(separator: ";").first?.split(separator: "=").last)
        let sessions = try await console.redis("HGETALL", "{sj:config}:sessions")
        let text = (sessions.elements ?? []).compactMap(\.text).joined(separator: "\n")
        #expect(text.contains("expiresAt"))
        #expect(!text.contains(console.adminKey) && !text.contains(token) && !text.contains(browser.csrf))
    }

    @Test("A new key signs in with its scopes, and deleted it is out at once, its sessions too")
    func keys() async throws {
        let console = try await RunningConsole.start()
        let made = try await console.call("keys.create", ["name": "viewer", "scopes": ["read"]])["result"]
        let key = try #require(made?["key"]?.stringValue)
        #expect(made?["hash"] == nil)
        let browser = try await console.signIn(key)
        #expect(try await console.send(.get, "/session", cookie: browser.cookie).json["scopes"] == ["read"])
        let forbidden = try await console.call("keys.list", [:], key: key)
        #expect(forbidden["error"]?["code"] == -32003)

        let list = try await console.call("keys.list", [:])["result"]?["items"]
        #expect(list?[0]?["name"] == "viewer" && list?[0]?["hash"] == nil && list?[0]?["key"] == nil)
        #expect(
            try await console.call("keys.create", ["name": "viewer", "scopes": ["read"]])["error"]?["code"] == -32009)

        #expect(try await console.call("keys.delete", ["name": "viewer"])["result"]?["name"] == "viewer")
        #expect(try await console.send(.get, "/session", cookie: browser.cookie).json == ["signedIn": false])
        #expect(try await console.send(.post, "/rpc", bearer: key, body: Self.ping).status == 401)
    }

    @Test("The audit tells who made and deleted a key, page by page, and nothing of the key")
    func audit() async throws {
        let console = try await RunningConsole.start()
        let made = try await console.call("keys.create", ["name": "shop", "scopes": ["ingest"]])["result"]
        let key = try #require(made?["key"]?.stringValue)
        _ = try await console.call("keys.delete", ["name": "shop"])
        let first = try #require(try await console.call("audit.list", ["limit": 1])["result"])
        #expect(first["items"]?[0]?["action"] == "delete")
        let cursor = try #require(first["cursor"])
        let second = try #require(
            try await console.call("audit.list", ["limit": 1, "cursor": cursor, "filter": ["kind": "keys"]])["result"])
        #expect(second["items"]?[0]?["action"] == "create" && second["items"]?[0]?["author"] == "admin")
        #expect(second["items"]?[0]?["after"]?["hash"] == nil && !second.text.contains(key))
    }

    @Test("A service that is away is answered 502, one that does not exist 404")
    func away() async throws {
        let console = try await RunningConsole.start()
        let away = try await console.send(.post, "/relay/action-dispatch", bearer: console.adminKey, body: Self.ping)
        #expect(away.status == 502)
        #expect(away.json["error"]?["code"] == -32030)
        let nowhere = try await console.send(.post, "/relay/nowhere", bearer: console.adminKey, body: Self.ping)
        #expect(nowhere.status == 404)
    }

    @Test("The page is served with its policy, and not again where the browser has it")
    func page() async throws {
        let console = try await RunningConsole.start()
        let page = try await console.send(.get, "/")
        #expect(page.status == 200)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["content-security-policy"]?.contains("default-src 'self'") == true)
        let tag = try #require(page.headers["etag"])
        #expect(try await console.send(.get, "/", ifNoneMatch: tag).status == 304)
        #expect(try await console.send(.get, "/", ifNoneMatch: "\"other\"").status == 200)
        #expect(try await console.send(.get, "/../Package.swift").status == 404)
    }
}

/// A console on a free port with all that it needs; ends with the test.
final class RunningConsole: Sendable {
    let service: HTTPPeer
    let adminKey: String
    private let server: RedisServer
    private let client: RedisClient
    private let folder: TemporaryFolder
    private let process: ChildProcess
    private let http: OutboundClient
    private let url: String

    /// Starts one and waits until it is ready. Of the services only event-ingestion is there: it answers by `respond`.
    static func start(
        _ respond: @escaping HTTPPeer.Responder = { _ in
            .answer(200, headers: [("Content-Type", "application/json")], body: "{}")
        }
    ) async throws -> RunningConsole {
        let console = try await RunningConsole(respond)
        try await eventually(within: .seconds(20), "the console is ready") {
            (try? await console.send(.get, "/health/ready"))?.status == 200
        }
        return console
    }

    private init(_ respond: @escaping HTTPPeer.Responder) async throws {
        service = try HTTPPeer.start(respond)
        server = try await RedisServer.start()
        folder = try TemporaryFolder()
        adminKey = "sk_" + UUID().uuidString.replacing("-", with: "")
        try adminKey.write(toFile: folder.file("admin.key"), atomically: true, encoding: .utf8)
        let master = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
        try master.write(toFile: folder.file("master.key"), atomically: true, encoding: .utf8)
        let port = try freePort()
        url = "http://127.0.0.1:\(port)"
        let built = URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent().appendingPathComponent("console").path
        process = try ChildProcess(
            built,
            [
                "--port", "\(port)", "--base-port", "\(try freePort())", "--redis-url", server.url,
                "--admin-key-file", folder.file("admin.key"), "--master-key-file", folder.file("master.key"),
                "--event-ingestion-url", service.url,
            ], output: folder.file("console.log"))
        http = try OutboundClient(policy: try AddressPolicy(allow: ["127.0.0.1"]), logger: Logger(label: "test"))
        client = try RedisClient(RedisConfiguration(try RedisAddress(server.url)), logger: Logger(label: "test"))
        try client.start()
    }

    deinit { service.stop() }

    func send(
        _ method: HTTPMethod, _ path: String, bearer: String? = nil, cookie: String? = nil, csrf: String? = nil,
        ifNoneMatch: String? = nil, body: String? = nil
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(method, url + path, body: body.map { Array($0.utf8) })
        if body != nil { request.headers["Content-Type"] = "application/json" }
        request.headers["Authorization"] = bearer.map { "Bearer \($0)" }
        request.headers["Cookie"] = cookie.map { String($0.prefix { $0 != ";" }) }
        request.headers["X-CSRF-Token"] = csrf
        request.headers["If-None-Match"] = ifNoneMatch
        return try await http.send(request)
    }

    /// Signs in as a browser does: its cookie, as it was set, and its token.
    func signIn(_ key: String) async throws -> (cookie: String, csrf: String) {
        let answer = try await send(.post, "/session", body: JSONValue.object(["key": .string(key)]).text)
        let cookie = try #require(answer.headers["set-cookie"])
        return (cookie, try #require(answer.json["csrfToken"]?.stringValue))
    }

    /// One call of the console's own methods.
    func call(_ method: String, _ params: JSONValue, key: String? = nil) async throws -> JSONValue {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": params]
        return try await send(.post, "/rpc", bearer: key ?? adminKey, body: body.text).json
    }

    func redis(_ name: String, _ key: String) async throws -> RedisReply {
        try await client.node(forKey: key).send(RedisCommand(name, key))
    }
}

extension HTTPResponse {
    /// The body as JSON; null where it is none.
    fileprivate var json: JSONValue { (try? JSONValue.parse(body)) ?? .null }
}
