import Models
import TestKit
import Testing

@testable import Queues

/// Requests whose workers died: who did it is found out alone, and the others are spared.
@Suite("Requests that workers died with")
struct SuspectRequestTests {
    private func claim(
        _ queue: RequestQueue, _ count: Int = 50, takesSuspect: Bool = false
    ) async throws -> ClaimAnswer {
        try await queue.claim([ClaimAsk(partition: 0, countMax: count, takesSuspect: takesSuspect)])[0].get()
    }

    /// A queue of another worker, to whom those of these names are gone.
    private func after(_ fixture: Fixture, _ gone: String..., worker: String = "next") -> RequestQueue {
        fixture.requests(worker: worker, isGone: { gone.contains($0) })
    }

    @Test("Claims of a worker that is known to be gone come back at once, those of others stay")
    func gone() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b", "c"])
            _ = try await claim(fixture.requests(worker: "dead-1"), 2)
            _ = try await claim(fixture.requests(worker: "alive-1"), 1)
            #expect(try await fixture.requests(worker: "next").sweep([0]) == 0)
            let next = after(fixture, "dead-1")
            #expect(try await next.sweep([0, 1]) == 2)
            let claims = try await claim(next).claims
            #expect(Set(claims.map(\.id)) == ["a", "b"] && claims.allSatisfy { $0.deliveries == 1 && $0.deaths == 1 })
        }
    }

    @Test("After one death all are taken together again, after a second each alone")
    func twoDeaths() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let ids = (0..<20).map { "r-\($0)" }
            try await fixture.push(.actions, 0, ids)
            _ = try await claim(fixture.requests(worker: "one"))
            let second = after(fixture, "one", worker: "two")
            #expect(try await second.sweep([0]) == 20)
            #expect(try await claim(second).claims.count == 20)
            let third = after(fixture, "two", worker: "three")
            #expect(try await third.sweep([0]) == 20)
            try await fixture.push(.actions, 0, ["new"])
            let first = try await claim(third)
            #expect(first.claims.map(\.id) == ["new"] && first.suspects == 20)
            var alone: [String] = []
            for left in (0..<20).reversed() {
                let answer = try await claim(third, takesSuspect: true)
                alone += answer.claims.map(\.id)
                #expect(answer.claims.count == 1 && answer.claims[0].isSuspect && answer.suspects == left)
            }
            #expect(Set(alone) == Set(ids))
        }
    }

    @Test("A death counts only for the request that was taken alone, and that one goes behind the others")
    func blame() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b"])
            _ = try await claim(fixture.requests(worker: "w0"))
            var taken: [String] = []
            for number in 1...7 {
                let queue = after(fixture, "w\(number - 1)", worker: "w\(number)")
                _ = try await queue.sweep([0])
                taken += try await claim(queue, takesSuspect: true).claims.map { "\($0.id)\($0.deliveries)" }
            }
            // The second together again, then one after the other.
            #expect(Set(taken.prefix(2)) == ["a1", "b1"])
            let rest = Array(taken.dropFirst(2))
            #expect(rest.map { $0.suffix(1) } == ["1", "1", "2", "2", "3", "3"])
            #expect(rest[0].prefix(1) != rest[1].prefix(1) && rest[0].prefix(1) == rest[2].prefix(1))
        }
    }

    @Test("One that got an answer is no suspect any more; one that was only put off stays one, and is taken alone")
    func cleared() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["answered", "putOff"])
            _ = try await claim(fixture.requests(worker: "one"))
            let second = after(fixture, "one", worker: "two")
            _ = try await second.sweep([0])
            _ = try await claim(second)
            let third = after(fixture, "two", worker: "three")
            _ = try await third.sweep([0])
            var suspects: [Claim] = []
            for _ in 0..<2 { suspects += try await claim(third, takesSuspect: true).claims }
            #expect(Set(suspects.map(\.id)) == ["answered", "putOff"])
            for claim in suspects {
                let isAnswered = claim.id == "answered"
                _ = try await third.postpone([
                    Postponement(claim: claim, delay: .zero, isUnharmed: !isAnswered, isAnswered: isAnswered)
                ])
            }
            let answer = try await claim(third)
            #expect(answer.claims.map(\.id) == ["answered"] && answer.claims[0].deaths == 0)
            #expect(answer.suspects == 1)
            let suspect = try await claim(third, takesSuspect: true).claims
            #expect(suspect.map(\.id) == ["putOff"] && suspect[0].deliveries == 1)
            #expect(try await third.complete(suspect.map { Completion(claim: $0, outcome: outcome($0.id)) }) == [.done])
        }
    }

    @Test("A suspect that was given up is dropped; one retried by hand as a dead letter begins anew")
    func ended() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            for id in ["gone", "dead"] {
                let element = request(id).element
                let text = String(decoding: element, as: UTF8.self)
                    .replacing(#""attempts":0,"#, with: #""attempts":0,"deaths":2,"#)
                _ = try await fixture.send("RPUSH", own.suspects(.actions), text)
            }
            _ = try await fixture.send("ZADD", own.cancelled(.actions), "1", "gone")
            let queue = fixture.requests()
            #expect(try await claim(queue, takesSuspect: true).claims.isEmpty)
            let claims = try await claim(queue, takesSuspect: true).claims
            #expect(claims.map(\.id) == ["dead"])
            _ = try await queue.deadLetter([
                DeadLetter(claim: claims[0], reason: "x", lastError: "x", outcome: outcome("dead"))
            ])
            #expect(try await queue.retryDeadLetter(id: "dead", partition: 0))
            let again = try await claim(queue).claims
            #expect(again.map(\.id) == ["dead"] && again[0].deaths == 0)
        }
    }

    /// Runs a worker until it dies: it performs nothing more, sends nothing more and gives nothing back.
    private func life(
        _ fixture: Fixture, _ number: Int, killer: String?, done: inout Set<String>
    ) async throws -> Bool {
        // As the worker does: what comes in company first, one suspect beside it.
        let queue = after(fixture, "life-\(number - 1)", worker: "life-\(number)")
        _ = try await queue.sweep([0])
        while true {
            let claims = try await claim(queue, 8, takesSuspect: true).claims
            if claims.isEmpty { return false }
            #expect(claims.count { $0.isSuspect } <= 1)
            if claims.contains(where: { $0.id == killer }) { return true }
            _ = try await queue.complete(claims.map { Completion(claim: $0, outcome: outcome($0.id)) })
            done.formUnion(claims.map(\.id))
        }
    }

    @Test("Whoever kills its worker ends as a dead letter with the reason, and everybody else is performed")
    func killer() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let ids = (0..<40).map { "r-\($0)" }
            try await fixture.push(.actions, 0, Array(ids.prefix(20)) + ["killer"] + Array(ids.dropFirst(20)))
            var done: Set<String> = []
            var lives = 1
            while try await life(fixture, lives, killer: "killer", done: &done) {
                lives += 1
                try #require(lives < 20, "it kills for ever")
            }
            #expect(done == Set(ids))
            let letters = try await fixture.list(fixture.keys.partition(0).dead(.actions)).map { try JSONValue.parse($0) }
            #expect(letters.map { $0["request"]?["id"] } == ["killer"] && letters[0]["reason"] == "deliveries")
            // In company twice, alone five times; the next finds nothing left.
            #expect(lives == 8)
        }
    }
}
