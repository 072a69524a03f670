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
            (StepFilter(), [1, 2, 3, 4, 5, 6]), (StepFilter(profile: "a"), [1, 2, 3, 4]),
            (StepFilter(namespace: "phone", profile: "a"), []), (StepFilter(journey: "other"), [6]),
            (StepFilter(journey: "j", version: 2), [5]), (StepFilter(instance: "i1"), [1, 2, 3, 4]),
            (StepFilter(stimulus: "e2"), [5, 6]), (StepFilter(node: "call"), [3]),
            (StepFilter(kind: "entered"), [1, 5]), (StepFilter(status: "error"), [3]),
            (StepFilter(code: "http_503"), [3]), (StepFilter(run: "r"), []), (StepFilter(from: 65_000), [3, 4, 5, 6]),
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
                numbers += page.items.map(\.number)
                cursor = page.cursor
            } while cursor != nil
            #expect(numbers == [1, 2, 3, 4, 5, 6])
            await store.close()
        }
    }
}
