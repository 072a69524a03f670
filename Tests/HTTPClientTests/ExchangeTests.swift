import Glibc
import HTTPClient
import TestKit
import Testing

@Suite("Requests and answers", .timeLimit(.minutes(1)))
struct ExchangeTests {
    @Test("A request arrives as it was written and the answer comes back as it was sent")
    func roundTrip() async throws {
        let answer = PeerAnswer.answer(
            201, headers: [("X-One", "1"), ("x-one", "2"), ("Empty", "")], body: #"{"ok":true}"#)
        try await withPeer(respond: { _ in answer }) { client, peer in
            var request = HTTPRequest(
                .post, peer.url + "/a/b?c=d", headers: ["Content-Type": "application/json", "X-None": ""],
                body: Array(#"{"n":1}"#.utf8))
            request.headers.add("X-Two", "2")
            let response = try await client.send(request)
            #expect(response.status == 201)
            #expect(response.headers["X-ONE"] == "1")
            #expect(response.headers.all("x-one") == ["1", "2"])
            #expect(response.headers["empty"] == "")
            #expect(String(decoding: response.body, as: UTF8.self) == #"{"ok":true}"#)
            #expect(response.address == "127.0.0.1:\(peer.port)")
            #expect(!response.reusedConnection)

            let received = try #require(peer.received.first)
            #expect(received.method == "POST")
            #expect(received.target == "/a/b?c=d")
            #expect(received.text == #"{"n":1}"#)
            #expect(received["content-type"] == "application/json")
            #expect(received["x-two"] == "2")
            #expect(received["x-none"] == "")
            #expect(received["user-agent"] == "Sojourn")
            #expect(received["expect"] == nil)
            #expect(received["accept-encoding"] == "gzip, deflate")
        }
    }

    @Test("Each method is sent as such, with and without a body", arguments: HTTPMethod.allCases, [false, true])
    func methods(method: HTTPMethod, withBody: Bool) async throws {
        guard method != .head || !withBody else { return }
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            let body = withBody ? Array("body".utf8) : nil
            _ = try await client.send(HTTPRequest(method, peer.url, body: body))
            let received = try #require(peer.received.first)
            #expect(received.method == method.rawValue)
            #expect(received.text == (withBody ? "body" : ""))
            let announcesBody = withBody || [.post, .put, .patch].contains(method)
            #expect((received["content-length"] != nil) == announcesBody)
            #expect(received["content-type"] == nil)
        }
    }

    @Test("A request leaves nothing behind for the next one on the same handle")
    func handlesKeepNothing() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            let first = HTTPRequest(.put, peer.url, headers: ["Authorization": "Bearer x"], body: [1, 2, 3])
            _ = try await client.send(first)
            _ = try await client.send(HTTPRequest(.get, peer.url))
            let received = try #require(peer.received.last)
            #expect(received.method == "GET")
            #expect(received["authorization"] == nil)
            #expect(received.body.isEmpty)
            #expect(client.figures.handles == 1)
        }
    }

    @Test("Any status is an answer", arguments: [200, 204, 301, 304, 400, 404, 429, 500, 503])
    func statuses(expected: Int) async throws {
        try await withPeer(respond: { _ in .answer(expected, headers: [("Location", "/other")]) }) { client, peer in
            #expect(await status(of: HTTPRequest(.get, peer.url), by: client) == expected)
            #expect(peer.requestCount == 1)
        }
    }

    @Test("An interim answer is passed over and a chunked body is put together")
    func interimAndChunks() async throws {
        let text =
            "HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Last: 2\r\n\r\n"
        try await withPeer(respond: { _ in .raw(text) }) { client, peer in
            let response = try await client.send(HTTPRequest(.get, peer.url))
            #expect(String(decoding: response.body, as: UTF8.self) == "abcde")
            #expect(response.headers["X-Early"] == nil)
            #expect(response.headers["X-Last"] == "2")
        }
    }

    @Test("Connections are kept and used again")
    func keepAlive() async throws {
        try await withPeer(respond: { _ in .answer(200, body: "ok") }) { client, peer in
            for number in 0..<50 {
                let response = try await client.send(HTTPRequest(.get, peer.url))
                #expect(response.reusedConnection == (number > 0))
                #expect(number == 0 || response.connectTime == .zero)
            }
            #expect(peer.connectionCount == 1)
        }
    }

    @Test("A connection that the other side closed meanwhile costs no failure")
    func closedWhileIdle() async throws {
        try await withPeer(respond: { _ in .answer(200, then: .close) }) { client, peer in
            for _ in 0..<20 { _ = try await client.send(HTTPRequest(.get, peer.url)) }
            #expect(peer.requestCount == 20)
            #expect(peer.connectionCount == 20)
        }
    }

    @Test("A large body goes out whole")
    func largeRequestBody() async throws {
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            _ = try await client.send(HTTPRequest(.post, peer.url, body: body))
            #expect(peer.received.first?.body == body)
        }
    }

    @Test("The environment's proxy has no part in a call")
    func noProxy() async throws {
        setenv("http_proxy", "http://127.0.0.1:9", 1)
        setenv("ALL_PROXY", "http://127.0.0.1:9", 1)
        defer {
            unsetenv("http_proxy")
            unsetenv("ALL_PROXY")
        }
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            #expect(await status(of: HTTPRequest(.get, peer.url), by: client) == 200)
        }
    }
}
