import Models
import Redis
import TestKit
import Testing

@testable import Queues

/// Requests that are put off: counted by lane, and bounded.
@Suite("The backlog of requests")
struct BacklogTests {
    private static let bound = 40_000

    /// Claims, and whether each could be put off.
    private struct PutOff {
        let claims: [Claim]
        let checks: [ClaimCheck]

        var refused: [Claim] { claims.indices.filter { checks[$0] == .full }.map { claims[$0] } }
    }

    /// What is counted, by lane and in sum, and what lies there, in bytes.
    private struct Counted {
        var lanes: [String: Int] = [:]
        var sum = 0
        var there = 0
    }

    /// A quarter of the bound for each lane, for a minute.
    private func queue(_ fixture: Fixture, age: Duration = .seconds(60)) -> RequestQueue {
        fixture.requests {
            $0.waitingBytesMax = Self.bound
            $0.waitingAge = age
        }
    }

    /// Claims what lies in the list, and puts it off in its lane.
    @discardableResult
    private func putOff(
        _ queue: RequestQueue, _ lane: String?, by delay: Duration = .seconds(30), count: Int = 100,
        since: Int64? = nil
    ) async throws -> PutOff {
        var claims = try await queue.claim([ClaimAsk(partition: 0, countMax: count)])[0].get().claims
        for place in claims.indices {
            claims[place].progress.lane = lane
            if let since { claims[place].progress.claimedAt = since }
        }
        let items = claims.map { Postponement(claim: $0, delay: delay, isUnharmed: true) }
        return PutOff(claims: claims, checks: try await queue.postpone(items))
    }

    private func claim(_ queue: RequestQueue, _ count: Int = 200) async throws -> [Claim] {
        try await queue.claim([ClaimAsk(partition: 0, countMax: count)])[0].get().claims
    }

    private func counted(_ fixture: Fixture) async throws -> Counted {
        let own = fixture.keys.partition(0)
        let pairs = try await fixture.send("HGETALL", own.waiting(.actions)).requireArray().map { try $0.requireText() }
        var counted = Counted()
        for place in stride(from: 0, to: pairs.count, by: 2) { counted.lanes[pairs[place]] = Int(pairs[place + 1]) }
        for member in try await fixture.send("ZRANGE", own.retry(.actions), "0", "-1").requireArray() {
            counted.there += try member.requireText().utf8.count
        }
        counted.sum = Int(try await fixture.field(own.state, "waiting:actions") ?? "0") ?? -1
        return counted
    }

    /// Whether an event is taken; else it must be refused for the actions.
    private func isTaken(_ id: String, by appender: InboxAppender) async throws -> Bool {
        let result = try await appender.append([InboxEntry(partition: 0, element: event(id))])[0]
        if case .appended = result { return true }
        #expect(result == .full(.actions))
        return false
    }

    /// All turns come at once.
    private func passTime(_ fixture: Fixture) async throws {
        let retry = fixture.keys.partition(0).retry(.actions)
        for member in try await fixture.send("ZRANGE", retry, "0", "-1").requireArray() {
            _ = try await fixture.send("ZADD", retry, "1", try member.requireText())
        }
    }

    @Test("What is put off is counted by its lane, in bytes, and no more when its turn has come")
    func counts() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, ["a", "b"])
            try await putOff(queue, "sms")
            try await fixture.push(.actions, 0, ["c"])
            try await putOff(queue, "call \"x\"")
            let full = try await counted(fixture)
            #expect(Set(full.lanes.keys) == ["sms", "call__x_"] && full.lanes.values.reduce(0, +) == full.there)
            #expect(full.sum == full.there && full.there > 0)

            try await passTime(fixture)
            #expect(try await claim(queue, 2).count == 2)
            let less = try await counted(fixture)
            #expect(less.sum == less.there && less.lanes.values.reduce(0, +) == less.there && less.lanes.count == 1)
            #expect(try await claim(queue).count == 1)
            let empty = try await counted(fixture)
            #expect(empty.lanes.isEmpty && empty.sum == 0)
        }
    }

    @Test("A lane that is full keeps its share, the rest may not wait, and other lanes have room")
    func share() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, (0..<100).map { "a-\($0)" })
            let put = try await putOff(queue, "dead")
            let taken = put.checks.count { $0 == .done }
            #expect(!put.checks.contains(.late) && taken > 10 && taken < 100)
            let lane = try await counted(fixture).lanes["dead"] ?? 0
            #expect(lane <= Self.bound / 4 && lane > Self.bound / 4 - 1_000)
            // What may not wait is still its worker's, and a repeated call says so again.
            let refused = put.refused
            let again = refused.map { Postponement(claim: $0, delay: .seconds(30), isUnharmed: true) }
            let stillFull = try await queue.postpone(again)
            #expect(stillFull.count == refused.count && stillFull.allSatisfy { $0 == .full })
            let completed = try await queue.complete(refused.map { Completion(claim: $0, outcome: outcome($0.id)) })
            #expect(completed.allSatisfy { $0 == .done })

            try await fixture.push(.actions, 0, (0..<10).map { "b-\($0)" })
            let others = try await putOff(queue, "well").checks
            #expect(others.count == 10 && others.allSatisfy { $0 == .done })

            // Freed, it has room again.
            try await passTime(fixture)
            let due = try await claim(queue)
            #expect(due.count == taken + 10)
            _ = try await queue.complete(due.map { Completion(claim: $0, outcome: outcome($0.id)) })
            try await fixture.push(.actions, 0, ["c"])
            #expect(try await putOff(queue, "dead").checks == [.done])
        }
    }

    @Test("When all lanes together reach the bound, each may hold an equal share, and only then events are refused")
    func sum() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            let appender = fixture.appender { $0.putOffBytesMax = Self.bound }
            for lane in 0..<4 {
                try await fixture.push(.actions, 0, (0..<60).map { "\(lane)-\($0)" })
                let put = try await putOff(queue, "lane-\(lane)")
                _ = try await queue.complete(put.refused.map { Completion(claim: $0, outcome: outcome($0.id)) })
                // Each lane is a little short of its quarter.
                #expect(try await isTaken("e-\(lane)", by: appender), "refused after lane \(lane)")
            }
            // A fifth lane brings the sum over the bound; then it may hold a fifth and no more.
            try await fixture.push(.actions, 0, (0..<60).map { "4-\($0)" })
            _ = try await putOff(queue, "lane-4")
            #expect(try await !isTaken("late", by: appender))
            let counted = try await counted(fixture)
            let last = counted.lanes["lane-4"] ?? 0
            #expect(last <= Self.bound / 5 && last > Self.bound / 5 - 1_000)
            #expect(counted.sum == counted.there && counted.sum < Self.bound * 2)

            try await passTime(fixture)
            _ = try await claim(queue, 100)
            #expect(try await isTaken("again", by: appender))
        }
    }

    @Test("What has waited for so long may not wait again, and what would wait past that has its turn then")
    func age() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, ["old"])
            let now = try await queue.claim([ClaimAsk(partition: 1, countMax: 1)])[0].get().now
            #expect(try await putOff(queue, "sms", since: now - 60_000).checks == [.full])
            try await fixture.push(.actions, 0, ["young"])
            #expect(try await putOff(queue, "sms", by: .seconds(3_600), since: now - 59_000).checks == [.done])
            let retry = fixture.keys.partition(0).retry(.actions)
            let turn = try await fixture.send("ZRANGE", retry, "0", "0", "WITHSCORES")
            let due = Double(try turn.requireArray()[1].requireText()) ?? 0
            #expect(due == Double(now + 1_000))
        }
    }

    @Test("What is given back, or has no lane, is never refused")
    func givenBack() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, (0..<100).map { "a-\($0)" })
            let back = try await putOff(queue, "dead", by: .zero).checks
            #expect(back.count == 100 && back.allSatisfy { $0 == .done })
            let held = try await counted(fixture)
            #expect(held.sum == held.there)
            #expect(try await claim(queue).count == 100)
            try await fixture.push(.actions, 0, (0..<100).map { "b-\($0)" })
            let free = try await putOff(queue, nil).checks
            #expect(free.count == 100 && free.allSatisfy { $0 == .done })
            #expect(try await counted(fixture).sum == 0)
        }
    }

    @Test("A request that was given up, or is in hand already, is counted rightly when its turn comes")
    func dropped() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, ["gone", "twice", "stays"])
            try await putOff(queue, "sms")
            let own = fixture.keys.partition(0)
            _ = try await fixture.send("ZADD", own.cancelled(.actions), "1", "gone")
            try await fixture.push(.actions, 0, ["twice"])
            #expect(try await claim(queue, 1).map(\.id) == ["twice"])
            try await passTime(fixture)
            #expect(try await claim(queue).map(\.id) == ["stays"])
            let counted = try await counted(fixture)
            #expect(counted.sum == counted.there && counted.there > 0)
        }
    }

    @Test("Dead letters that are retried by hand wait and count like any other")
    func retried() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, ["a"])
            let claims = try await putOff(queue, "sms", since: 1).claims
            _ = try await queue.deadLetter([
                DeadLetter(claim: claims[0], reason: "backlogFull", lastError: "x", outcome: outcome("a"))
            ])
            #expect(try await queue.retryDeadLetter(id: "a", partition: 0))
            let put = try await putOff(queue, "sms")
            #expect(put.checks == [.done] && put.claims[0].deliveries == 1)
            let counted = try await counted(fixture)
            #expect(counted.sum == counted.there && counted.there > 0)
        }
    }

    @Test("Requests put off and new ones take turns, so that neither waits for the end of the others")
    func turns() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = queue(fixture)
            try await fixture.push(.actions, 0, (0..<20).map { "old-\($0)" })
            try await putOff(queue, "sms")
            try await passTime(fixture)
            try await fixture.push(.actions, 0, (0..<20).map { "new-\($0)" })
            let claims = try await claim(queue, 10)
            #expect(claims.count { $0.id.hasPrefix("old") } == 5 && claims.count == 10)
            // Where one alone is taken, it is now of these and now of those.
            var kinds: Set<Bool> = []
            try await eventually("one of each") {
                kinds.formUnion(try await claim(queue, 1).map { $0.id.hasPrefix("old") })
                return kinds.count == 2
            }
            #expect(try await claim(queue, 100).count + 10 < 40)
        }
    }
}
