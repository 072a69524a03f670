import Models
import Queues
import Redis
import TestKit
import Testing

@Suite("The commit")
struct CommitTests {
    private func batch(
        _ fixture: Fixture, fence: Int64 = 1, after previous: Int64 = 0, trim: Int = 0, time: Int64 = 100
    ) -> CommitBatch {
        CommitBatch(
            keys: fixture.keys.partition(0), fence: fence, previousCommit: previous, time: time,
            lastStep: previous + 1, trim: trim)
    }

    private func name(_ outcome: CommitOutcome) -> String {
        switch outcome {
        case .committed: "committed"
        case .done: "done"
        case .stale: "stale"
        case .behind: "behind"
        case .changed: "changed"
        case .failed(let error): "failed: \(error.code.rawValue)"
        }
    }

    private func commit(_ fixture: Fixture, _ batch: CommitBatch) async -> String {
        name(await Committer(redis: fixture.redis, keys: fixture.keys).commit([batch])[0])
    }

    private func withLease(_ body: (Fixture) async throws -> Void) async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            try await body(fixture)
        }
    }

    @Test("Where other elements are in the places of those consumed nothing happens: Redis lost its tail")
    func lostElements() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            let own = fixture.keys.partition(0)
            for text in ["one", "two", "three"] { _ = try await fixture.send("RPUSH", own.inbox, text) }
            let committer = Committer(redis: fixture.redis, keys: fixture.keys)
            func commit(_ texts: [String]) async -> CommitOutcome {
                var batch = CommitBatch(keys: own, fence: 1, previousCommit: 0, time: 1, lastStep: 0, trim: 0)
                batch.consume(texts.map { Array($0.utf8) })
                return await committer.commit([batch])[0]
            }
            for wrong in [["one", "other"], ["one", "two", "three", "four"]] {
                guard case .behind = await commit(wrong) else { throw TestKitError("it was not behind") }
            }
            #expect(try await fixture.count("LLEN", own.inbox) == 3)
            guard case .committed = await commit(["one", "two"]) else { throw TestKitError("it was not committed") }
            #expect(try await fixture.count("LLEN", own.inbox) == 1)
        }
    }

    @Test("What a run keeps lies apart, and goes as a whole; what a journey read is forgotten")
    func runs() async throws {
        try await withLease { fixture in
            let own = fixture.keys.partition(0)
            var first = batch(fixture)
            first.setTimer("crmId:a~t-1 4f", due: 7, ofRun: "t-1")
            first.setTimer("crmId:b~t-1 5f", due: 8, ofRun: "t-1")
            for person in ["crmId:a", "crmId:b"] { first.keepPerson(person, inRun: "t-1", true) }
            first.noteRead(journey: "sale", personKey: "crmId:a", run: 1)
            #expect(await commit(fixture, first) == "committed")
            let reader = RoundReader(redis: fixture.redis, keys: fixture.keys)
            #expect(try await reader.timers(ofRun: "t-1", in: 0, limit: 1).map(\.due) == [7])
            #expect(try await fixture.count("ZCARD", own.timers) == 0)

            var second = batch(fixture, after: 1)
            second.clearTimer("crmId:a~t-1 4f", ofRun: "t-1")
            second.keepPerson("crmId:a", inRun: "t-1", false)
            second.forgetReads(journey: "sale")
            #expect(await commit(fixture, second) == "committed")
            #expect(try await reader.timers(ofRun: "t-1", in: 0, limit: 9).map(\.due) == [8])
            let people = try await reader.members(of: own.runPeople("t-1"), in: 0, after: nil, limit: 9)
            #expect(people == ["crmId:b"])
            #expect(try await fixture.count("EXISTS", own.read("sale")) == 0)

            var third = batch(fixture, after: 2)
            third.keepPerson("crmId:c", inRun: "t-1", true)
            third.forgetRun("t-1")
            #expect(await commit(fixture, third) == "committed")
            #expect(try await fixture.send("EXISTS", own.runPeople("t-1"), own.runTimers("t-1")) == .integer(0))
        }
    }

    @Test("A batch does all that it says, at once")
    func everything() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            _ = try await fixture.appender().append(
                ["a", "b", "c"].map { InboxEntry(partition: 0, element: event($0)) })
            var batch = batch(fixture, trim: 2)
            batch.setTraveler("crmId:7", fields: [("i:1", Array("{}".utf8)), ("i:2", [1])])
            batch.setTraveler("crmId:8", fields: [("i:1", [2])])
            batch.expireTraveler("crmId:8", at: 9_000_000_000_000)
            batch.setTimer("crmId:7 1", due: 500)
            batch.setTimer("crmId:7 2", due: 600)
            batch.clearTimer("crmId:7 2")
            batch.enter(journey: "welcome", version: 1, member: "crmId:7 1", at: 100)
            batch.hold(journey: "welcome", version: 1, member: "crmId:7 1", at: 90)
            batch.hold(journey: "welcome", version: 1, member: "crmId:7 2", at: 91)
            batch.release(journey: "welcome", version: 1, member: "crmId:7 2")
            batch.noteRead(journey: "welcome", personKey: "crmId:7", run: 3)
            batch.push(.actions, request("r-1").element)
            batch.push(.fetches, Array("f".utf8))
            batch.pushSteps(Array("s".utf8))
            batch.refuse(Array("no".utf8))
            batch.park(Array("not json".utf8), reason: "unreadable")
            batch.append(Stimulus.configuration(revision: 3))
            batch.setProfile("crmId:7", Array("p".utf8))
            batch.keepEvent("crmId:7", KeptEvent(at: 4_000_000_000_000, id: "e", events: ["placed"], payload: [:]))
            batch.setState("walk:stop", "7")
            #expect(await commit(fixture, batch) == "committed")

            #expect(try await fixture.inbox(0).map(\.id) == ["c", "config-3"])
            #expect(try await fixture.field(own.traveler("crmId:7"), "i:2") == "\u{1}")
            #expect(try await fixture.count("PEXPIRETIME", own.traveler("crmId:8")) == 9_000_000_000_000)
            #expect(try await fixture.send("ZRANGE", own.timers, "0", "-1", "WITHSCORES").requireArray().count == 2)
            #expect(try await fixture.send("ZSCORE", own.inside("welcome", 1), "crmId:7 1").requireText() == "100")
            let held = try await fixture.send("ZRANGE", own.held("welcome", 1), "0", "-1", "WITHSCORES").requireArray()
            #expect(held.compactMap(\.text) == ["crmId:7 1", "90"])
            #expect(try await fixture.send("ZSCORE", own.read("welcome"), "crmId:7").requireText() == "3")
            #expect(try await fixture.list(own.requests(.actions)).count == 1)
            #expect(try await fixture.list(own.requests(.fetches)) == ["f"])
            #expect(try await fixture.list(own.steps) == ["s"])
            #expect(try await fixture.list(own.refusals) == ["no"])
            #expect(
                try await fixture.list(own.inboxDead)
                    == [#"{"kind":"dead","at":100,"reason":"unreadable","raw":"not json"}"#])
            #expect(try await fixture.send("GET", own.profile("crmId:7")).requireText() == "p")
            #expect(try await fixture.list(own.events("crmId:7")).count == 1)
            let state = [
                "commit": "1", "time": "100", "step": "1", "walk:stop": "7", "out:inbox": "2", "in:inbox": "4",
                "in:actions": "1", "stepsBytes": "1",
            ]
            for (field, value) in state { #expect(try await fixture.field(own.state, field) == value, "\(field)") }
        }
    }

    @Test("What is removed is gone, and a traveler deleted and set again holds only the new")
    func removed() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            var first = batch(fixture)
            first.setTraveler("a", fields: [("i:1", [1]), ("i:2", [2])])
            first.setTraveler("b", fields: [("i:1", [1])])
            first.setTimer("a 1", due: 5)
            first.enter(journey: "j", version: 1, member: "a 1", at: 5)
            first.setState("suspect", "x")
            #expect(await commit(fixture, first) == "committed")
            var second = batch(fixture, after: 1)
            second.setTraveler("a", fields: [], removing: ["i:1"])
            second.deleteTraveler("b")
            second.setTraveler("b", fields: [("i:9", [9])])
            second.clearTimer("a 1")
            second.leave(journey: "j", version: 1, member: "a 1")
            second.clearState("suspect")
            #expect(await commit(fixture, second) == "committed")
            #expect(try await fixture.send("HKEYS", own.traveler("a")).requireArray().map(\.text) == ["i:2"])
            #expect(try await fixture.send("HKEYS", own.traveler("b")).requireArray().map(\.text) == ["i:9"])
            #expect(try await fixture.count("EXISTS", own.timers) == 0)
            #expect(try await fixture.count("EXISTS", own.inside("j", 1)) == 0)
            #expect(try await fixture.field(own.state, "suspect") == nil)
        }
    }

    @Test("Of what is said twice in a batch the last word counts")
    func lastWord() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            var batch = batch(fixture)
            batch.setTraveler("a", fields: [("i:1", [1]), ("i:2", [1])])
            batch.setTraveler("a", fields: [("i:2", [2])], removing: ["i:1", "i:3"])
            batch.setTraveler("a", fields: [("i:3", [3])])
            batch.enter(journey: "j", version: 1, member: "a 1", at: 5)
            batch.leave(journey: "j", version: 1, member: "a 1")
            batch.clearTimer("a 2")
            batch.setTimer("a 2", due: 9)
            #expect(await commit(fixture, batch) == "committed")
            let fields = try await fixture.send("HGETALL", own.traveler("a")).requireArray().map(\.text)
            #expect(fields == ["i:2", "\u{2}", "i:3", "\u{3}"])
            #expect(try await fixture.count("EXISTS", own.inside("j", 1)) == 0)
            #expect(try await fixture.send("ZSCORE", own.timers, "a 2").requireText() == "9")
        }
    }

    @Test("A repeated batch answers done and changes nothing, also after later ones")
    func repeated() async throws {
        try await withLease { (fixture: Fixture) async throws in
            _ = try await fixture.appender().append(["a", "b"].map { InboxEntry(partition: 0, element: event($0)) })
            var batch = batch(fixture, trim: 1)
            batch.push(.actions, request("r-1").element)
            #expect(await commit(fixture, batch) == "committed")
            #expect(await commit(fixture, batch) == "done")
            var next = self.batch(fixture, after: 1)
            next.setTimer("x", due: 1)
            #expect(await commit(fixture, next) == "committed")
            #expect(await commit(fixture, batch) == "done")
            #expect(try await fixture.inbox(0).count == 1)
            #expect(try await fixture.list(fixture.keys.partition(0).requests(.actions)).count == 1)
        }
    }

    @Test("Another fence is stale, a missing predecessor is behind, and nothing changes")
    func refused() async throws {
        try await withLease { (fixture: Fixture) async throws in
            _ = try await fixture.appender().append([InboxEntry(partition: 0, element: event("a"))])
            #expect(await commit(fixture, batch(fixture, fence: 2, trim: 1)) == "stale")
            #expect(await commit(fixture, batch(fixture, after: 4, trim: 1)) == "behind")
            #expect(try await fixture.inbox(0).count == 1)
            _ = try await fixture.send("DEL", fixture.keys.partition(0).state)
            #expect(await commit(fixture, batch(fixture, trim: 1)) == "stale")
        }
    }

    @Test("A profile at another revision answers changed; one that is not there has revision 0")
    func profile() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let store = ProfileStore(redis: fixture.redis, keys: fixture.keys, partitions: 1)
            let person = Person(namespace: "crmId", id: "7")
            var document = ProfileDocument(person: person, attributes: ["tier": "gold"], revision: 1, updatedAt: 5)
            #expect(try await store.write(document, basedOn: 0) == .written)
            #expect(try await store.write(document, basedOn: 0) == .written)
            document.revision = 2
            #expect(try await store.write(document, basedOn: 0) == .changed)

            var stale = batch(fixture)
            stale.expectProfile(person.key, revision: 0)
            stale.setProfile(person.key, document.bytes)
            #expect(await commit(fixture, stale) == "changed")
            var right = batch(fixture)
            right.expectProfile(person.key, revision: 1)
            right.expectProfile("crmId:nobody", revision: 0)
            right.setProfile(person.key, document.bytes)
            #expect(await commit(fixture, right) == "committed")
            #expect(try await store.read(person)?.revision == 2)
        }
    }

    @Test("Travelers are deleted together, whatever their number and the type of their keys")
    func deletedTogether() async throws {
        try await withLease { (fixture: Fixture) async throws in
            let own = fixture.keys.partition(0)
            let people = (0..<7_500).map { "p\($0)" }
            var first = batch(fixture)
            for person in people { first.setTraveler(person, fields: [("i", [1])]) }
            #expect(await commit(fixture, first) == "committed")
            _ = try await fixture.send("SET", own.traveler("p3"), "x")
            var second = batch(fixture, after: 1)
            for person in people { second.deleteTraveler(person) }
            second.setTraveler("p5", fields: [("i", [2])])
            #expect(await commit(fixture, second) == "committed")
            for person in ["p0", "p3", "p6999", "p7000", "p7499"] {
                #expect(try await fixture.count("EXISTS", own.traveler(person)) == 0)
            }
            #expect(try await fixture.count("EXISTS", own.traveler("p5")) == 1)
        }
    }

    @Test(
        "A key of another type stops the batch before its first write",
        arguments: ["timers", "actions", "traveler:a"])
    func wrongType(key: String) async throws {
        try await withLease { (fixture: Fixture) async throws in
            _ = try await fixture.appender().append([InboxEntry(partition: 0, element: event("a"))])
            _ = try await fixture.send("SET", "{sj:0}:\(key)", "x")
            var batch = batch(fixture, trim: 1)
            batch.setTraveler("a", fields: [("i", [1])])
            batch.setTimer("a 1", due: 5)
            batch.push(.actions, request("r").element)
            #expect(await commit(fixture, batch) == "failed: broken")
            #expect(try await fixture.inbox(0).count == 1)
            #expect(try await fixture.field(fixture.keys.partition(0).state, "commit") == nil)
        }
    }

    @Test("A batch beyond the limit of Lua's unpack is committed whole")
    func large() async throws {
        try await withLease { (fixture: Fixture) async throws in
            var batch = batch(fixture)
            for number in 0..<9_000 {
                batch.setTimer("p \(number)", due: Int64(number))
                batch.pushSteps(Array("\(number)".utf8))
            }
            batch.setTraveler("a", fields: (0..<4_000).map { ("f\($0)", [1]) })
            for number in 0..<1_200 { batch.refuse(Array("\(number)".utf8)) }
            #expect(await commit(fixture, batch) == "committed")
            let own = fixture.keys.partition(0)
            #expect(try await fixture.count("ZCARD", own.timers) == 9_000)
            #expect(try await fixture.list(own.steps) == (0..<9_000).map { "\($0)" })
            #expect(try await fixture.count("HLEN", own.traveler("a")) == 4_000)
            #expect(try await fixture.list(own.refusals).first == "1199")
            #expect(try await fixture.count("LLEN", own.refusals) == 1_000)
        }
    }

    @Test("With memory at its limit a commit still goes through")
    func outOfMemory() async throws {
        try await withLease { (fixture: Fixture) async throws in
            _ = try await fixture.appender().append([InboxEntry(partition: 0, element: event("a"))])
            _ = try await fixture.send("CONFIG", "SET", "maxmemory", "1mb")
            var batch = batch(fixture, trim: 1)
            batch.setTraveler("a", fields: [("i", [1])])
            batch.push(.actions, request("r").element)
            batch.pushSteps(Array("s".utf8))
            #expect(await commit(fixture, batch) == "committed")
        }
    }

    @Test("Partitions are committed in one pipeline, each on its own")
    func manyPartitions() async throws {
        try await withRedis { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a", partitions: 3).beat()
            var batches = (0..<3).map {
                CommitBatch(
                    keys: fixture.keys.partition($0), fence: $0 == 1 ? 9 : 1, previousCommit: 0, time: 1, lastStep: 0,
                    trim: 0)
            }
            for place in batches.indices { batches[place].setTimer("x", due: 1) }
            let outcomes = await Committer(redis: fixture.redis, keys: fixture.keys).commit(batches)
            #expect(outcomes.map(name) == ["committed", "stale", "committed"])
        }
    }

    @Test("When Redis dies the outcome is unknown, and the state says which commit was the last")
    func lostAnswer() async throws {
        try await withRedis(appendOnly: .always) { (fixture: Fixture) async throws in
            _ = try await fixture.keeper("a").beat()
            var batch = batch(fixture)
            batch.setTimer("x", due: 1)
            #expect(await commit(fixture, batch) == "committed")
            try await fixture.server.restart()
            #expect(await commit(fixture, batch) == "done")
        }
    }
}
