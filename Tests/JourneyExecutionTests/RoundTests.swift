import Definitions
import Engine
import Models
import Queues
import Redis
import Testing

@testable import JourneyExecution

@Suite("Rounds over a partition")
struct RoundTests {
    @Test(
        "Where a key of a person is of the wrong type what comes for that person is parked, and the rest goes on",
        arguments: ["traveler", "events", "profile"])
    func brokenKey(kind: String) async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(
                ##"{"id": "in", "type": "event", "event": "placed", "next": "c"}, {"id": "c", "type": "condition", "paths": [{"label": "gold", "when": "#{profile.tier} == 'gold'"}, {"label": "other", "when": "true", "next": "w"}]}, {"id": "w", "type": "wait", "for": "P1D"}"##
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            let broken = Person(namespace: "crmId", id: "a").key
            let key =
                [
                    "traveler": rig.own.traveler(broken), "events": rig.own.events(broken),
                    "profile": rig.own.profile(broken),
                ][kind] ?? ""
            if kind == "profile" {
                _ = try await rig.send("RPUSH", key, "x")
            } else {
                _ = try await rig.send("SET", key, "x")
            }
            for person in ["b", "a", "c"] { try await rig.append("placed", of: person) }
            try await rig.rounds(&partition)
            let dead = try await rig.list(rig.own.inboxDead)
            #expect(dead.map { $0["reason"] } == ["brokenKey"])
            #expect(dead.first?["element"]?["person"] == "a")
            #expect(try await rig.send("LLEN", rig.own.inbox) == .integer(0))
            #expect(try await rig.inside.counts([("welcome", 1)]) == [2])
        }
    }

    @Test("A journey counts the person's events that are kept, over batches and owners, each once")
    func keptEvents() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(
                ##"{"id": "in", "type": "event", "event": "placed", "filter": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.placed}) == 3", "next": "w"}, {"id": "w", "type": "event", "event": "clicked", "match": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent}) == 4"}"##
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            for _ in 0..<2 { try await rig.append("placed", of: "a") }
            try await rig.append("clicked", of: "a")
            try await rig.append("placed", of: "b")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [0])
            partition.forget()
            try await rig.append("placed", of: "a")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [1], "a's third order is the one that enters")
            try await rig.append("clicked", of: "a")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [1], "a click is not kept")
            try await rig.append("placed", of: "a")
            try await rig.append("clicked", of: "a")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [0])
            let key = rig.own.events(Person(namespace: "crmId", id: "a").key)
            #expect(try await rig.list(key).map { $0["id"] } == Array(repeating: "placed-a", count: 4))
        }
    }

    @Test("Of whom only the stored instances show that kept events are needed, they are read then")
    func keptEventsOfTimers() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(
                ##"{"id": "in", "type": "event", "event": "placed", "next": "w"}, {"id": "w", "type": "wait", "for": "PT1H", "next": "c"}, {"id": "c", "type": "condition", "paths": [{"label": "two", "when": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.placed}) == 2", "next": "e"}], "otherwise": {"next": "f"}}, {"id": "e", "type": "event", "event": "clicked"}, {"id": "f", "type": "end"}"##
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            for _ in 0..<2 { try await rig.append("placed", of: "a") }
            try await rig.rounds(&partition)
            let member = try #require(try await rig.send("ZRANGE", rig.own.timers, "0", "-1").elements?.first?.text)
            _ = try await rig.send("ZADD", rig.own.timers, "1", member)
            let key = rig.own.traveler(Person(namespace: "crmId", id: "a").key)
            let instance = try #require(
                try await rig.send("HKEYS", key).elements?.compactMap(\.text).first { $0.hasPrefix("i:") })
            var state = try #require(
                try JSONValue.parse(try await rig.send("HGET", key, instance).requireText()).objectValue)
            state["due"] = 1
            _ = try await rig.send("HSET", key, instance, JSONValue.object(state).text)
            partition.forget()
            for _ in 0..<2 {
                partition = try #require(await rig.rounds.run([partition], settings: .init()).partitions.first)
            }
            let stored = try await rig.send("HGET", key, instance).requireText()
            #expect(try JSONValue.parse(stored)["node"] == "e", "\(stored)")
        }
    }

    @Test("Who left last may still reach the goal of a version that is finished, until its window has passed")
    func goalOfFinished() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(
                #"{"id": "in", "type": "event", "event": "placed"}"#,
                goal: #"{"event": "clicked", "within": "P1D"}"#)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            for person in ["a", "b"] { try await rig.append("placed", of: person) }
            try await rig.rounds(&partition)
            try await rig.close()
            try await rig.finish(at: RoundRig.now())
            func goals() async throws -> Int {
                try await rig.list(rig.own.steps).flatMap { element in
                    (element["records"]?.arrayValue ?? []).flatMap { $0["events"]?.arrayValue ?? [] }
                }.count { $0["kind"] == "goal" }
            }
            let kept = try #require(await rig.plans.load(atLeast: 0))
            #expect(kept.journeys.plan(journey: "welcome", version: 1) != nil)
            #expect(kept.versions(of: "welcome") == [], "nobody is inside")
            try await rig.append("clicked", of: "a")
            try await rig.append("placed", of: "a")
            try await rig.rounds(&partition)
            #expect(try await goals() == 1)
            #expect(try await rig.send("LLEN", rig.own.refusals) == .integer(0), "it takes nobody in and says nothing")
            rig.skip.milliseconds = 86_400_000
            let later = try #require(await rig.plans.load(atLeast: 0))
            #expect(later.journeys.plan(journey: "welcome", version: 1) == nil)
            try await rig.append("clicked", of: "b")
            try await rig.rounds(&partition)
            #expect(try await goals() == 1)
        }
    }

    @Test("A run that reads only who is new passes over those to whom the last one came, until they exit")
    func exitedRuns() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = try await rig.store.create(
                .audiences, ["name": "gold", "rule": "#{profile.tier} == 'gold'", "ruleRevision": 1], by: rig.author)
            try await rig.publish(
                #"{"id": "in", "type": "readAudience", "audience": "gold", "incremental": true, "schedule": {"cron": "0 0 1 1 *"}}"#
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            let keys = ["a", "b"].map { Person(namespace: "crmId", id: $0).key }
            for key in keys { _ = try await rig.send("ZADD", rig.own.read("welcome"), "3", key) }
            for (person, change) in [("a", AudienceChange.exited), ("b", .entered)] {
                let move = AudienceMove(
                    id: "m-\(person)", person: Person(namespace: "crmId", id: person), audience: "gold", change: change)
                _ = try await InboxAppender(redis: rig.redis, keys: rig.keys).append([
                    InboxEntry(partition: 0, element: move.element)
                ])
            }
            try await rig.rounds(&partition)
            let left = try await rig.send("ZRANGE", rig.own.read("welcome"), "0", "-1").requireArray()
            #expect(left.compactMap(\.text) == [keys[1]])
        }
    }

    @Test("Journeys that undo each other's changes end after ten, under whatever owner", arguments: [false, true])
    func changeLoop(isForgotten: Bool) async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = try await rig.store.create(
                .audiences, ["name": "hot", "rule": "temp == 'hot'", "ruleRevision": 1], by: rig.author)
            func publish(_ name: String, _ entry: String, _ value: String) async throws {
                try await rig.publish(
                    #"{"id": "in", \#(entry), "next": "u"}, {"id": "u", "type": "updateProfile", "field": "temp", "value": "'\#(value)'"}"#,
                    name: name)
            }
            try await publish("start", #""type": "event", "event": "placed""#, "hot")
            try await publish("cool", #""type": "audience", "audience": "hot", "change": "entered""#, "cold")
            try await publish("heat", #""type": "audience", "audience": "hot", "change": "exited""#, "hot")
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            try await rig.append("placed", of: "a")
            for _ in 0..<20 {
                try await rig.rounds(&partition, most: 1)
                if isForgotten { partition.forget() }
            }
            #expect(try await rig.send("LLEN", rig.own.inbox) == .integer(0))
            let key = Person(namespace: "crmId", id: "a").key
            let bytes = try await rig.send("GET", rig.own.profile(key)).bytes
            let profile = try JSONValue.parse(bytes ?? [])
            #expect(profile["revision"] == 11, "the event's update, and those that ten changes led to")
            let refusals = try await rig.list(rig.own.refusals)
            #expect(refusals.compactMap { $0["reasons"]?[0]?["reason"]?.stringValue } == ["changeLoop"])
        }
    }

    @Test("Where a journey reads kept events, a list of the wrong type parks what comes for its person")
    func brokenEvents() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(
                ##"{"id": "in", "type": "event", "event": "clicked", "filter": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.placed}) == 0", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"##
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            _ = try await rig.send("SET", rig.own.events(Person(namespace: "crmId", id: "a").key), "x")
            for person in ["b", "a"] { try await rig.append("clicked", of: person) }
            try await rig.rounds(&partition)
            #expect(try await rig.list(rig.own.inboxDead).map { $0["reason"] } == ["brokenKey"])
            #expect(try await rig.inside.counts([("welcome", 1)]) == [1])
        }
    }

    @Test("A timer of a person whose key is of the wrong type is put off, and taken when the key is mended")
    func brokenTimer() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            try await rig.append("placed", of: "a")
            try await rig.rounds(&partition)
            let member = try #require(try await rig.send("ZRANGE", rig.own.timers, "0", "-1").elements?.first?.text)
            let key = rig.own.traveler(Person(namespace: "crmId", id: "a").key)
            _ = try await rig.send("RENAME", key, "aside")
            _ = try await rig.send("SET", key, "x")
            _ = try await rig.send("ZADD", rig.own.timers, "1", member)
            // What is held in memory is not read again before something goes wrong.
            partition.forget()
            let before = RoundRig.now()
            for _ in 0..<3 {
                partition = try #require(await rig.rounds.run([partition], settings: .init()).partitions.first)
            }
            let due = try #require(try await rig.send("ZSCORE", rig.own.timers, member).text.flatMap { Int64($0) })
            #expect(due >= before + 599_000)
            #expect(partition.nextTimer == due, "it is not looked for before")

            _ = try await rig.send("RENAME", "aside", key)
            _ = try await rig.send("ZADD", rig.own.timers, "1", member)
            partition = try #require(await rig.rounds.run([partition], settings: .init()).partitions.first)
            let again = try #require(try await rig.send("ZSCORE", rig.own.timers, member).text.flatMap { Int64($0) })
            // The instance knows when it is really due.
            #expect(again > before + 3_000_000)
        }
    }

    @Test("Before the configuration was read nothing is handled by it")
    func unread() async throws {
        try await RoundRig.run { rig in
            var partition = try await rig.take()
            _ = try await rig.send("SET", rig.keys.config("journeys"), "x")
            try await rig.append("placed", of: "a")
            #expect(rig.plans.current.revision == -1)
            for _ in 0..<2 {
                let outcome = await rig.rounds.run([partition], settings: .init())
                #expect(outcome.isInterrupted)
                partition = try #require(outcome.partitions.first)
            }
            #expect(try await rig.send("LLEN", rig.own.inbox) == .integer(1))
            _ = try await rig.send("DEL", rig.keys.config("journeys"))
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [1])
        }
    }

    @Test("A closed version is finished when every partition has handled its end and nobody is inside")
    func finished() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            let housekeeping = Housekeeping(book: rig.book, every: .seconds(60), logger: rig.logger)
            // Accepted before the end, and not handled yet.
            try await rig.append("placed", of: "a")
            try await rig.close()
            for _ in 0..<3 { await housekeeping.tidy() }
            #expect(try await rig.state() == .closed, "the partition lags")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [1])
            await housekeeping.tidy()
            #expect(try await rig.state() == .closed, "somebody is inside")
            try await rig.append("clicked", of: "a")
            try await rig.append("placed", of: "b")
            try await rig.rounds(&partition)
            await housekeeping.tidy()
            #expect(try await rig.state() == .finished)
        }
    }
}
