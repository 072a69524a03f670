import HTTPClient
import TestKit
import Testing

@Suite("Redirects", .timeLimit(.minutes(1)))
struct RedirectTests {
    @Test("None is followed unless asked for")
    func notFollowed() async throws {
        try await withPeer(respond: { _ in .redirect(302, to: "/next") }) { client, peer in
            let response = try await client.send(HTTPRequest(.get, peer.url))
            #expect(response.status == 302)
            #expect(peer.requestCount == 1)
        }
    }

    @Test("Relative and absolute targets are followed, and counted")
    func followed() async throws {
        try await withPeer(respond: { request in
            switch request.path {
            case "/a/one": .redirect(302, to: "../b/two?x=1#part")
            case "/b/two": .redirect(308, to: "//\(request["host"] ?? "")/three")
            default: .answer(200, body: "there")
            }
        }) { client, peer in
            let response = try await client.send(following(.get, peer.url + "/a/one"))
            #expect(response.status == 200)
            #expect(response.redirects == 2)
            #expect(peer.received.map(\.target) == ["/a/one", "/b/two?x=1", "/three"])
        }
    }

    @Test("More than three, or a loop, is too many")
    func loop() async throws {
        try await withPeer(respond: { _ in .redirect(302, to: "/again") }) { client, peer in
            var request = following(.get, peer.url)
            request.redirects = .follow(max: 50)
            let error = await failure(of: request, by: client)
            #expect(error?.code == .tooManyRedirects)
            #expect(peer.requestCount == 4)
        }
    }

    @Test(
        "The method after a redirect is what browsers use",
        arguments: [
            (HTTPMethod.post, 301, "GET"), (.post, 302, "GET"), (.post, 303, "GET"), (.post, 307, "POST"),
            (.post, 308, "POST"), (.put, 302, "PUT"), (.put, 303, "GET"), (.head, 303, "HEAD"), (.get, 307, "GET"),
        ])
    func method(_ method: HTTPMethod, _ status: Int, _ expected: String) async throws {
        try await withPeer(respond: { request in
            request.path == "/next" ? .answer(200) : .redirect(status, to: "/next")
        }) { client, peer in
            var request = following(method, peer.url)
            if method == .post || method == .put {
                request.body = Array("body".utf8)
                request.headers["Content-Type"] = "text/plain"
            }
            _ = try await client.send(request)
            let last = try #require(peer.received.last)
            #expect(last.method == expected)
            let keepsBody = expected == method.rawValue && request.body != nil
            #expect(last.text == (keepsBody ? "body" : ""))
            #expect((last["content-type"] != nil) == keepsBody)
        }
    }

    @Test(
        "Credentials are not carried to another origin",
        arguments: ["Authorization", "Cookie", "X-API-Key", "My-Own-Key"])
    func credentials(_ header: String) async throws {
        let other = try HTTPPeer.start { _ in .answer(200) }
        defer { other.stop() }
        let target = other.url
        try await withPeer(respond: { _ in .redirect(307, to: target) }) { client, peer in
            var request = following(.get, peer.url)
            request.headers[header] = "secret"
            request.credentialHeaders = ["my-own-key"]
            let error = await failure(of: request, by: client)
            #expect(error?.code == .redirectRefused)
            #expect(error?.retry == .never)
            #expect(other.requestCount == 0)
        }
    }

    @Test("Another origin is followed without credentials, and the same one with them")
    func otherOrigin() async throws {
        let other = try HTTPPeer.start { _ in .answer(200, body: "other") }
        defer { other.stop() }
        let target = other.url
        try await withPeer(respond: { request in
            switch request.path {
            case "/same": .redirect(307, to: "/end")
            case "/end": .answer(200, body: "end")
            default: .redirect(307, to: target)
            }
        }) { client, peer in
            #expect(await body(of: following(.get, peer.url), by: client) == Array("other".utf8))
            var request = following(.get, peer.url + "/same")
            request.headers["Authorization"] = "Bearer x"
            #expect(await body(of: request, by: client) == Array("end".utf8))
        }
    }

    @Test(
        "A target that is no plain web address is refused",
        arguments: ["ftp://127.0.0.1/", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "gopher://x/", "http://"])
    func strangeTargets(_ target: String) async throws {
        try await withPeer(respond: { _ in .redirect(302, to: target) }) { client, peer in
            let error = await failure(of: following(.get, peer.url), by: client)
            #expect(error?.code == .redirectRefused)
            #expect(peer.requestCount == 1)
        }
    }

    @Test("A redirect to an address that is refused does not get there")
    func toRefusedAddress() async throws {
        let inner = try HTTPPeer.start { _ in .answer(200) }
        defer { inner.stop() }
        let target = inner.url
        let outer = try HTTPPeer.start { _ in .redirect(302, to: target) }
        defer { outer.stop() }
        try await withPeer(allow: ["127.0.0.1:\(outer.port)"], respond: { _ in .answer(200) }) { client, _ in
            let error = await failure(of: following(.get, outer.url), by: client)
            #expect(error?.code == .refusedAddress)
            #expect(inner.connectionCount == 0)
        }
    }

    private func following(_ method: HTTPMethod, _ url: String) -> HTTPRequest {
        var request = HTTPRequest(method, url)
        request.redirects = .follow(max: 3)
        return request
    }
}
