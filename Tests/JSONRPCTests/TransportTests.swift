import Models
import Synchronization
import Testing

@testable import JSONRPC

/// The rules of HTTP around JSON-RPC, over real connections.
@Suite struct TransportTests {
    static let ping = #"{"jsonrpc":"2.0","method":"rpc.ping","id":1}"#
    static let pong = #"{"jsonrpc":"2.0","result":"pong","id":1}"#

    /// A request's head up to its body.
    static func head(key: String? = "sk_all", _ fields: String...) -> String {
        let lines =
            ["POST /rpc HTTP/1.1", "Host: t", "Content-Type: application/json"]
            + (key.map { ["Authorization: Bearer \($0)"] } ?? []) + fields
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test("An answer is HTTP 200 with JSON, errors of JSON-RPC too")
    func ok() async throws {
        try await TestService.run { service async throws in
            let answer = try await service.post(Self.ping)
            #expect(answer.status == 200)
            #expect(answer.text == Self.pong)
            #expect(answer.header("content-type") == "application/json")
            #expect(answer.header("date")?.hasSuffix("GMT") == true)
            for body in [
                "", "x", "[]", #"{"jsonrpc":"2.0","method":"no.such","id":1}"#,
                #"{"jsonrpc":"2.0","method":"test.fail","id":1}"#,
            ] {
                let answer = try await service.post(body)
                #expect(answer.status == 200)
                #expect(answer.json?["error"] != nil)
            }
        }
    }

    @Test("Only notifications are HTTP 204 without a body")
    func noContent() async throws {
        try await TestService.run { service async throws in
            let note = #"{"jsonrpc":"2.0","method":"test.note","params":["x"]}"#
            for body in [note, "[\(note),\(note)]"] {
                let answer = try await service.post(body)
                #expect(answer.status == 204)
                #expect(answer.body.isEmpty && answer.header("content-length") == nil)
            }
            #expect(service.traces.calls.withLock { $0.count } == 3)
        }
    }

    @Test("A missing scope is HTTP 200 with −32003")
    func missingScope() async throws {
        try await TestService.run { service async throws in
            let answer = try await service.post(
                #"{"jsonrpc":"2.0","method":"test.note","params":["x"],"id":1}"#, key: "sk_read")
            #expect(answer.status == 200)
            #expect(answer.json?["error"]?["code"] == -32003)
        }
    }

    @Test("Missing or wrong credentials are 401", arguments: [nil, "sk_wrong", "", "x"])
    func unauthorized(_ key: String?) async throws {
        try await TestService.run { service async throws in
            let answer = try await service.post(Self.ping, key: key)
            #expect(answer.status == 401)
            #expect(answer.header("www-authenticate") == "Bearer")
            #expect(answer.json?["error"]?["code"] == -32001)
        }
    }

    @Test("401 comes before the body is read, and the connection is closed then")
    func unauthorizedBeforeBody() async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect()
            try await connection.send(
                "POST /rpc HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
            let answer = try await connection.answer()
            #expect(answer.status == 401)
            #expect(answer.header("connection") == "close")
            #expect(try await connection.isClosed())
        }
    }

    @Test("After a 401 whose request was whole the connection serves on")
    func keepAliveAfterRefusal() async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect()
            for (key, status) in [("sk_wrong", 401), ("sk_all", 200), ("sk_wrong", 401), ("sk_all", 200)] {
                try await connection.send(
                    Self.head(key: key, "Content-Length: \(Self.ping.utf8.count)") + Self.ping
                )
                let answer = try await connection.answer()
                #expect(answer.status == status)
                #expect(answer.header("connection") == nil)
            }
        }
    }

    @Test("Other verbs are 405 with Allow", arguments: ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PURGE"])
    func wrongVerb(_ verb: String) async throws {
        try await TestService.run { service async throws in
            let answer = try await service.request(verb, "/rpc", key: "sk_all")
            #expect(answer.status == 405)
            #expect(answer.header("allow") == "POST")
        }
    }

    @Test(
        "Only JSON in UTF-8 is taken, else 415",
        arguments: [
            ("application/json", 200), ("application/json; charset=utf-8", 200),
            ("Application/JSON;charset=\"UTF-8\"", 200),
            ("text/plain", 415), (nil, 415), ("application/json; charset=utf-16", 415), ("application/jsonx", 415),
            ("application/x-www-form-urlencoded", 415),
        ] as [(String?, Int)])
    func contentType(_ type: String?, _ status: Int) async throws {
        try await TestService.run { service async throws in
            #expect(try await service.post(Self.ping, type: type).status == status)
        }
    }

    @Test("A body of exactly the bound is taken, a declared byte more is 413 at once")
    func tooLarge() async throws {
        try await TestService.run { service async throws in
            let bound = 4 * 1_024 * 1_024
            let body = Self.ping + String(repeating: " ", count: bound - Self.ping.utf8.count)
            #expect(try await service.post(body).text == Self.pong)
            let connection = try service.connect()
            try await connection.send(
                Self.head("Content-Length: \(bound + 1)")
            )
            let answer = try await connection.answer()
            #expect(answer.status == 413)
            #expect(answer.header("connection") == "close")
        }
    }

    @Test("A sender that goes on after a 413 gets to read it")
    func tooLargeAndStillSending() async throws {
        try await TestService.run { service async throws in
            let answer = try await service.post([UInt8](repeating: 0x20, count: 12 * 1_024 * 1_024))
            #expect(answer.status == 413)
        }
    }

    static func chunked(_ pieces: [String]) -> String {
        let head =
            Self.head("Transfer-Encoding: chunked")
        return head + pieces.map { String($0.utf8.count, radix: 16) + "\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
    }

    @Test("A chunked body is taken, and is 413 beyond the bound")
    func chunkedBodies() async throws {
        try await TestService.run { settings in
            settings.bodyBytesMax = 100_000
        } _: { service async throws in
            let small = try service.connect()
            try await small.send(Self.chunked([String(Self.ping.prefix(10)), String(Self.ping.dropFirst(10))]))
            #expect(try await small.answer().text == Self.pong)
            let large = try service.connect()
            try await large.send(Self.chunked(Array(repeating: String(repeating: " ", count: 10_000), count: 11)))
            #expect(try await large.answer().status == 413)
        }
    }

    @Test("While Redis is away /rpc is 503 with Retry-After, and serves again afterwards")
    func away() async throws {
        try await TestService.run { service async throws in
            service.readiness.away.withLock { $0 = "Redis is away." }
            let answer = try await service.post(Self.ping)
            #expect(answer.status == 503)
            #expect(answer.header("retry-after") == "1")
            #expect(answer.json?["error"]?["code"] == -32030)
            #expect(answer.json?["error"]?["message"] == "Redis is away.")
            service.readiness.away.withLock { $0 = nil }
            #expect(try await service.post(Self.ping).status == 200)
        }
    }

    @Test(
        "A request that does not arrive in time is 408, whatever part of it is late",
        arguments: [
            "P", "POST /rpc HTTP/1.1\r\nHost: t\r\nX-Slow: ",
            TransportTests.head("Content-Length: 50") + "{",
        ])
    func slow(_ start: String) async throws {
        try await TestService.run { settings in
            settings.requestTimeMax = .milliseconds(300)
        } _: { service async throws in
            let connection = try service.connect()
            try await connection.send(start)
            #expect(try await connection.answer().status == 408)
            #expect(try await connection.isClosed())
        }
    }

    @Test("The clock of a request is not set back by bytes that drip in")
    func drip() async throws {
        try await TestService.run { settings in
            settings.requestTimeMax = .milliseconds(500)
        } _: { service async throws in
            let connection = try service.connect()
            try await connection.send("POST /rpc HTTP/1.1\r\nX: ")
            let start = ContinuousClock.now
            while try await !connection.hasAnswer(withinMilliseconds: 50) {
                try await connection.send("a")
                try #require(ContinuousClock.now - start < .seconds(10))
            }
            #expect(try await connection.answer().status == 408)
        }
    }

    @Test("A connection without requests is closed after its time")
    func idle() async throws {
        try await TestService.run { settings in
            settings.idleTimeMax = .milliseconds(200)
        } _: { service async throws in
            let connection = try service.connect()
            #expect(try await connection.isClosed())
            let used = try service.connect()
            try await used.send("GET /health/live HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(try await used.answer().status == 200)
            #expect(try await used.isClosed())
        }
    }

    @Test("Headers beyond their bounds are refused", arguments: [(1, 20_000), (200, 10), (5, 10_000)])
    func headerBombs(_ count: Int, _ size: Int) async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect()
            let headers = (0..<count).map { "X-\($0): \(String(repeating: "a", count: size))\r\n" }.joined()
            try? await connection.send("GET /health/live HTTP/1.1\r\nHost: t\r\n\(headers)\r\n")
            let status = try? await connection.answer().status
            #expect(status == nil || status == 400 || status == 431)
            #expect(try await service.request("GET", "/health/live").status == 200)
        }
    }

    @Test(
        "What is not HTTP, or lies about its length, is refused and harms nobody",
        arguments: [
            "GARBAGE\r\n\r\n", "POST /rpc HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "POST /rpc HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            TransportTests.head("Transfer-Encoding: chunked") + "ZZ\r\n",
            "POST /rpc HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ])
    func brokenHTTP(_ bytes: String) async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect(secondsMax: 20)
            try await connection.send(bytes)
            let status = try? await connection.answer().status
            #expect(status == nil || status == 400 || status == 401)
            #expect(try await service.post(Self.ping).text == Self.pong)
        }
    }

    @Test("A sender that waits for 100 Continue gets it after its credentials were seen")
    func expectContinue() async throws {
        try await TestService.run { service async throws in
            func head(_ key: String?) -> String {
                Self.head(key: key, "Expect: 100-continue", "Content-Length: \(Self.ping.utf8.count)")
            }
            let known = try service.connect()
            try await known.send(head("sk_all"))
            #expect(try await known.answer().status == 100)
            try await known.send(Self.ping)
            #expect(try await known.answer().text == Self.pong)
            let unknown = try service.connect()
            try await unknown.send(head(nil))
            #expect(try await unknown.answer().status == 401)
        }
    }

    @Test("Requests sent ahead are answered in order on one connection")
    func pipelining() async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect()
            var bytes = ""
            for number in 0..<50 {
                let body = #"{"jsonrpc":"2.0","method":"test.echo","params":[\#(number)],"id":\#(number)}"#
                bytes +=
                    Self.head("Content-Length: \(body.utf8.count)") + body
            }
            try await connection.send(bytes)
            for number in 0..<50 {
                #expect(try await connection.answer().json?["result"] == JSONValue(number))
            }
        }
    }

    @Test("Connection: close is obeyed")
    func connectionClose() async throws {
        try await TestService.run { service async throws in
            let connection = try service.connect()
            try await connection.send("GET /health/live HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
            #expect(try await connection.answer().status == 200)
            #expect(try await connection.isClosed())
        }
    }

    @Test("Bodies beyond the memory set aside for all of them are 503")
    func bodyMemory() async throws {
        try await TestService.run { settings in
            settings.bodyBytesTotalMax = 1_000
        } _: { service async throws in
            let answer = try await service.post(Self.ping + String(repeating: " ", count: 2_000))
            #expect(answer.status == 503)
            for _ in 0..<100 { #expect(try await service.post(Self.ping).status == 200) }
        }
    }

    @Test("A shutdown finishes what is being answered and takes no new connection")
    func shutdown() async throws {
        let port = Mutex(0)
        try await TestService.run { service async throws in
            port.withLock { $0 = service.port }
            #expect(try await service.post(Self.ping).status == 200)
        }
        #expect(throws: RawFailure.self) { _ = try RawConnection.open(port: port.withLock { $0 }) }
    }
}
