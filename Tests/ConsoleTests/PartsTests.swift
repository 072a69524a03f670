import HTTPClient
import JSONRPC
import Models
import ServiceKit
import Testing

@testable import Console

@Suite("Parts of the console that decide alone")
struct PartsTests {
    @Test("A token is 256 bits in hex, never the same, and knows its own CSRF token")
    func token() throws {
        let token = SessionToken()
        #expect(token.text.count == 64 && SessionToken(token.text) == token && SessionToken() != token)
        #expect(SessionToken(random: { 1 }).text.hasPrefix("0000000000000001"))
        #expect(token.isCSRF(token.csrf))
        #expect(!token.isCSRF("") && !token.isCSRF(token.text) && !token.isCSRF(SessionToken().csrf))
        #expect(token.hash != token.csrf)
    }

    @Test(
        "Only 64 hex digits are a token",
        arguments: ["", "abc", String(repeating: "g", count: 64), String(repeating: "A", count: 64)])
    func notToken(text: String) {
        #expect(SessionToken(text) == nil)
    }

    @Test("The cookie is read among others, and only by its whole name")
    func cookie() {
        let cookie = SessionCookie(port: 7100, isSecure: false), token = SessionToken()
        let set = cookie.setting(token, seconds: 60)
        #expect(set == "sojourn-session-7100=\(token.text); Path=/; HttpOnly; SameSite=Strict; Max-Age=60")
        #expect(cookie.token(in: "a=1; sojourn-session-7100=\(token.text); b=2") == token)
        #expect(cookie.token(in: "sojourn-session-71000=\(token.text)") == nil)
        #expect(cookie.token(in: "sojourn-session-7100=") == nil && cookie.token(in: nil) == nil)
        let secure = SessionCookie(port: 7100, isSecure: true).setting(token, seconds: 60)
        #expect(secure.hasPrefix("__Host-") && secure.contains("; Secure"))
    }

    @Test(
        "A tag matches itself, weak or among others, and the star",
        arguments: [
            ("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false),
            ("", false),
        ])
    func tags(header: String, expected: Bool) {
        #expect(WebFile.matches("\"a\"", header) == expected)
        #expect(!WebFile.matches("\"a\"", nil))
    }

    @Test(
        "Files get the types that browsers insist on",
        arguments: [
            ("/app/main.js", "text/javascript; charset=utf-8"), ("/styles.css", "text/css; charset=utf-8"),
            ("/icon.svg", "image/svg+xml"), ("/index.html", "text/html; charset=utf-8"),
            ("/x.bin", "application/octet-stream"),
        ])
    func types(path: String, type: String) {
        #expect(WebFile(path: path, bytes: []).type == type)
    }

    @Test("The same bytes have the same tag, others another")
    func contents() {
        let one = WebFile(path: "/a.js", bytes: [1, 2]), same = WebFile(path: "/b.css", bytes: [1, 2])
        #expect(one.tag == same.tag && one.tag != WebFile(path: "/a.js", bytes: [1, 3]).tag)
        #expect(one.answer(ifNoneMatch: one.tag).status == 304)
        #expect(one.answer(ifNoneMatch: nil).status == 200)
    }

    @Test("Services are called at their addresses and nowhere else")
    func places() throws {
        let places = try ServicePlaces([
            .eventIngestion: "http://10.0.0.5:7101/", .actionDispatch: "https://dispatch.example",
            .console: "http://[::1]:7100",
        ])
        #expect(places.rpcURL(of: "event-ingestion") == "http://10.0.0.5:7101/rpc")
        #expect(places.rpcURL(of: "action-dispatch") == "https://dispatch.example/rpc")
        #expect(places.rpcURL(of: "journey-reporting") == nil && places.rpcURL(of: "../etc") == nil)
        #expect(places.addresses == ["10.0.0.5:7101", "[::1]:7100", "dispatch.example:443"])
        _ = try AddressPolicy(allow: places.addresses)
    }

    @Test(
        "An address of a service that is none stops the start",
        arguments: ["", "localhost:7101", "ftp://a", "http://", "http://u:p@a", "http://a?b"])
    func badPlaces(url: String) {
        #expect(throws: StartError.self) { try ServicePlaces([.eventIngestion: url]) }
    }

    @Test(
        "What went wrong on the way says whether something may have been done",
        arguments: [
            (HTTPError(.connectFailed, "x"), 502), (HTTPError(.queueFull, "x"), 502), (HTTPError(.tooLarge, "x"), 502),
            (HTTPError(.timedOut, "x"), 504), (HTTPError(.connectionLost, "x"), 504),
        ])
    func failures(error: HTTPError, status: Int) {
        #expect(RelayRoutes.failure(error, service: "action-dispatch").status == status)
    }

    @Test(
        "Names of keys are plain",
        arguments: [
            ("shop", true), ("shop-2.eu_1", true), ("9lives", true), ("", false), ("-a", false), ("a b", false),
            ("ä", false), (String(repeating: "a", count: 65), false),
        ])
    func names(name: String, expected: Bool) {
        #expect(KeyMethods.isName(name) == expected)
    }

    @Test("Whoever signs in is shown with the scopes in one order")
    func principal() {
        #expect(
            Principal(name: "ada", scopes: [.ingest, .read]).shown == ["name": "ada", "scopes": ["read", "ingest"]])
    }
}
