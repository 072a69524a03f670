import HTTPClient
import TestKit
import Testing

@Suite("Parts of a request")
struct RequestPartsTests {
    @Test("Header names are compared without case; setting replaces all, nil removes")
    func headers() {
        var headers: HTTPHeaders = ["Accept": "a", "X": "1"]
        headers.add("accept", "b")
        #expect(headers["ACCEPT"] == "a")
        #expect(headers.all("Accept") == ["a", "b"])
        headers["aCCept"] = "c"
        #expect(headers.all("accept") == ["c"])
        headers["x"] = nil
        #expect(headers.map(\.name) == ["aCCept"])
        #expect(headers["absent"] == nil)
    }

    @Test(
        "A query parameter goes where it belongs, encoded",
        arguments: [
            ("http://h/p", "http://h/p?a%20b=c%26d"), ("http://h/p?x=1", "http://h/p?x=1&a%20b=c%26d"),
            ("http://h/p?", "http://h/p?a%20b=c%26d"), ("http://h/p?x=1&", "http://h/p?x=1&a%20b=c%26d"),
            ("http://h/p#f?g", "http://h/p?a%20b=c%26d#f?g"), ("http://h", "http://h?a%20b=c%26d"),
        ])
    func query(_ url: String, _ expected: String) {
        var request = HTTPRequest(.get, url)
        request.addQuery("a b", "c&d")
        #expect(request.url == expected)
    }

    @Test("All but unreserved characters are percent-encoded, bytes of UTF-8 each")
    func percentEncoding() {
        #expect(PercentEncoding.component("aZ09-._~") == "aZ09-._~")
        #expect(PercentEncoding.component("é/ ?#%+\u{0}") == "%C3%A9%2F%20%3F%23%25%2B%00")
        let form = PercentEncoding.form([("a b", "c&d"), ("é", ""), ("x", "1+1")])
        #expect(String(decoding: form, as: UTF8.self) == "a+b=c%26d&%C3%A9=&x=1%2B1")
    }

    @Test("Authentication puts its credentials into the request and marks them")
    func authentication() {
        var request = HTTPRequest(.get, "http://h/", headers: ["authorization": "old"])
        HTTPAuthentication.basic(user: "Aladdin", password: "open sesame").apply(to: &request)
        #expect(request.headers.all("Authorization") == ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="])
        HTTPAuthentication.bearer(token: "t").apply(to: &request)
        #expect(request.headers.all("Authorization") == ["Bearer t"])
        HTTPAuthentication.apiKeyHeader(name: "X-Mine", value: "k").apply(to: &request)
        #expect(request.headers["x-mine"] == "k")
        HTTPAuthentication.apiKeyQuery(name: "key", value: "k y").apply(to: &request)
        #expect(request.url == "http://h/?key=k%20y")
        HTTPAuthentication.none.apply(to: &request)
        #expect(request.credentialHeaders == ["authorization", "x-mine"])
    }

    @Test(
        "Basic credentials are padded as Base64 demands",
        arguments: [("", "", "Og=="), ("a", "", "YTo="), ("a", "b", "YTpi"), ("é", "ü", "w6k6w7w=")])
    func base64(_ user: String, _ password: String, _ expected: String) {
        var request = HTTPRequest(.get, "http://h/")
        HTTPAuthentication.basic(user: user, password: password).apply(to: &request)
        #expect(request.headers["Authorization"] == "Basic " + expected)
    }

    @Test(
        "No description of an authentication shows its secret",
        arguments: [
            HTTPAuthentication.basic(user: "u", password: "hidden"), .bearer(token: "hidden"),
            .apiKeyHeader(name: "n", value: "hidden"), .apiKeyQuery(name: "n", value: "hidden"),
        ])
    func masked(_ authentication: HTTPAuthentication) {
        #expect(!"\(authentication)".contains("hidden"))
        #expect(!String(reflecting: authentication).contains("hidden"))
    }

    @Test(
        "A request that breaks a rule is refused unsent",
        arguments: [
            ("Host", "x"), ("content-length", "5"), ("Transfer-Encoding", "chunked"), ("Connection", "close"),
            ("X", "a\r\nY: b"), ("X", "a\u{0}"), ("X\r\nY", "b"), ("", "b"), ("X Y", "b"), ("X:", "b"),
        ])
    func refusedHeaders(_ name: String, _ value: String) async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            var request = HTTPRequest(.get, peer.url)
            request.headers.add(name, value)
            #expect(await failure(of: request, by: client)?.code == .invalidRequest)
            #expect(peer.requestCount == 0)
        }
    }

    @Test("Bounds of a request are kept")
    func bounds() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            var endless = HTTPRequest(.get, peer.url)
            endless.timeout = .seconds(601)
            #expect(await failure(of: endless, by: client)?.code == .invalidRequest)
            let long = HTTPRequest(.get, peer.url + "/" + String(repeating: "a", count: 8_192))
            #expect(await failure(of: long, by: client)?.code == .invalidRequest)
            let heavy = HTTPRequest(.post, peer.url, body: [UInt8](repeating: 0, count: 16 << 20 | 1))
            #expect(await failure(of: heavy, by: client)?.code == .invalidRequest)
            #expect(await failure(of: HTTPRequest(.head, peer.url, body: [1]), by: client)?.code == .invalidRequest)
        }
    }

    @Test("A bulkhead has as many places as its limit")
    func bulkhead() {
        var bulkhead = Bulkhead(limit: 2)
        let entered = (0..<3).map { _ in bulkhead.enter() }
        #expect(entered == [true, true, false])
        bulkhead.leave()
        #expect(bulkhead.inside == 1)
        bulkhead.resize(to: 1)
        let again = bulkhead.enter()
        #expect(!again)
    }
}
