import Foundation
import HTTPClient
import TestKit
import Testing

@Suite("Codings of an answer's body", .timeLimit(.minutes(1)))
struct CodingTests {
    static let text = #"{"id":"m-1","name":"Zoë"}"#
    static let gzip = "H4sIAAAAAAACA6tWykxRslLK1TVU0lHKS8xNBXKi8g+vVqoFAOQFapYaAAAA"
    static let zlib = "eJyrVspMUbJSytU1VNJRykvMTQVyovIPr1aqBQBi7ggZ"
    static let rawDeflate = "q1bKTFGyUsrVNVTSUcpLzE0FcqLyD69WqgUA"
    /// Three MiB of letters, compressed twice.
    static let bomb = "H4sIAAAAAAACA5Pv5mAAASbmtwcZOUGMBfq2r/93lrFkcTGMglEwCkbBKBgFo2AUjIJRMAqGGyjQY76ro7GeicGAAQDUTDHSDgwAAA=="

    private func answer(_ coding: String, _ base64: String) -> PeerAnswer {
        let body = Data(base64Encoded: base64).map { [UInt8]($0) } ?? []
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n"
        return PeerAnswer([.send(Array(head.utf8) + body)])
    }

    @Test(
        "A compressed body is read as what it was",
        arguments: [("gzip", gzip), ("x-gzip", gzip), ("deflate", zlib), ("deflate", rawDeflate)])
    func read(coding: String, body: String) async throws {
        try await withPeer(respond: { _ in answer(coding, body) }) { client, peer in
            let response = try await client.send(HTTPRequest(.post, peer.url))
            #expect(String(decoding: response.body, as: UTF8.self) == Self.text)
            #expect(response.bodyLoss == nil)
            #expect(peer.received.first?["Accept-Encoding"] == "gzip, deflate")
        }
    }

    @Test("A body that swells beyond the bound ends at the bound", arguments: ["gzip", "gzip, gzip"])
    func bomb(coding: String) async throws {
        try await withPeer(respond: { _ in answer(coding, Self.bomb) }) { client, peer in
            var request = HTTPRequest(.get, peer.url)
            request.responseBytesMax = 1_000
            #expect(await failure(of: request, by: client)?.code == .tooLarge)
            request.lostBody = .leftOut
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(response.body.isEmpty && response.bodyLoss == .tooLong)
        }
    }

    @Test(
        "A body whose coding cannot be undone fails the call, or is left out where it is not needed",
        arguments: [("gzip", "bm90aGluZyBvZiB0aGF0IGtpbmQ="), ("br", gzip), ("secret", gzip)])
    func unreadable(coding: String, body: String) async throws {
        try await withPeer(respond: { _ in answer(coding, body) }) { client, peer in
            var request = HTTPRequest(.post, peer.url)
            #expect(await failure(of: request, by: client)?.code == .protocolError)
            request.lostBody = .leftOut
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(response.body.isEmpty && response.bodyLoss == .unreadable)
            // The handle keeps nothing of it.
            request.url = peer.url + "/again"
            #expect(await status(of: request, by: client) == 200)
        }
    }

    @Test("A 2xx whose body breaks off or is late counts where its status is all that is needed, and nothing else does")
    func incomplete() async throws {
        try await withPeer(respond: { request in
            switch request.path {
            case "/half": .halfBody(promised: 1_000, sent: 10)
            case "/drip": .drip(bytes: 1_000, every: .milliseconds(20))
            case "/busy": .raw("HTTP/1.1 503 Busy\r\nContent-Length: 9\r\n\r\nx")
            case "/early": .raw("HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n")
            default: .silence
            }
        }) { client, peer in
            var request = HTTPRequest(.post, peer.url)
            request.lostBody = .leftOutOfSuccess
            request.timeout = .milliseconds(500)
            for path in ["/half", "/drip"] {
                request.url = peer.url + path
                let response = try await client.send(request)
                #expect(response.status == 200 && response.body.isEmpty && response.bodyLoss == .incomplete, "\(path)")
            }
            for path in ["/busy", "/early", "/silent"] {
                request.url = peer.url + path
                #expect(await failure(of: request, by: client) != nil, "\(path)")
            }
        }
    }

    @Test("A long body that is not needed is left out; one that breaks off is no answer")
    func longAndBroken() async throws {
        try await withPeer(respond: { request in
            switch request.path {
            case "/long": .large(bytes: 2 << 20)
            case "/unannounced": .large(bytes: 2 << 20, announced: false)
            default: .halfBody(promised: 1_000, sent: 10)
            }
        }) { client, peer in
            for path in ["/long", "/unannounced"] {
                var request = HTTPRequest(.post, peer.url + path)
                request.lostBody = .leftOut
                let response = try await client.send(request)
                #expect(response.status == 200 && response.bodyLoss == .tooLong)
            }
            var request = HTTPRequest(.post, peer.url + "/half")
            request.lostBody = .leftOut
            #expect(await failure(of: request, by: client)?.code == .connectionLost)
        }
    }
}
