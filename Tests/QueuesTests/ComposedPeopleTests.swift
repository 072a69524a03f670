import Logging
import Models
import Redis
import Synchronization
import TestKit
import Testing

@testable import Queues

@Suite("People brought over to the composed spelling of their ids", .timeLimit(.minutes(1)))
struct ComposedPeopleTests {
    static let partitions = 4

    /// A name with "é" in two parts as it was taken before, which lies in another partition, or in the same one.
    static func name(movesAway: Bool) -> (old: String, from: Int, person: Person) {
        for number in 0... {
            let old = "crmId:Jose\u{301}\(number)", person = Person(namespace: "crmId", id: "Jos\u{E9}\(number)")
            let from = Int(CRC16.of(old.utf8)) % partitions
            if (from != person.partition(of: partitions)) == movesAway { return (old, from, person) }
        }
        return ("", 0, Person(namespace: "", id: ""))
    }

    private func mover(_ fixture: Fixture, owner: String = "one", _ lines: SaidLines = SaidLines()) -> ComposedPeople {
        ComposedPeople(
            redis: fixture.redis, keys: fixture.keys, partitions: Self.partitions, service: "journey-execution",
            owner: owner, logger: Logger(label: "test", factory: { _ in lines }), clock: { 7 })
    }

    /// Everything that one person may have.
    private func fill(_ fixture: Fixture, _ key: String, _ partition: Int, instance: String = "aa", entered: Int = 5) async throws {
        let keys = fixture.keys.partition(partition)
        let state = #"{"journey":"news","version":2,"entered":5,"phase":"listening"}"#
        _ = try await fixture.send("HSET", keys.traveler(key), "i:\(instance)", state, "e:news", "\(entered)", "g:x", "goal")
        let id = String(key.dropFirst("crmId:".count))
        let profile = #"{"namespace":"crmId","id":"\#(id)","attributes":{"a":1},"revision":3,"updatedAt":9}"#
        _ = try await fixture.send("SET", keys.profile(key), profile)
        for (place, event) in ["late", "early"].enumerated() {
            let at = 90 - place * 10
            let element = #"{"sum":1,"kind":"event","at":\#(at),"id":"\#(event)-\#(instance)","events":["x"],"payload":{}}"#
            _ = try await fixture.send("RPUSH", keys.events(key), element)
        }
        _ = try await fixture.send("PEXPIREAT", keys.events(key), "99999999999999")
        for (set, score, member) in [
            ("people", "0", key), ("audience:gold:1", "0", key), ("read:news", "4", key), ("timers", "77", "\(key) \(instance)"),
            ("inside:news:2", "5", "\(key) \(instance)"), ("held:news:2", "6", "\(key) \(instance)"),
        ] { _ = try await fixture.send("ZADD", keys.key(set), score, member) }
    }

    private func names(_ fixture: Fixture) async throws -> [String] {
        try await fixture.send("KEYS", "*").requireArray().compactMap(\.text)
    }

    @Test("All that a person has lies under the composed key, in its partition, and nothing under the other", arguments: [true, false])
    func moved(away: Bool) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let (old, from, person) = Self.name(movesAway: away), to = fixture.keys.partition(person.partition(of: Self.partitions))
            try await fill(fixture, old, from)
            try await fill(fixture, "crmId:plain", 1, instance: "bb")
            let figures = try await mover(fixture).run()
            #expect(figures == ComposedPeople.Figures(moved: 1, joined: 0, skipped: 0))
            let key = person.key
            #expect(try await fixture.send("HGET", to.traveler(key), "i:aa").text?.contains("news") == true)
            #expect(try await fixture.send("HGET", to.traveler(key), "e:news").text == "5")
            #expect(try await fixture.send("HLEN", to.traveler(key)) == .integer(3))
            let profile = try ProfileDocument(bytes: try await fixture.send("GET", to.profile(key)).bytes ?? [])
            #expect(profile.person == person && profile.revision == 3 && profile.attributes == ["a": 1])
            let events = try await fixture.send("LRANGE", to.events(key), "0", "-1").requireArray().compactMap(\.bytes)
            #expect(events.compactMap(KeptEvent.init(bytes:)).map(\.id) == ["late-aa", "early-aa"])
            #expect(try await fixture.send("PEXPIRETIME", to.events(key)) == .integer(99_999_999_999_999))
            for (set, score, member) in [
                ("people", "0", key), ("audience:gold:1", "0", key), ("read:news", "4", key), ("timers", "77", "\(key) aa"),
                ("inside:news:2", "5", "\(key) aa"), ("held:news:2", "6", "\(key) aa"),
            ] { #expect(try await fixture.send("ZSCORE", to.key(set), member).text == score, "\(set)") }
            // Whoever is spelled so by nature stays as before.
            #expect(try await fixture.send("HLEN", fixture.keys.partition(1).traveler("crmId:plain")) == .integer(3))
            let names = try await names(fixture)
            #expect(!names.contains { $0.unicodeScalars.contains("\u{301}") || $0.contains("beside") }, "\(names)")
            for name in names where name.contains("people") || name.contains("timers") {
                let members = try await fixture.send("ZRANGE", name, "0", "-1").requireArray().compactMap(\.text)
                #expect(!members.contains { $0.unicodeScalars.contains("\u{301}") })
            }
            // Once is enough: the walk is not made again.
            try await fill(fixture, old, from)
            #expect(try await mover(fixture).run() == ComposedPeople.Figures())
            #expect(try await fixture.send("EXISTS", fixture.keys.partition(from).traveler(old)) == .integer(1))
        }
    }

    @Test("Of somebody in both spellings the instances of both go on, and the profile of the composed one stays")
    func joined() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let (old, from, person) = Self.name(movesAway: true), number = person.partition(of: Self.partitions)
            let to = fixture.keys.partition(number), key = person.key
            try await fill(fixture, old, from, instance: "aa", entered: 8)
            try await fill(fixture, key, number, instance: "bb", entered: 5)
            let kept = #"{"namespace":"crmId","id":"\#(person.id)","attributes":{"b":2},"revision":1,"updatedAt":1}"#
            _ = try await fixture.send("SET", to.profile(key), kept)
            _ = try await fixture.send("ZREM", to.key("audience:gold:1"), key)
            #expect(try await mover(fixture).run() == ComposedPeople.Figures(moved: 1, joined: 1, skipped: 0))
            #expect(try await fixture.send("HGET", to.traveler(key), "e:news").text == "8")
            for instance in ["aa", "bb"] {
                #expect(try await fixture.send("HEXISTS", to.traveler(key), "i:\(instance)") == .integer(1))
                #expect(try await fixture.send("ZSCORE", to.timers, "\(key) \(instance)").text == "77")
            }
            #expect(try await fixture.send("GET", to.profile(key)).text == kept)
            #expect(try await fixture.send("ZSCORE", to.key("audience:gold:1"), key).text == nil, "its profile says otherwise")
            let parked = try JSONValue.parse(try await fixture.send("LINDEX", to.inboxDead, "0").bytes ?? [])
            #expect(parked["reason"] == "twoSpellings" && parked["element"]?["attributes"] == ["a": 1])
            let events = try await fixture.send("LRANGE", to.events(key), "0", "-1").requireArray().compactMap(\.bytes)
            #expect(events.compactMap(KeptEvent.init(bytes:)).map(\.id) == ["late-bb", "late-aa", "early-bb", "early-aa"])
            // The sums are those that the script goes on from: bytes without the first bracket and the sum.
            let sums = try events.map { try JSONValue.parse($0)["sum"]?.integerValue ?? 0 }
            #expect(sums == sums.sorted(by: >) && sums.last ?? 0 > 0)
            #expect(try await fixture.send("EXISTS", fixture.keys.partition(from).profile(old)) == .integer(0))
        }
    }

    @Test("After a crash in the middle it goes on, and what was copied is not there twice")
    func resumed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let (old, from, person) = Self.name(movesAway: true), to = fixture.keys.partition(person.partition(of: Self.partitions))
            try await fill(fixture, old, from)
            try await mover(fixture).run()
            // As it is when the process died between copying and taking away.
            try await fill(fixture, old, from)
            _ = try await fixture.send("DEL", fixture.keys.config("composed"))
            #expect(try await mover(fixture, owner: "two").run().moved == 1)
            let key = person.key
            #expect(try await fixture.send("HLEN", to.traveler(key)) == .integer(3))
            #expect(try await fixture.send("LLEN", to.events(key)) == .integer(2))
            #expect(try await fixture.send("LLEN", to.inboxDead) == .integer(0))
            #expect(try await fixture.send("ZSCORE", to.key("audience:gold:1"), key).text == "0")
            #expect(try await fixture.send("EXISTS", fixture.keys.partition(from).traveler(old)) == .integer(0))
        }
    }

    @Test("It waits while another engine holds a partition, and while another process does it")
    func waits() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let (old, from, person) = Self.name(movesAway: true), to = fixture.keys.partition(person.partition(of: Self.partitions))
            try await fill(fixture, old, from)
            let lease = fixture.keys.partition(2).lease("journey-execution")
            _ = try await fixture.send("SET", lease, "older")
            _ = try await fixture.send("SET", fixture.keys.config("composed:lock"), "other")
            try await withThrowingTaskGroup(of: Void.self) { group in
                let lines = SaidLines()
                group.addTask { try await mover(fixture, lines).run() }
                try await eventually("it waits for the other process") { lines.have("another replica") }
                #expect(try await fixture.send("EXISTS", to.traveler(person.key)) == .integer(0))
                _ = try await fixture.send("DEL", fixture.keys.config("composed:lock"))
                try await eventually("it waits for the engine") { lines.have("earlier version must stop") }
                #expect(try await fixture.send("EXISTS", to.traveler(person.key)) == .integer(0))
                _ = try await fixture.send("DEL", lease)
                try await group.waitForAll()
            }
            #expect(try await fixture.send("EXISTS", to.traveler(person.key)) == .integer(1))
        }
    }

    @Test("Whose key is of the wrong type stays, is counted, and holds nobody up")
    func broken() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let (old, from, person) = Self.name(movesAway: true)
            let to = fixture.keys.partition(person.partition(of: Self.partitions))
            try await fill(fixture, old, from)
            _ = try await fixture.send("SET", fixture.keys.partition(from).traveler(old + "x"), "no hash")
            #expect(try await mover(fixture).run() == ComposedPeople.Figures(moved: 1, joined: 0, skipped: 1))
            #expect(try await fixture.send("EXISTS", to.traveler(person.key)) == .integer(1))
            #expect(try await fixture.send("GET", fixture.keys.config("composed")).text == "1")
        }
    }
}

/// What was said.
private final class SaidLines: LogHandler, Sendable {
    private let lines = Mutex<[String]>([])

    func have(_ part: String) -> Bool { lines.withLock { $0.contains { $0.contains(part) } } }

    func log(event: LogEvent) { lines.withLock { $0.append(event.message.description) } }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
}
