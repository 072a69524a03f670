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
        "A request that only reads goes wherever it is sent, by the same method",
        arguments: [HTTPMethod.get, .head, .options], [301, 302, 303, 307, 308])
    func reading(method: HTTPMethod, status: Int) async throws {
        try await withPeer(respond: { request in
            request.path == "/next" ? .answer(200) : .redirect(status, to: "/next")
        }) { client, peer in
            let response = try await client.send(following(method, peer.url))
            #expect(response.status == 200)
            #expect(peer.received.map(\.method) == [method.rawValue, method.rawValue])
        }
    }

    /// Method, status, and the exchanges that follow; the last answer's status.
    static let changing: [(HTTPMethod, Int, [String], Int)] = [HTTPMethod.post, .put, .patch, .delete].flatMap {
        let name = $0.rawValue
        return [
            ($0, 301, [name, name], 200), ($0, 302, [name, name], 200), ($0, 303, [name], 303),
            ($0, 307, [name, name], 200), ($0, 308, [name, name], 200),
        ]
    }

    @Test("A request that may change something is made again, or its answer stands; it never becomes a look-up",
        arguments: changing)
    func changes(_ method: HTTPMethod, _ redirect: Int, _ methods: [String], _ last: Int) async throws {
        try await withPeer(respond: { request in
            request.path == "/next" ? .answer(200) : .redirect(redirect, to: "/next")
        }) { client, peer in
            var request = following(method, peer.url)
            request.body = Array("body".utf8)
            request.headers["Content-Type"] = "text/plain"
            #expect(await HTTPClientTests.status(of: request, by: client) == last)
            #expect(peer.received.map(\.method) == methods)
            #expect(peer.received.allSatisfy { $0.text == "body" && $0["content-type"] == "text/plain" })
        }
    }

    @Test("A second 301 or 302 of a POST is its outcome, whatever came between", arguments: [301, 302])
    func repeatedOnce(status: Int) async throws {
        try await withPeer(respond: { request in
            switch request.path {
            case "/one": .redirect(307, to: "/two")
            case "/two": .redirect(status, to: "/three")
            case "/three": .redirect(308, to: "/four")
            default: .redirect(status, to: "/five")
            }
        }) { client, peer in
            let response = try await client.send(following(.post, peer.url + "/one"))
            #expect(response.status == status)
            #expect(response.redirects == 3)
            #expect(peer.received.map(\.target) == ["/one", "/two", "/three", "/four"])
            #expect(peer.received.allSatisfy { $0.method == "POST" })
        }
    }

    @Test("A POST is not carried to another origin by 301 or 302: the answer is the outcome, with credentials or without",
        arguments: [301, 302, 303], [false, true])
    func otherOriginOfPost(status: Int, hasCredentials: Bool) async throws {
        let other = try HTTPPeer.start { _ in .answer(200) }
        defer { other.stop() }
        let target = other.url + "/taken"
        try await withPeer(respond: { _ in .redirect(status, to: target) }) { client, peer in
            var request = following(.post, peer.url)
            if hasCredentials { request.headers["Authorization"] = "Bearer x" }
            #expect(await HTTPClientTests.status(of: request, by: client) == status)
            #expect(peer.requestCount == 1 && other.requestCount == 0)
        }
    }

    @Test("A POST that is sent to what is no web address has its answer as outcome", arguments: ["ftp://x/", "http://"])
    func strangeTargetsOfPost(_ target: String) async throws {
        try await withPeer(respond: { _ in .redirect(302, to: target) }) { client, peer in
            #expect(await HTTPClientTests.status(of: following(.post, peer.url), by: client) == 302)
            #expect(peer.requestCount == 1)
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
