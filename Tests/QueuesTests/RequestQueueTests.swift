import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("Requests")
struct RequestQueueTests {
    private func claim(
        _ queue: RequestQueue, _ count: Int = 10, _ partition: Int = 0, takesSuspect: Bool = false
    ) async throws -> ClaimAnswer {
        try await queue.claim([ClaimAsk(partition: partition, countMax: count, takesSuspect: takesSuspect)])[0].get()
    }

    private func sizes(_ fixture: Fixture) async throws -> [Int64] {
        let own = fixture.keys.partition(0)
        return [
            try await fixture.count("LLEN", own.requests(.actions)),
            try await fixture.count("HLEN", own.claimed(.actions)),
            try await fixture.count("ZCARD", own.retry(.actions)), try await fixture.count("LLEN", own.dead(.actions)),
        ]
    }

    @Test("A claim takes from the head, counts, and says what is left")
    func claimed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b", "c"])
            let answer = try await claim(fixture.requests(), 2)
            #expect(answer.claims.map(\.id) == ["a", "b"])
            #expect(answer.waiting == 1 && answer.nextDue == nil && answer.deadLettered == 0)
            #expect(answer.claims.allSatisfy { $0.deliveries == 1 && $0.attempts == 1 })
            #expect(answer.claims.allSatisfy { $0.leaseUntil == answer.now + 60_000 })
            guard case .action(let read) = try Request(bytes: answer.claims[0].element) else { return }
            #expect(read == request("a"))
            #expect(try await sizes(fixture) == [1, 2, 0, 0])
            #expect(try await claim(fixture.requests(.fetches)).claims.isEmpty)
        }
    }

    @Test("A claim tells Redis' time, by which a worker whose clock is wrong speaks of its calls")
    func time() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            let queue = RequestQueue(
                redis: fixture.redis, keys: fixture.keys, kind: .actions, worker: "late", clock: { 3_600_000 })
            #expect(queue.time.now == 3_600_000, "before the first claim nothing else is known")
            let answer = try await claim(queue)
            let now = queue.time.now
            #expect(answer.now...(answer.now + 10_000) ~= now)
            // It goes on.
            let later = ContinuousClock.now + .milliseconds(3)
            while ContinuousClock.now < later { await Task.yield() }
            #expect(queue.time.now > now)
        }
    }

    @Test("The answers of a request's calls come back with it, whatever stands in them, of the newest four")
    func answers() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            let queue = fixture.requests()
            var claims = try await claim(queue).claims
            for number in 1...5 {
                claims[0].progress.add(
                    .init(
                        at: Int64(number), milliseconds: 1, status: "http_503",
                        answer: CallAnswer(status: 503, body: #"{"a\"}{":"\#(number)"}}"#)))
            }
            let progress = claims[0].progress
            #expect(try await queue.postpone([Postponement(claim: claims[0], delay: .zero, isUnharmed: false)]) == [.done])
            let again = try await claim(queue).claims
            #expect(again.map(\.progress) == [progress])
            #expect(again.first?.progress.calls.map { $0.answer != nil } == [false, true, true, true, true])
            guard let element = again.first?.element else { return }
            guard case .action(let read) = try Request(bytes: element) else { return #expect(Bool(false)) }
            #expect(read == request("a"))
        }
    }

    @Test("Completion removes the claim and appends the outcome once; a repeat, in the same call too, is late")
    func completed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b"])
            let queue = fixture.requests()
            let claims = try await claim(queue).claims
            let items = claims.map { Completion(claim: $0, outcome: outcome($0.id)) }
            #expect(try await queue.complete(items + items) == [.done, .done, .late, .late])
            #expect(try await queue.complete(items) == [.late, .late])
            #expect(try await sizes(fixture) == [0, 0, 0, 0])
            let inbox = try await fixture.list(fixture.keys.partition(0).inbox)
            #expect(inbox.count == 2)
            #expect(try Stimulus(bytes: Array(inbox[0].utf8)).id == "a")
        }
    }

    @Test("A claim whose lease ran out comes back by the sweep; the old worker is late")
    func swept() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b"])
            let dead = fixture.requests(worker: "dead") { $0.lease = .milliseconds(1) }
            let old = try await claim(dead, 1).claims
            let queue = fixture.requests(worker: "alive")
            try await eventually(within: .seconds(30), "the lease runs out") { try await queue.sweep([0, 1]) == 1 }
            #expect(try await queue.sweep([0, 1]) == 0)
            let claims = try await claim(queue).claims
            #expect(claims.map(\.id) == ["a", "b"])
            // Its worker had others in hand as well, so that the death is laid to none of them.
            #expect(claims.map(\.deliveries) == [1, 1])
            #expect(try await dead.complete(old.map { Completion(claim: $0, outcome: outcome("a")) }) == [.late])
            #expect(try await dead.renew(old) == [.late])
            #expect(try await dead.giveBack(old) == [.late])
            #expect(try await queue.sweep([0]) == 0)
            #expect(try await fixture.inbox(0).isEmpty)
        }
    }

    @Test("Thousands of claims are swept in steps")
    func sweptInSteps() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, (0..<1_200).map { "r-\($0)" })
            let dead = fixture.requests(worker: "dead") { $0.lease = .milliseconds(1) }
            for _ in 0..<3 { _ = try await claim(dead, 400) }
            let queue = fixture.requests { $0.sweepStep = 100 }
            var returned = 0
            try await eventually(within: .seconds(30), "all come back") {
                returned += try await queue.sweep([0])
                return returned == 1_200
            }
            #expect(try await sizes(fixture) == [1_200, 0, 0, 0])
        }
    }

    @Test(
        "The fifth delivery in vain of a request taken alone is a dead letter with the outcome internalError",
        arguments: RequestKind.allCases)
    func deliveries(kind: RequestKind) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            let origin = RequestOrigin(
                person: Person(namespace: "crm\"Id", id: "\\7\u{e9}\""), journey: "we\"l", version: 1, instance: "4f",
                node: "n", visit: 1)
            let element =
                kind == .actions
                ? ActionRequest(
                    id: "a", origin: origin, action: "x", actionRevision: 1, parameters: [:], timeoutMilliseconds: 1,
                    fields: []
                ).element
                : FetchRequest(id: "a", origin: origin, lookups: [], timeoutMilliseconds: 1).element
            _ = try await fixture.send("RPUSH", own.requests(kind), String(decoding: element, as: UTF8.self))
            let queue = fixture.requests(kind) { $0.lease = .milliseconds(1) }
            // Twice in company, then alone.
            for delivery in [1, 1, 1, 2, 3, 4, 5] {
                #expect(try await claim(queue, takesSuspect: true).claims.map(\.deliveries) == [delivery])
                try await eventually(within: .seconds(30), "it comes back") { try await queue.sweep([0]) == 1 }
            }
            let last = try await claim(queue, takesSuspect: true)
            #expect(last.claims.isEmpty && last.deadLettered == 1)
            let letter = try JSONValue.parse(try await fixture.list(own.dead(kind))[0])
            #expect(letter["reason"] == "deliveries" && letter["request"]?["id"] == "a")
            let stimulus = try Stimulus(bytes: Array(try await fixture.list(own.inbox)[0].utf8))
            guard case .outcome(let outcome) = stimulus.body else {
                Issue.record("No outcome: \(stimulus)")
                return
            }
            #expect(outcome.person == origin.person && outcome.instance == "4f" && outcome.id == "a")
            switch outcome.result {
            case .action(let result): #expect(result.status == "internalError" && kind == .actions)
            case .fetch(let results): #expect(results.isEmpty && kind == .fetches)
            }
        }
    }

    @Test(
        "An element that is no request is parked with the reason, and the rest goes on",
        arguments: ["not json", "{}", "{\"kind\":\"action\"}"])
    func unreadable(element: String) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            _ = try await fixture.send("RPUSH", own.requests(.actions), element)
            try await fixture.push(.actions, 0, ["a"])
            _ = try await fixture.send("HSET", own.claimed(.actions), "z", element)
            let queue = fixture.requests()
            let answer = try await claim(queue)
            #expect(answer.claims.map(\.id) == ["a"] && answer.deadLettered == 1)
            _ = try await queue.sweep([0])
            let letters = try await fixture.list(own.dead(.actions)).map { try JSONValue.parse($0) }
            #expect(letters.map { $0["reason"] } == ["unreadable", "unreadable"])
            #expect(letters.map { $0["raw"] } == [.string(element), .string(element)])
            #expect(try await fixture.inbox(0).isEmpty)
        }
    }

    @Test("What is put off waits for its turn, with its progress, and then takes turns with the list")
    func postponed() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b"])
            let queue = fixture.requests()
            var first = try await claim(queue, 1).claims[0]
            first.progress.calledAt = 5
            first.progress.calls = [.init(at: 5, milliseconds: 7, status: "http_503")]
            let later = Postponement(claim: first, delay: .seconds(3_600), isUnharmed: false)
            #expect(try await queue.postpone([later]) == [.done])
            #expect(try await queue.postpone([later]) == [.late])
            #expect(try await sizes(fixture) == [1, 0, 1, 0])
            let others = try await claim(queue)
            #expect(others.claims.map(\.id) == ["b"])
            #expect((others.nextDue ?? 0) > others.now + 3_500_000)
            // The hour passes.
            let retry = fixture.keys.partition(0).retry(.actions)
            let waiting = try await fixture.send("ZRANGE", retry, "0", "0").requireArray()[0].requireText()
            _ = try await fixture.send("ZADD", retry, "\(others.now)", waiting)
            try await fixture.push(.actions, 0, ["c"])
            let again = try await claim(queue, 2).claims
            #expect(again.map(\.id) == ["a", "c"])
            #expect(again.first?.deliveries == 2 && again.first?.attempts == 2)
            #expect(again.first?.progress == first.progress)
        }
    }

    @Test("What is given back unharmed counts neither as a delivery nor as an attempt")
    func givenBack() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            let queue = fixture.requests()
            for _ in 0..<7 {
                let claims = try await claim(queue).claims
                #expect(claims.map(\.deliveries) == [1] && claims.map(\.attempts) == [1])
                #expect(try await queue.giveBack(claims) == [.done])
            }
        }
    }

    @Test("Attempts are counted once however often the call is repeated, and the lease is renewed")
    func attempts() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            let queue = fixture.requests { $0.countsFirstAttempt = false }
            let claims = try await claim(queue).claims
            #expect(claims.map(\.attempts) == [0])
            #expect(try await queue.startAttempt(claims) == [.done])
            #expect(try await queue.startAttempt(claims) == [.done])
            let stored = try #require(
                try await fixture.field(fixture.keys.partition(0).claimed(.actions), "a"))
            #expect(stored.contains(#""attempts":1,"progress":{"claimedAt":"#))
            // The claim in hand knows of no attempt: to renew it changes nothing but the lease.
            #expect(try await queue.renew(claims) == [.done])
            let renewed = try await fixture.field(fixture.keys.partition(0).claimed(.actions), "a")
            #expect(renewed?.contains(#""attempts":1,"progress":{"claimedAt":"#) == true)
            #expect(try await queue.complete([Completion(claim: claims[0], outcome: outcome("a"))]) == [.done])
            #expect(try await queue.renew(claims) == [.late])
        }
    }

    @Test("A dead letter has its outcome in the inbox, is sent out again by hand with its id, or thrown away")
    func deadLetters() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "b"])
            let queue = fixture.requests()
            let items = try await claim(queue).claims.map {
                DeadLetter(claim: $0, reason: "attempts", lastError: "it said \"no\"", outcome: outcome($0.id))
            }
            #expect(try await queue.deadLetter(items) == [.done, .done])
            #expect(try await queue.deadLetter(items) == [.late, .late])
            #expect(try await fixture.inbox(0).map(\.id) == ["a", "b"])
            let letter = try JSONValue.parse(try await fixture.list(fixture.keys.partition(0).dead(.actions))[0])
            #expect(letter["lastError"] == "it said \"no\"" && letter["request"]?["attempts"] == 1)

            #expect(try await queue.retryDeadLetter(id: "a", partition: 0))
            #expect(try await !queue.retryDeadLetter(id: "a", partition: 0))
            #expect(try await !queue.discardDeadLetter(id: "x", partition: 0))
            #expect(try await queue.discardDeadLetter(id: "b", partition: 0))
            #expect(try await !queue.discardDeadLetter(id: "b", partition: 0))
            let again = try await claim(queue).claims
            #expect(again.map(\.id) == ["a"] && again.map(\.deliveries) == [1] && again.map(\.attempts) == [1])
            #expect(try await sizes(fixture) == [0, 1, 0, 0])
        }
    }

    private func bury(_ queue: RequestQueue, _ partition: Int) async throws {
        let items = try await claim(queue, 100, partition).claims.map {
            DeadLetter(claim: $0, reason: "attempts", lastError: "no", outcome: outcome($0.id))
        }
        _ = try await queue.deadLetter(items)
    }

    @Test(
        "Going through dead letters by pages reaches all, whatever is done with those seen",
        arguments: ["look", "discard", "retry", "discardOthers"], [1, 3, 7, 100])
    func deadLetterPages(what: String, limit: Int) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            let queue = fixture.requests()
            let ids = (0..<20).map { "r-\($0)" }
            for (number, id) in ids.enumerated() { try await fixture.push(.actions, number % 3, [id]) }
            for partition in 0..<3 { try await bury(queue, partition) }
            var seen: [String] = []
            var last: DeadLetterPlace?
            repeat {
                let (letters, next) = try await queue.deadLetters(in: 0..<3, after: last, limit: limit)
                #expect(letters.count <= limit)
                for (partition, letter) in letters {
                    let id = try #require(letter["request"]?["id"]?.stringValue)
                    seen.append(id)
                    if what == "discard" { _ = try await queue.discardDeadLetter(id: id, partition: partition) }
                    if what == "retry" { _ = try await queue.retryDeadLetter(id: id, partition: partition) }
                }
                if what == "discardOthers", last == nil {
                    // The oldest of all, which nobody has seen unless the page was long.
                    for partition in 0..<3 { _ = try await queue.discardDeadLetter(id: "r-\(partition)", partition: partition) }
                    for partition in 0..<3 {
                        try await fixture.push(.actions, partition, ["new-\(partition)"])
                        try await bury(queue, partition)
                    }
                }
                last = next.flatMap { DeadLetterPlace($0.text) }
                #expect(last == next)
            } while last != nil
            let old = seen.filter { !$0.hasPrefix("new") }
            #expect(Set(old).count == old.count || what == "discardOthers")
            let expected = what == "discardOthers" && limit < 100 ? Set(ids).subtracting(["r-0", "r-1", "r-2"]) : Set(ids)
            #expect(Set(old).isSuperset(of: expected))
            if what == "look" {
                #expect(old.prefix(3) == ["r-18", "r-15", "r-12"], "the newest of the first partition come first")
            }
        }
    }

    private func cancel(_ fixture: Fixture, _ ids: [String], after commit: Int64 = 0) async {
        var batch = CommitBatch(
            keys: fixture.keys.partition(0), fence: 1, previousCommit: commit, time: 1, lastStep: 0, trim: 0)
        for id in ids { batch.cancel(.actions, id: id) }
        let answer = await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])[0]
        guard case .committed = answer else {
            Issue.record("the commit was answered \(answer)")
            return
        }
    }

    @Test("A request that was given up is not performed, wherever it lay: in the list, put off or claimed")
    func givenUp() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            try await fixture.push(.actions, 0, ["later", "claimed", "kept"])
            let queue = fixture.requests()
            let claims = try await claim(queue, 2).claims
            _ = try await queue.postpone([Postponement(claim: claims[0], delay: .milliseconds(1), isUnharmed: true)])
            try await fixture.push(.actions, 0, ["listed"])
            await cancel(fixture, ["later", "claimed", "listed"])
            // Its worker is told that it is no longer its own.
            #expect(try await queue.complete([Completion(claim: claims[1], outcome: outcome("claimed"))]) == [.late])
            try await eventually("the one put off has its turn") {
                _ = try await claim(queue)
                return try await fixture.count("ZCARD", fixture.keys.partition(0).retry(.actions)) == 0
            }
            #expect(try await sizes(fixture) == [0, 1, 0, 0])
            #expect(try await fixture.count("LLEN", fixture.keys.partition(0).inbox) == 0)
            #expect(try await fixture.field(fixture.keys.partition(0).state, "cancelled") == "2")
        }
    }

    @Test("One that was given up and is sent out again by hand is performed")
    func givenUpAndRetried() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            try await fixture.push(.actions, 0, ["a"])
            let queue = fixture.requests()
            let claims = try await claim(queue).claims
            _ = try await queue.deadLetter([
                DeadLetter(claim: claims[0], reason: "r", lastError: "e", outcome: outcome("a"))
            ])
            await cancel(fixture, ["a"])
            #expect(try await queue.retryDeadLetter(id: "a", partition: 0))
            #expect(try await claim(queue).claims.map(\.id) == ["a"])
        }
    }

    @Test("Of requests that were given up the newest are known, and no more than the bound")
    func givenUpBound() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            let own = fixture.keys.partition(0)
            await cancel(fixture, (0..<CommitBatch.cancelledMax).map { "r\($0)" })
            await cancel(fixture, ["last"], after: 1)
            #expect(try await fixture.count("ZCARD", own.cancelled(.actions)) == Int64(CommitBatch.cancelledMax))
        }
    }

    @Test("Dead letters beyond their bound drop the oldest, counted")
    func deadBound() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, (0..<5).map { "r-\($0)" })
            let queue = fixture.requests { $0.deadMax = 3 }
            _ = try await queue.deadLetter(
                try await claim(queue).claims.map {
                    DeadLetter(claim: $0, reason: "attempts", lastError: "", outcome: outcome($0.id))
                })
            #expect(try await sizes(fixture)[3] == 3)
            #expect(try await fixture.field(fixture.keys.partition(0).state, "droppedDead") == "2")
            #expect(try await queue.retryDeadLetter(id: "r-2", partition: 0))
        }
    }

    @Test("A request that lies in the list twice is out once at a time")
    func twice() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a", "a"])
            let queue = fixture.requests()
            #expect(try await claim(queue).claims.count == 1)
            #expect(try await sizes(fixture) == [0, 1, 1, 0])
        }
    }

    @Test("With memory at its limit claims and completions go on")
    func outOfMemory() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            try await fixture.push(.actions, 0, ["a"])
            _ = try await fixture.send("CONFIG", "SET", "maxmemory", "1mb")
            let queue = fixture.requests()
            let claims = try await claim(queue).claims
            #expect(try await queue.complete(claims.map { Completion(claim: $0, outcome: outcome("a")) }) == [.done])
            #expect(try await fixture.inbox(0).count == 1)
        }
    }

    @Test("Many workers at once, some of which die: each request is completed exactly once")
    func concurrent() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            for partition in 0..<4 {
                try await fixture.push(.actions, partition, (0..<250).map { "\(partition)-\($0)" })
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let queue = fixture.requests(worker: "w\(number)") {
                            $0.lease = .milliseconds(300)
                            $0.deliveriesMax = 1_000
                        }
                        var dropped = 0
                        let deadline = ContinuousClock.now + .seconds(30)
                        while ContinuousClock.now < deadline {
                            let asks = (0..<4).map { ClaimAsk(partition: $0, countMax: 5, takesSuspect: true) }
                            let claims = try await queue.claim(asks).flatMap { try $0.get().claims }
                            // Every worker lets some claims fall, as if it died.
                            let kept = dropped < 20 ? Array(claims.dropFirst()) : claims
                            dropped += claims.count - kept.count
                            _ = try await queue.complete(kept.map { Completion(claim: $0, outcome: outcome($0.id)) })
                            _ = try await queue.sweep([0, 1, 2, 3])
                            if claims.isEmpty {
                                var left: Int64 = 0
                                for partition in 0..<4 {
                                    let own = fixture.keys.partition(partition)
                                    left += try await fixture.count("LLEN", own.requests(.actions))
                                    left += try await fixture.count("HLEN", own.claimed(.actions))
                                    left += try await fixture.count("LLEN", own.suspects(.actions))
                                }
                                if left == 0 { return }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            for partition in 0..<4 {
                let ids = try await fixture.inbox(partition).map(\.id)
                #expect(ids.count == 250 && Set(ids).count == 250)
            }
        }
    }
}
