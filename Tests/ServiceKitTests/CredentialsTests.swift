import JSONRPC
import Models
import Testing

@testable import ServiceKit

@Suite struct CredentialsTests {
    static let admin = "sk_admin0123456789abcdef"

    func header(_ text: String?) -> Credentials { Credentials(authorization: text, peer: Peer("10.0.0.1")) }

    @Test("Keys are random, prefixed and known by their hash alone")
    func making() {
        let one = APIKey.make(), other = APIKey.make()
        #expect(one != other && one.hasPrefix("sk_") && one.utf8.count == 67)
        // From sha256sum.
        #expect(APIKey.hash(of: "sk_abc") == "7c8d93f8ffb4cdb85b2a4b0c10886a66959da2eb67707b1c54718850a56d158c")
        let record = APIKey.record(name: "web", scopes: [.read, .ingest], hash: APIKey.hash(of: one))
        #expect(record["scopes"] == ["ingest", "read"])
        #expect(!JSONValue.object(record).text.contains(one))
    }

    @Test("A key of Redis is known with its scopes until it is taken away")
    func table() {
        let table = KeyTable(adminKey: Self.admin)
        #expect(table.principal(of: "sk_web") == nil)
        let record = APIKey.record(name: "web", scopes: [.read], hash: APIKey.hash(of: "sk_web"))
        #expect(table.replace(with: [.object(record)]) == 0)
        #expect(table.principal(of: "sk_web") == Principal(name: "web", scopes: [.read]))
        #expect(table.principal(of: "sk_web2") == nil)
        #expect(table.replace(with: []) == 0)
        #expect(table.principal(of: "sk_web") == nil)
        #expect(table.principal(of: Self.admin)?.scopes == Set(Scope.allCases))
    }

    @Test("Records that cannot be read are counted and harm no other")
    func unreadable() {
        let table = KeyTable()
        let good = JSONValue.object(APIKey.record(name: "web", scopes: [.read], hash: APIKey.hash(of: "sk_web")))
        let bad: [JSONValue] = [1, [:], ["name": "x", "scopes": ["read"], "hash": "zz"], ["name": "x", "hash": "00"]]
        #expect(table.replace(with: bad + [good]) == 4)
        #expect(table.principal(of: "sk_web")?.name == "web")
    }

    @Test("Equality is the same whatever bytes differ")
    func constantTime() {
        #expect(KeyTable.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(!KeyTable.isEqual([1, 2, 3], [0, 2, 3]))
        #expect(!KeyTable.isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!KeyTable.isEqual([1, 2, 3], [1, 2]))
    }

    @Test(
        "Only a bearer with a known key is let in",
        arguments: [
            (nil, false), ("", false), ("Bearer", false), ("Bearer ", false), ("Bearer sk_other", false),
            ("Basic \(CredentialsTests.admin)", false), (CredentialsTests.admin, false),
            ("Bearer \(CredentialsTests.admin)", true), ("bearer \(CredentialsTests.admin)", true),
            ("Bearer \(CredentialsTests.admin) ", false), ("Bearer eyJhbGciOiJub25lIn0.e30.", false),
        ] as [(String?, Bool)])
    func headers(_ text: String?, _ isLetIn: Bool) async {
        let authenticator = ServiceAuthenticator(keys: KeyTable(adminKey: Self.admin), tokens: nil)
        #expect((await authenticator.authenticate(header(text)) != nil) == isLetIn)
    }

    @Test("Wrong attempts from one address are answered later and later, up to a bound, others at once")
    func slowing() {
        let attempts = FailedAttempts()
        let now = ContinuousClock.now
        for _ in 0..<FailedAttempts.freeFailures { #expect(attempts.failed(from: "a", at: now) == .zero) }
        #expect(attempts.failed(from: "a", at: now) == FailedAttempts.delayStep)
        #expect(attempts.failed(from: "a", at: now) == FailedAttempts.delayStep * 2)
        for _ in 0..<50 { _ = attempts.failed(from: "a", at: now) }
        #expect(attempts.failed(from: "a", at: now) == FailedAttempts.delayMax)
        #expect(attempts.failed(from: "b", at: now) == .zero)
        let later = now + FailedAttempts.memory + .seconds(1)
        #expect(attempts.failed(from: "a", at: later) == .zero)
    }

    @Test("The table of addresses and the answers held back are bounded")
    func bounds() {
        let attempts = FailedAttempts()
        let now = ContinuousClock.now
        for address in 0..<(FailedAttempts.addressesMax + 500) { _ = attempts.failed(from: "\(address)", at: now) }
        #expect(attempts.count <= FailedAttempts.addressesMax)
        var held = 0
        for _ in 0..<3_000 where attempts.failed(from: "x", at: now) > .zero { held += 1 }
        #expect(held == FailedAttempts.heldMax)
        attempts.released()
        #expect(attempts.failed(from: "x", at: now) > .zero)
    }
}
