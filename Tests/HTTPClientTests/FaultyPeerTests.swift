import HTTPClient
import TestKit
import Testing

@Suite("Third parties that misbehave", .timeLimit(.minutes(1)))
struct FaultyPeerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let answer: PeerAnswer
        let code: HTTPError.Code
        let retry: RetryClass
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "silence", answer: .silence, code: .timedOut, retry: .unknownOutcome),
        Case(
            name: "slow drip", answer: .drip(bytes: 1_000, every: .milliseconds(20)),
            code: .timedOut, retry: .unknownOutcome),
        Case(
            name: "half a body", answer: .halfBody(promised: 100, sent: 50),
            code: .connectionLost, retry: .unknownOutcome),
        Case(name: "reset", answer: .reset, code: .connectionLost, retry: .unknownOutcome),
        Case(
            name: "closed without a word", answer: PeerAnswer([], then: .close),
            code: .connectionLost, retry: .unknownOutcome),
        Case(name: "100 MiB announced", answer: .large(bytes: 100 << 20), code: .tooLarge, retry: .never),
        Case(
            name: "100 MiB unannounced", answer: .large(bytes: 100 << 20, announced: false),
            code: .tooLarge, retry: .never),
        Case(
            name: "garbage", answer: .raw("\u{0}\u{1}\u{2} nonsense\r\n\r\n"),
            code: .protocolError, retry: .unknownOutcome),
        Case(
            name: "another protocol", answer: .raw("220 mail ESMTP ready\r\n"),
            code: .protocolError, retry: .unknownOutcome),
        Case(
            name: "wrong chunk", answer: .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"),
            code: .connectionLost, retry: .unknownOutcome),
        Case(
            name: "endless header",
            answer: PeerAnswer([
                .send(Array("HTTP/1.1 200 OK\r\n".utf8)),
                .repeating(Array("X: \(String(repeating: "a", count: 1_000))\r\n".utf8), times: 10_000, pause: .zero),
            ]), code: .tooLarge, retry: .never),
    ]

    @Test("The call fails with the code of what went wrong, and in time", arguments: cases)
    func fails(_ example: Case) async throws {
        try await withPeer(respond: { _ in example.answer }) { client, peer in
            var request = HTTPRequest(.post, peer.url + "/secret?key=hidden", body: Array("x".utf8))
            request.timeout = example.code == .timedOut ? .milliseconds(300) : .seconds(10)
            let start = ContinuousClock.now
            let error = try #require(await failure(of: request, by: client))
            #expect(error.code == example.code, "\(error)")
            #expect(error.retry == example.retry)
            #expect(!error.message.contains("hidden") && !error.message.contains("secret"))
            if example.code == .timedOut { #expect(.now - start < .seconds(5)) }
            // The client is as good as before.
            #expect(await eventually { client.figures.inFlight == 0 })
        }
    }

    @Test("A refused connection fails at once and may be tried again")
    func refused() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            peer.stop()
            #expect(await eventually { peer.openConnectionCount == 0 })
            var request = HTTPRequest(.get, peer.url)
            request.timeout = .seconds(10)
            var error = await failure(of: request, by: client)
            // The listening socket is closed by its own thread, so the first tries may still be taken and cut.
            let deadline = ContinuousClock.now + .seconds(5)
            while error?.code != .connectFailed, .now < deadline { error = await failure(of: request, by: client) }
            #expect(error?.code == .connectFailed)
            #expect(error?.retry == .safe)
        }
    }

    @Test("A name without an address is not resolved")
    func unknownName() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, _ in
            let error = await failure(of: HTTPRequest(.get, "http://no-such-host.invalid/"), by: client)
            // Without any resolver at hand the time may end before the name is refused.
            #expect(error?.code == .nameNotResolved || error?.code == .timedOut)
            #expect(error?.retry == .safe)
        }
    }

    @Test("TLS with one that does not speak it fails as such")
    func notTLS() async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, peer in
            let error = await failure(of: HTTPRequest(.get, "https://127.0.0.1:\(peer.port)/"), by: client)
            #expect(error?.code == .tls)
            #expect(error?.retry == .safe)
        }
    }

    @Test("One peer that hangs takes its own pool's places and nobody else's")
    func hangingPeerIsAlone() async throws {
        let slow = try HTTPPeer.start { _ in .silence }
        defer { slow.stop() }
        var settings = OutboundClientSettings()
        settings.idleConnectionsMax = 1
        try await withPeer(settings: settings, respond: { _ in .answer(200) }) { client, peer in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        var request = HTTPRequest(.get, slow.url)
                        request.connectionsMax = 4
                        request.timeout = .seconds(60)
                        _ = await failure(of: request, by: client)
                    }
                }
                #expect(await eventually { slow.requestCount == 4 && client.figures.waiting == 16 })
                for _ in 0..<100 { _ = try await client.send(HTTPRequest(.get, peer.url)) }
                #expect(slow.requestCount == 4)
                #expect(peer.connectionCount == 1)
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
