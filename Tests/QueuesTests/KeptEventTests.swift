import Foundation
import Models
import Testing

@testable import Queues

@Suite("A person's kept events in Redis")
struct KeptEventTests {
    /// Redis forgets what expired before its own clock.
    private let start = Int64(Date().timeIntervalSince1970 * 1_000)

    private func event(_ number: Int, at time: Int64, bytes: Int = 0) -> KeptEvent {
        KeptEvent(
            at: time, id: "e-\(number)", events: ["placed"],
            payload: ["text": .string(String(repeating: "x", count: bytes))])
    }

    private func withLease(_ body: (Fixture) async throws -> Void) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            try await body(fixture)
        }
    }

    /// Commits each list of events in a batch of its own.
    private func keep(_ batches: [[KeptEvent]], _ fixture: Fixture) async throws {
        let committer = Committer(redis: fixture.redis, keys: fixture.keys)
        for (place, events) in batches.enumerated() {
            var batch = CommitBatch(
                keys: fixture.keys.partition(0), fence: 1, previousCommit: Int64(place), time: 100, lastStep: 0, trim: 0
            )
            for event in events { batch.keepEvent("crmId:7", event) }
            for _ in 0..<2 {
                // The second is a repeat, as after a lost answer.
                _ = await committer.commit([batch])
            }
        }
    }

    private func kept(_ fixture: Fixture) async throws -> [KeptEvent] {
        try await fixture.list(fixture.keys.partition(0).events("crmId:7")).compactMap {
            KeptEvent(bytes: Array($0.utf8))
        }
    }

    @Test("They lie newest first, each once though its commit was repeated, and go with the year")
    func order() async throws {
        try await withLease { (fixture: Fixture) async throws in
            try await keep([[event(1, at: start), event(2, at: start + 1)], [event(3, at: start + 2)]], fixture)
            let kept = try await kept(fixture)
            #expect(kept.map(\.id) == ["e-3", "e-2", "e-1"])
            #expect(kept.first == event(3, at: start + 2))
            let key = fixture.keys.partition(0).events("crmId:7")
            #expect(try await fixture.count("PEXPIRETIME", key) == start + 2 + KeptEvent.ageMillisecondsMax)
        }
    }

    @Test("Past a thousand the oldest go")
    func count() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let many = (1...1_003).map { event($0, at: start + Int64($0)) }
            try await keep([Array(many.prefix(600)), Array(many.dropFirst(600))], fixture)
            let kept = try await kept(fixture)
            #expect(kept.count == 1_000 && kept.first?.id == "e-1003" && kept.last?.id == "e-4")
        }
    }

    @Test("What is a year older than the newest goes with it")
    func age() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let later = start + KeptEvent.ageMillisecondsMax
            try await keep(
                [[event(1, at: start), event(2, at: start + 1)], [event(3, at: later)]], fixture)
            #expect(try await kept(fixture).map(\.id) == ["e-3", "e-2"])
        }
    }

    @Test("Past a mebibyte the oldest go, and the newest stays whatever its size")
    func bytes() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let large = (1...5).map { event($0, at: start, bytes: 300_000) }
            try await keep([large], fixture)
            #expect(try await kept(fixture).map(\.id) == ["e-5", "e-4", "e-3"])
            try await keepOne(event(6, at: start + 1, bytes: 1_200_000), after: 1, fixture)
            #expect(try await kept(fixture).map(\.id) == ["e-6"])
            try await keepOne(event(7, at: start + 2, bytes: 10), after: 2, fixture)
            #expect(try await kept(fixture).map(\.id) == ["e-7"])
            try await keepOne(event(8, at: start + 3, bytes: 10), after: 3, fixture)
            #expect(try await kept(fixture).map(\.id) == ["e-8", "e-7"])
        }
    }

    private func keepOne(_ event: KeptEvent, after commit: Int64, _ fixture: Fixture) async throws {
        var batch = CommitBatch(
            keys: fixture.keys.partition(0), fence: 1, previousCommit: commit, time: 100, lastStep: 0, trim: 0)
        batch.keepEvent("crmId:7", event)
        _ = await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])
    }
}
