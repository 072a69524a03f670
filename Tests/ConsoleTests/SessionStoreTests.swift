import Logging
import Models
import Redis
import ServiceKit
import Synchronization
import TestKit
import Testing

@testable import Console

/// Sessions over a real redis-server, with a clock of the test's own.
@Suite("Sessions")
struct SessionStoreTests {
    @Test("A session is found by its token, with its key opened, and by no other")
    func found() async throws {
        let fixture = try await Fixture()
        let (token, _) = try await fixture.sessions.open(name: "ada", apiKey: "sk_secret")
        let found = try #require(try await fixture.sessions.find(token))
        #expect(found.session.name == "ada" && found.apiKey == "sk_secret")
        #expect(try await fixture.sessions.find(SessionToken()) == nil)
    }

    @Test("A session that is used goes on, one that is not ends after its time")
    func sliding() async throws {
        let fixture = try await Fixture()
        let (used, _) = try await fixture.sessions.open(name: "ada", apiKey: "sk_1")
        let (idle, _) = try await fixture.sessions.open(name: "ada", apiKey: "sk_2")
        for _ in 0..<3 {
            fixture.advance(by: Fixture.lifetime - 1)
            #expect(try await fixture.sessions.find(used) != nil)
        }
        #expect(try await fixture.sessions.find(idle) == nil)
        fixture.advance(by: Fixture.lifetime)
        #expect(try await fixture.sessions.find(used) == nil)
        #expect(try await fixture.sessions.count() == 0, "what has ended is removed when it is asked for")
    }

    @Test("A session that has ended does not come back by a renewal that was under way")
    func endedStaysEnded() async throws {
        let fixture = try await Fixture()
        let (token, session) = try await fixture.sessions.open(name: "ada", apiKey: "sk_1")
        try await fixture.sessions.end(token)
        var renewed = session
        renewed.expiresAt += 1
        let answer = try await fixture.client.node(forKey: Fixture.key).run(
            SessionStore.renewal, keys: [Fixture.key],
            arguments: [token.hash, session.json.bytes, renewed.json.bytes])
        #expect(answer.integerValue == 0)
        #expect(try await fixture.sessions.find(token) == nil)
    }

    @Test("All sessions of a name end together, those of others stay")
    func endAll() async throws {
        let fixture = try await Fixture()
        for _ in 0..<3 { _ = try await fixture.sessions.open(name: "ada", apiKey: "sk_1") }
        let (other, _) = try await fixture.sessions.open(name: "ben", apiKey: "sk_2")
        #expect(try await fixture.sessions.endAll(of: "ada") == 3)
        #expect(try await fixture.sessions.find(other) != nil)
        #expect(try await fixture.sessions.endAll(of: "ada") == 0)
    }

    @Test("A sweep removes what has ended and what cannot be read, and nothing else")
    func sweep() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.sessions.open(name: "ada", apiKey: "sk_1")
        fixture.advance(by: Fixture.lifetime)
        let (fresh, _) = try await fixture.sessions.open(name: "ada", apiKey: "sk_1")
        _ = try await fixture.client.node(forKey: Fixture.key).send(
            RedisCommand("HSET", Fixture.key, "x", "no session"))
        #expect(try await fixture.sessions.sweep() == 2)
        #expect(try await fixture.sessions.find(fresh) != nil)
    }

    @Test("A session sealed with a key that is gone is none")
    func otherKey() async throws {
        let fixture = try await Fixture()
        let (token, _) = try await fixture.sessions.open(name: "ada", apiKey: "sk_1")
        let other = SessionStore(
            redis: fixture.client, key: Fixture.key, secrets: try Fixture.secrets(7),
            lifetimeMilliseconds: Fixture.lifetime, now: { 0 })
        #expect(try await other.find(token) == nil)
    }
}

/// A store of sessions with its Redis; ends with the test.
private final class Fixture: Sendable {
    static let key = "{sj:config}:sessions"
    static let lifetime: Int64 = 43_200_000

    let client: RedisClient
    let sessions: SessionStore
    private let server: RedisServer
    private let time: Time

    private final class Time: Sendable {
        let milliseconds = Mutex<Int64>(1_767_225_600_000)
    }

    init() async throws {
        server = try await RedisServer.start()
        client = try RedisClient(RedisConfiguration(try RedisAddress(server.url)), logger: Logger(label: "test"))
        try client.start()
        let time = Time()
        self.time = time
        sessions = SessionStore(
            redis: client, key: Self.key, secrets: try Self.secrets(1), lifetimeMilliseconds: Self.lifetime,
            now: { time.milliseconds.withLock { $0 } })
    }

    static func secrets(_ byte: UInt8) throws -> SealedSecrets {
        try SealedSecrets(keyFileText: String(repeating: "0\(byte)", count: 32))
    }

    func advance(by milliseconds: Int64) { time.milliseconds.withLock { $0 += milliseconds } }
}
