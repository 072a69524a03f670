import GRDB
import Models
import Testing

@testable import JourneyReporting

@Suite("What the step store keeps")
struct RetentionTests {
    private static let hour: Int64 = 3_600_000

    private func number(_ store: SQLiteStepStore, _ sql: String) async throws -> Int64 {
        try await store.pool.read { db in try Int64.fetchOne(db, sql: sql) ?? -1 }
    }

    @Test("Records go once all of their block is old, in bounded pieces, and their pages are given back")
    func records() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            for minute in 0..<5 {
                let records = (0..<1_000).map { number in
                    StepRecord.made("p\(number)", [.made(1, .entered, at: Int64(minute) * 60_000)])
                }
                try await store.store([batches.next(records)])
            }
            #expect(try await number(store, "SELECT COUNT(*) FROM record") == 5_000)
            #expect(try await store.prune(before: 120_000, blocks: 1) == 1)
            #expect(try await store.prune(before: 120_000, blocks: 4) == 0)
            // Ids 1 to 1,023 lie in block 0, whose newest is of minute 1.
            #expect(try await number(store, "SELECT COUNT(*) FROM record") == 3_977)
            #expect(try await store.prune(before: .max, blocks: 100) == 4)
            #expect(try await number(store, "SELECT COUNT(*) FROM record") == 0)
            #expect(try await store.giveBack(pages: 10_000) > 0)
            #expect(try await number(store, "PRAGMA freelist_count") == 0)
            await store.close()
        }
    }

    @Test("What a test by a clock of its own says is kept by when it came, and keeps nothing else")
    func virtual() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open { 200_000 }
            var batches = Batches()
            let run = RunMark(id: "t-1", kind: .test)
            for year in [Int64(2_000), 2_900] {
                let time = (year - 1_970) * 31_557_600_000
                let record = StepRecord(
                    person: Person(namespace: "crmId", id: "a"), journey: "welcome", version: 0, instance: "4f",
                    stimulus: "e-1", events: [StepEvent(step: 1, kind: .entered, at: time)], run: run)
                try await store.store([batches.next([record, .made("b", [.made(1, .entered, at: 100_000)])])])
            }
            #expect(try await store.prune(before: 199_999, blocks: 4) == 0)
            #expect(try await number(store, "SELECT COUNT(*) FROM record") == 4)
            #expect(try await store.prune(before: 200_001, blocks: 4) == 1)
            await store.close()
        }
    }

    @Test("Counts are added up to hours, lose nothing, and go when they are too old")
    func tallies() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            for minute in stride(from: Int64(0), to: 180, by: 7) {
                let event = StepEvent.made(
                    1, .node, at: minute * 60_000, node: "n", type: "action", status: "ok", milliseconds: minute)
                try await store.store([batches.next([.made("a", [event])])])
            }
            let before = try await number(store, "SELECT SUM(number) FROM tally")
            for _ in 0..<2 {
                #expect(
                    try await store.tidyTallies(
                        after: 0, limit: 10, rolledUpBefore: 2 * Self.hour + 1, deletedBefore: 0) == nil)
                #expect(try await number(store, "SELECT SUM(number) FROM tally") == before)
                #expect(try await number(store, "SELECT SUM(number) FROM latency") == before)
                #expect(try await number(store, "SELECT COUNT(*) FROM tally WHERE minute < 120") == 2)
                #expect(try await number(store, "SELECT number FROM tally WHERE minute = 60") == 9)
                #expect(try await number(store, "SELECT COUNT(*) FROM tally WHERE minute >= 120") == 8)
            }
            #expect(
                try await store.tidyTallies(after: 0, limit: 1, rolledUpBefore: 0, deletedBefore: Self.hour) == 1)
            #expect(try await number(store, "SELECT MIN(minute) FROM tally") == 60)
            #expect(try await number(store, "SELECT number FROM series") == before)
            await store.close()
        }
    }

    @Test("A store of the first version is taken over: nothing is lost, and what it holds is counted")
    func migration() async throws {
        try await TemporaryStore.with { place in
            let old = try DatabasePool(path: place.path)
            try StepSchema.migrator.migrate(old, upTo: "deployment")
            try await old.write { db in
                for number in 1...3 {
                    let left = StepEvent.made(2, .left, at: 60_000, status: "error", code: "http_503")
                    var bytes: [UInt8] = [UInt8(ascii: "[")]
                    StepEvent.made(1, .entered, at: Int64(number)).write(to: &bytes)
                    bytes.append(UInt8(ascii: ","))
                    left.write(to: &bytes)
                    bytes.append(UInt8(ascii: "]"))
                    try db.execute(
                        sql: "INSERT INTO record (partition, number, at, namespace, person, journey, version,"
                            + " instance, stimulus, events) VALUES (0, ?, ?, 'email', 'a', 'j', 1, 'i', 's', ?)",
                        arguments: [number * 2, number, String(decoding: bytes, as: UTF8.self)])
                }
            }
            try old.close()
            let store = try place.open()
            #expect(try await store.query(StepFilter(profile: "a"), after: nil, limit: 100).items.count == 6)
            #expect(try await store.query(StepFilter(from: 60_000), after: nil, limit: 100).items.count == 3)
            #expect(try await number(store, "SELECT number FROM series WHERE code = 'http_503'") == 3)
            #expect(try await number(store, "SELECT SUM(number) FROM tally WHERE minute = 0") == 3)
            #expect(try await number(store, "PRAGMA auto_vacuum") == 2)
            await store.close()
        }
    }
}
