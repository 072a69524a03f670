import Models
import Testing

@testable import JourneyReporting

@Suite("Reports over the store")
struct ReportTests {
    private static let now: Int64 = 1_768_048_496_000
    private static let minute: Int64 = 60_000

    /// Three people: one through an action, one whose action failed, one who was refused; all in the last five minutes.
    private static func records() -> [StepRecord] {
        let at = now - 5 * minute
        func entry(_ person: String, _ instance: String, _ at: Int64) -> StepRecord {
            .made(
                person, instance: instance,
                [
                    .made(1, .entered, at: at),
                    .made(2, .node, at: at, node: "first", type: "event", status: "ok", path: "next"),
                    .made(3, .node, at: at, node: "tier", type: "condition", status: "ok", path: "gold"),
                ])
        }
        func call(_ person: String, _ instance: String, _ code: String?, _ at: Int64, _ milliseconds: Int64)
            -> StepRecord
        {
            .made(
                person, instance: instance,
                [
                    .made(
                        4, .node, at: at, node: "thank", type: "action", status: code == nil ? "ok" : "error",
                        path: code == nil ? "next" : nil, code: code, milliseconds: milliseconds),
                    .made(5, .left, at: at, status: code == nil ? "finished" : "error", code: code),
                ])
        }
        return [
            entry("a", "i1", at), entry("b", "i2", at + minute), entry("c", "i3", at + minute),
            call("a", "i1", nil, at + 2 * minute, 100), call("b", "i2", "http_503", at + 3 * minute, 900),
            .made("a", instance: nil, [.made(0, .refused, at: at + minute, code: "alreadyInside")]),
            .made("a", instance: "i1", [.made(6, .goal, at: at + 3 * minute)]),
            StepRecord(
                person: Person(namespace: "email", id: "t"), journey: "j", version: 1, instance: "t1", stimulus: "s",
                events: [.made(1, .entered, at: at)], run: RunMark(id: "run-1", kind: .test)),
        ]
    }

    private func report(
        _ store: SQLiteStepStore, minutes: Int64 = 10, version: Int64? = nil, run: String? = nil
    ) async throws -> ReportFigures {
        try await store.report(
            ReportQuery(
                journey: "j", version: version, run: run,
                period: ReportPeriod(
                    from: Self.now - minutes * Self.minute, to: Self.now, intervalMilliseconds: Self.minute,
                    now: Self.now)))
    }

    @Test("Totals, reasons, paths and times are those of the step events")
    func figures() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            let sums = try await store.store([batches.next(Self.records())])
            let figures = try await report(store)
            let members = JourneyFigures(figures.sums, times: figures.times, ways: nil)
                .members(inProgress: figures.inProgress)
            #expect(
                members["totals"] == [
                    "entered": 3, "finished": 1, "failed": 1, "exited": 0, "timedOut": 0, "stopped": 0,
                    "converted": 1, "refused": 1, "filteredOut": 0, "inProgress": 1,
                ])
            #expect(members["failedByReason"] == [["reason": "http_503", "count": 1]])
            #expect(members["refusals"] == [["reason": "alreadyInside", "count": 1]])
            let nodes = members["nodes"]?.arrayValue ?? []
            #expect(nodes.map { $0["node"] } == ["first", "thank", "tier"])
            #expect(nodes[2]["paths"] == [["path": "gold", "count": 3]])
            #expect(nodes[1]["action"]?["sent"] == 1 && nodes[1]["action"]?["failed"] == 1)
            #expect(nodes[1]["action"]?["latency"]?["count"] == 2)
            let slowest = try #require(nodes[1]["action"]?["latency"]?["p99Ms"]?.integerValue)
            #expect(abs(slowest - 900) < 30)
            // What a transaction stored is what the sums since the start are made of, and both are the report.
            let real = sums.filter { $0.key.run.isEmpty }
            #expect(try await store.sumsSinceStart(journey: "j", origin: 0) == real)
            #expect(figures.sums == real)
            await store.close()
        }
    }

    @Test("Refusals without a record are counted by journey and reason, each commit once, those of a group too")
    func counted() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            let at = Self.now - 2 * Self.minute
            var counts = RefusalCounts()
            counts.refused = [
                .init(journey: "j", version: 1, reason: "filterFalse", at: at, run: nil, count: 3),
                .init(journey: "j", version: 0, reason: "filterFalse", at: at, run: "run-1", count: 9),
                .init(journey: "j", version: 1, reason: "alreadyAdmitted", at: at, run: nil, count: 2),
            ]
            counts.ruledOut = [
                .init(
                    group: "g", at: at, run: nil, count: 10, except: [.init(journey: "j", version: 1, count: 4)])
            ]
            counts.groups = [
                .init(id: "g", members: [.init(journey: "j", version: 1), .init(journey: "k", version: 7)])
            ]
            let first = batches.next(Self.records(), counts)
            for _ in 0..<2 { try await store.store([first]) }
            // The group was told; after a new start of the service too.
            await store.close()
            let again = try place.open()
            counts.groups = []
            counts.refused = []
            let sums = try await again.store([batches.next([], counts)])
            #expect(sums.values.reduce(0, +) == 6 + 10)
            let figures = try await report(again)
            let members = JourneyFigures(figures.sums, ways: nil).members(inProgress: 0)
            #expect(
                members["refusals"] == [
                    ["reason": "filterFalse", "count": 15], ["reason": "alreadyAdmitted", "count": 2],
                    ["reason": "alreadyInside", "count": 1],
                ])
            #expect(members["totals"]?["refused"] == 1 && members["totals"]?["filteredOut"] == 17)
            #expect(figures.buckets.values.reduce(0) { $0 + $1.filteredOut } == 17)
            #expect(try await report(again, run: "run-1").sums.values.reduce(0, +) == 1 + 9)
            #expect(try await again.sums(journey: "k", from: at, to: at).values.reduce(0, +) == 20)
            await again.close()
        }
    }

    @Test("A group that was never told is counted for no journey")
    func unknownGroup() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            var counts = RefusalCounts()
            counts.ruledOut = [
                .init(group: "g", at: 1, run: nil, count: 5, except: [.init(journey: "j", version: 1, count: 2)])
            ]
            let sums = try await store.store([batches.next([], counts)])
            #expect(sums.map { "\($0.key.journey) \($0.key.code) \($0.value)" } == [" filterFalse 5"])
            await store.close()
        }
    }

    @Test("A test run is told only where it is asked for")
    func runs() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            try await store.store([batches.next(Self.records())])
            let figures = try await report(store, run: "run-1")
            #expect(figures.sums.values.reduce(0, +) == 1)
            #expect(figures.inProgress == 1)
            let found = try await store.query(StepFilter(run: "run-1"), after: nil, limit: 10).items
            #expect(found.map(\.json).first?["runKind"] == "test")
            await store.close()
        }
    }

    @Test("Buckets add up to the totals, and what lies outside the time is not counted")
    func buckets() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            try await store.store([batches.next(Self.records())])
            let all = try await report(store)
            #expect(all.buckets.values.reduce(0) { $0 + $1.entered } == 3)
            #expect(all.buckets.values.reduce(0) { $0 + $1.left } == 2)
            let late = try await report(store, minutes: 3)
            #expect(late.sums.filter { $0.key.kind == "entered" }.isEmpty)
            #expect(late.sums.filter { $0.key.kind == "left" }.values.reduce(0, +) == 2)
            #expect(late.inProgress == 1)
            await store.close()
        }
    }

    @Test("Those who moved over to another version are inside that one")
    func moved() async throws {
        try await TemporaryStore.with { place in
            let store = try place.open()
            var batches = Batches()
            try await store.store([batches.next(Self.records())])
            try await store.store([
                batches.next([
                    .made(
                        "c", version: 2, instance: "i3",
                        [.made(4, .moved, at: Self.now - Self.minute, status: "ok", path: "1")])
                ])
            ])
            #expect(try await report(store, version: 1).inProgress == 0)
            #expect(try await report(store, version: 2).inProgress == 1)
            #expect(try await report(store).inProgress == 1)
            await store.close()
        }
    }

    @Test("How many came to a node is how many went the ways that lead there, version by version")
    func arrivals() {
        let document: JSONValue = [
            "name": "j",
            "nodes": [
                ["id": "first", "type": "event", "event": "e", "next": "tier"],
                [
                    "id": "tier", "type": "condition",
                    "paths": [["label": "gold", "when": "true", "next": "thank"], ["when": "true", "next": "late"]],
                    "otherwise": ["next": "late"],
                ],
                ["id": "thank", "type": "action", "action": "a", "next": "late", "onError": ["next": "late"]],
                ["id": "late", "type": "wait", "for": "P1D"],
            ],
        ]
        let ways = JourneyWays(["versions": [["version": 1, "document": document]]])
        func passed(_ node: String, _ path: String, _ version: Int64 = 1) -> TallySeries {
            TallySeries(
                journey: "j", version: version, kind: "node", node: node, type: "", status: "ok", path: path, code: "",
                run: "")
        }
        let arrivals = ways.arrivals([
            passed("first", "next"): 10, passed("tier", "gold"): 4, passed("tier", "path 2"): 3,
            passed("tier", "otherwise"): 2, passed("thank", "next"): 1, passed("thank", "onError"): 1,
            passed("first", "next", 7): 100,
        ])
        #expect(arrivals == ["tier": 10, "thank": 4, "late": 7])
    }
}
