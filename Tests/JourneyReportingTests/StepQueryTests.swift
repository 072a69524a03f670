import Models
import Testing

@testable import JourneyReporting

@Suite("Queries of the step store")
struct StepQueryTests {
    /// Two people through one journey, and one refusal of another.
    private func fill(_ store: SQLiteStepStore) async throws {
        var batches = Batches()
        try await store.store([
            batches.next([
                .made(
                    "a", instance: "i1", stimulus: "e1",
                    [
                        .made(1, .entered, at: 1_000),
                        .made(2, .node, at: 1_000, node: "first", type: "event", status: "ok", path: "next"),
                    ])
            ]),
            batches.next([
                .made(
                    "a", instance: "i1", stimulus: "timer",
                    [
                        .made(
                            3, .node, at: 70_000, node: "call", type: "action", status: "error", path: "onError",
                            code: "http_503", milliseconds: 40),
                        .made(4, .left, at: 70_000, status: "finished"),
                    ]),
                .made("b", version: 2, instance: "i2", stimulus: "e2", [.made(1, .entered, at: 65_000)]),
            ]),
            batches.next([
                .made(
                    "b", journey: "other", instance: nil, stimulus: "e2",
                    [.made(0, .refused, at: 65_000, code: "notLive")])
            ]),
        ])
    }

    @Test(
        "Each member of the filter holds",
        arguments: [
            (StepFilter(), [1, 2, 5, 6, 3, 4]), (StepFilter(profile: "a"), [1, 2, 3, 4]),
            (StepFilter(namespace: "phone", profile: "a"), []), (StepFilter(journey: "other"), [6]),
            (StepFilter(journey: "j", version: 2), [5]), (StepFilter(instance: "i1"), [1, 2, 3, 4]),
            (StepFilter(stimulus: "e2"), [5, 6]), (StepFilter(node: "call"), [3]),
            (StepFilter(kind: "entered"), [1, 5]), (StepFilter(status: "error"), [3]),
            (StepFilter(code: "http_503"), [3]), (StepFilter(run: "r"), []), (StepFilter(from: 65_000), [5, 6, 3, 4]),
            (StepFilter(to: 65_000), [1, 2]), (StepFilter(journey: "j", from: 1_001, to: 65_001), [5]),
            (StepFilter(from: 80_000), []), (StepFilter(node: "a\"b"), []),
        ] as [(StepFilter, [Int64])])
    func filters(filter: StepFilter, numbers: [Int64]) async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            try await fill(store)
            #expect(try await store.query(filter, after: nil, limit: 100).items.map(\.number) == numbers)
            await store.close()
        }
    }

    @Test("Pages follow each other without a gap, whatever their size", arguments: 1...7)
    func pages(limit: Int) async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            try await fill(store)
            var numbers: [Int64] = []
            var cursor: StepCursor?
            repeat {
                let page = try await store.query(StepFilter(), after: cursor, limit: limit)
                #expect(page.items.count <= limit)
                let times = page.items.map(\.event.at)
                #expect(times == times.sorted(), "the oldest first")
                numbers += page.items.map(\.number)
                cursor = page.cursor
            } while cursor != nil
            #expect(numbers.sorted() == [1, 2, 3, 4, 5, 6])
            await store.close()
        }
    }

    @Test("An event that moved nobody is found by its id and person, is of no journey, and counts nowhere")
    func seen() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            let person = Person(namespace: "email", id: "a")
            let groups = [RefusalCounts.Member(journey: "vip", version: 1), .init(journey: "welcome", version: 3)]
            var refusals = RefusalCounts()
            refusals.groups = [.init(id: "g", members: groups)]
            let seen = SeenEvent(
                events: ["placed"], looked: [.init(journey: "j", version: 2, instance: "i1", reason: "matchFalse")],
                ruledOut: [.init(group: "g", count: 1, except: [groups[0]])])
            let sums = try await store.store([
                batches.next([StepRecord(seen: seen, person: person, stimulus: "e1", at: 1_000)], refusals),
                batches.next([
                    StepRecord(
                        person: person, journey: "j", version: 2, instance: "i2", stimulus: "e2",
                        events: [.made(1, .entered, at: 2_000), .made(2, .node, at: 2_000, node: "in")],
                        seen: SeenEvent(events: ["placed"]))
                ]),
            ])
            #expect(sums.keys.allSatisfy { $0.journey == "j" })
            for filter in [StepFilter(stimulus: "e1"), StepFilter(kind: "event"), StepFilter(profile: "a", to: 2_000)] {
                let items = try await store.query(filter, after: nil, limit: 10).items
                let shown = try #require(items.first?.json)
                #expect(items.count == 1 && shown["kind"] == "event" && shown["number"] == 1)
                #expect(shown["journey"] == .null && shown["stimulus"] == "e1" && shown["profile"] == "a")
                #expect(shown["event"]?["matched"] == ["placed"])
                #expect(
                    shown["event"]?["looked"]
                        == [["journey": "j", "version": 2, "instance": "i1", "code": "matchFalse"]])
                #expect(shown["event"]?["ruledOut"] == [["group": "g", "code": "filterFalse", "count": 1]])
                let members = try await store.members(of: ["g"])
                #expect(
                    items[0].view(members: members)["event"]?["ruledOut"]?[0]?["journeys"]
                        == [["journey": "welcome", "version": 3]])
            }
            let moved = try await store.query(StepFilter(stimulus: "e2"), after: nil, limit: 10).items
            #expect(moved.map { $0.json["event"]?["matched"] } == [["placed"], nil])
            await store.close()
        }
    }
}
