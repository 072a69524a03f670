import HTTPClient
import TestKit
import Testing

@Suite("Addresses that may be called", .timeLimit(.minutes(1)))
struct AddressPolicyTests {
    @Test(
        "What does not belong to the public Internet is refused",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
            "169.254.1.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1",
            "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1",
            "255.255.255.255", "168.63.129.16", "100.100.100.200", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.1.2.3",
            "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:0a00:0001::1", "2001:db8::1",
            "2001::1", "2001:2::1", "3fff::1", "100::1", "fc00::1", "fd12:3456::1", "fd00:ec2::254", "fe80::1",
            "fec0::1", "ff02::1", "4000::1", "5f00::1",
        ])
    func refused(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!address.isPublic)
        #expect(!AddressPolicy().permits(address, port: 80, host: text))
    }

    @Test(
        "Public addresses are called",
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1",
            "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001::1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808", "2002:0808:0808::1",
        ])
    func permitted(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy().permits(address, port: 80, host: text))
    }

    @Test(
        "An entry allows what it names and nothing more",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080, "x", true), ("127.0.0.1:8080", "127.0.0.1", 8081, "x", false),
            ("127.0.0.1:8080", "::ffff:127.0.0.1", 8080, "x", true), ("127.0.0.1:8080", "127.0.0.2", 8080, "x", false),
            ("10.0.0.0/8", "10.200.3.4", 1, "x", true), ("10.0.0.0/8", "172.16.0.1", 1, "x", false),
            ("10.0.0.0/9", "10.128.0.1", 1, "x", false), ("10.0.0.0/8:443", "10.0.0.1", 443, "x", true),
            ("10.0.0.0/8:443", "10.0.0.1", 80, "x", false), ("[::1]:9000", "::1", 9000, "x", true),
            ("[::1]:9000", "::1", 9001, "x", false), ("fd00::/8", "fd12::1", 5, "x", true),
            ("fd00::/8", "fc00::1", 5, "x", false), ("::1", "::1", 5, "x", true),
            ("localhost:8080", "127.0.0.1", 8080, "localhost", true),
            ("localhost:8080", "127.0.0.1", 8081, "localhost", false),
            ("localhost:8080", "127.0.0.1", 8080, "other", false),
            ("Stub.Internal", "10.0.0.9", 1, "stub.internal", true),
        ])
    func entries(_ entry: String, _ address: String, _ port: Int, _ host: String, _ expected: Bool) throws {
        let policy = try AddressPolicy(allow: [entry])
        let address = try #require(IPAddress(address))
        #expect(policy.permits(address, port: UInt16(port), host: host) == expected)
    }

    @Test(
        "An entry that cannot be read is named",
        arguments: [
            "", "10.0.0.0/33", "10.0.0.0/x", "host:0", "host:99999", "http://x", "a b", "[::1", "[::1]x", "[x]:1",
        ])
    func unreadable(_ entry: String) {
        let error = #expect(throws: HTTPError.self) { try AddressPolicy(allow: [entry]) }
        #expect(error?.code == .invalidRequest)
        #expect(error?.message.hasSuffix(entry) == true)
    }

    /// Spellings of 127.0.0.1 and of this machine that a check of the text alone would miss.
    static let spellings = [
        "127.0.0.1", "localhost", "LOCALHOST", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001",
        "127.1", "127.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0", "0.0.0.0", "127.0.0.1.",
    ]

    @Test("However loopback is spelled, it is refused", arguments: spellings)
    func spelledRefused(_ host: String) async throws {
        try await withPeer(allow: [], respond: { _ in .answer(200) }) { client, peer in
            let error = await failure(of: HTTPRequest(.get, "http://\(host):\(peer.port)/"), by: client)
            #expect(error?.code == .refusedAddress || error?.code == .nameNotResolved, "\(String(describing: error))")
            #expect(peer.connectionCount == 0)
        }
    }

    @Test(
        "However loopback is spelled, the list allows it by address",
        arguments: spellings.filter { !["0", "0.0.0.0", "127.0.0.1."].contains($0) && !$0.hasPrefix("[") })
    func spelledAllowed(_ host: String) async throws {
        try await withPeer(allow: ["127.0.0.0/8"], respond: { _ in .answer(200) }) { client, peer in
            let response = try await client.send(HTTPRequest(.get, "http://\(host):\(peer.port)/"))
            #expect(response.status == 200)
            #expect(response.address == "127.0.0.1:\(peer.port)")
        }
    }

    @Test("A name on the list is allowed with its port only")
    func namedEntry() async throws {
        let peer = try HTTPPeer.start { _ in .answer(200) }
        defer { peer.stop() }
        try await withPeer(allow: ["localhost:\(peer.port)"], respond: { _ in .answer(200) }) { client, other in
            #expect(await status(of: HTTPRequest(.get, "http://localhost:\(peer.port)/"), by: client) == 200)
            let byAddress = await failure(of: HTTPRequest(.get, peer.url), by: client)
            #expect(byAddress?.code == .refusedAddress)
            let otherPort = await failure(of: HTTPRequest(.get, "http://localhost:\(other.port)/"), by: client)
            #expect(otherPort?.code == .refusedAddress)
        }
    }

    @Test(
        "A URL in which two readers may see two hosts is refused before anything is done",
        arguments: [
            "", "http://", "http:///x", "127.0.0.1", "ftp://127.0.0.1/", "file:///etc/passwd", "http://a@127.0.0.1/",
            "http://a:b@127.0.0.1/", "http://127.0.0.1\\@x/", "http://%31%32%37.0.0.1/", "http://x:0/",
            "http://x:99999/",
            "http://x:/", "http://x:1x/", "http://[::1/", "http://[127.0.0.1]x/", "http://a b/", "http://x/\u{e9}",
            "http://x/\r\nA: b", "gopher://x/", "http://[fe80::1%25lo]/", "http://",
        ])
    func strictURLs(_ url: String) async throws {
        try await withPeer(respond: { _ in .answer(200) }) { client, _ in
            #expect(await failure(of: HTTPRequest(.get, url), by: client)?.code == .invalidRequest)
        }
    }
}
