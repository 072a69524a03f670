import Audiences
import Definitions
import Engine
import Models
import Queues
import Redis
import TestKit
import Testing

@testable import JourneyExecution

/// Rounds that come to people on a tour, one of whom cannot be reached.
@Suite("Rounds of a tour over somebody whose key is broken")
struct TourRoundTests {
    /// Writes a string where the traveler was, and lets rounds go on until no tour is left.
    private func breakAndRun(
        _ rig: RoundRig, _ partition: inout OwnedPartition, _ person: String, _ command: Command
    ) async throws {
        _ = try await rig.send("SET", rig.own.traveler(Person(namespace: "crmId", id: person).key), "x")
        _ = try await InboxAppender(redis: rig.redis, keys: rig.keys).append([
            InboxEntry(partition: 0, element: command.element(id: "tour-1"))
        ])
        for _ in 0..<12 {
            let outcome = await rig.rounds.run([partition], settings: .init())
            partition = try #require(outcome.partitions.first)
            if try await rig.send("LLEN", rig.own.inbox) == .integer(0), partition.tours.isEmpty { return }
        }
        Issue.record("the tour is not over: \(partition.tours.keys)")
    }

    /// What was parked: its reason, and the member of the tour's set.
    private func parked(_ rig: RoundRig) async throws -> [String] {
        try await rig.list(rig.own.inboxDead).map { letter in
            let member = letter["element"]?["member"]?.stringValue ?? ""
            return "\(letter["reason"]?.stringValue ?? "") \(member.prefix { $0 != " " })"
        }
    }

    private func log(_ rig: RoundRig) async throws -> JSONObject {
        let text = try await rig.send("HGET", rig.own.state, TourLog.field).text
        return try #require(TourLog(text: text).entries.first)
    }

    @Test("A move passes over that person, and takes all others along")
    func move() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            for person in ["a", "b", "c"] { try await rig.append("placed", of: person) }
            try await rig.rounds(&partition)
            try await rig.change { record in
                record.draft = record.versions.first?.document
                _ = record.publish(at: 2)
            }
            let move = VersionMove(id: "m", journey: "welcome", from: 1, to: 2)
            try await breakAndRun(rig, &partition, "b", .move(move))
            #expect(try await rig.inside.counts([("welcome", 1), ("welcome", 2)]) == [1, 2])
            #expect(try await parked(rig) == ["brokenKey crmId:b"])
            let log = try await log(rig)
            #expect(log["moved"] == 2 && log["failed"] == 1, "\(log)")
        }
    }

    @Test("A run that reads an audience refuses that person, and admits all others")
    func admit() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = try await rig.store.create(.audiences, ["name": "gold", "rule": "tier == \"gold\""], by: rig.author)
            try await rig.publish(
                #"""
                {"id": "in", "type": "readAudience", "audience": "gold", "schedule": "now", "next": "w"},
                {"id": "w", "type": "wait", "for": "P1D"}
                """#
            )
            _ = await rig.plans.load(atLeast: 0)
            let rule = try #require(rig.plans.current.audiences["gold"]).revision
            for person in ["a", "b", "c"] {
                let key = Person(namespace: "crmId", id: person).key
                _ = try await rig.send("ZADD", rig.own.audience("gold", rule), "0", key)
            }
            // What nobody can read as a person is passed over too.
            _ = try await rig.send("ZADD", rig.own.audience("gold", rule), "0", "nobody")
            let walked = JSONValue.object(["rule": .integer(rule), "finished": true]).text
            _ = try await rig.send("HSET", rig.own.state, "walk:audience:gold", walked)
            var partition = try await rig.take()
            try await breakAndRun(
                rig, &partition, "b", .run(AudienceRun(id: "run-1", journey: "welcome", version: 1)))
            #expect(try await rig.inside.counts([("welcome", 1)]) == [2])
            #expect(try await parked(rig) == ["brokenKey crmId:b", "unreadable nobody"])
            let log = try await log(rig)
            #expect(log["admitted"] == 2 && log["refused"] == 2, "\(log)")
            let refusals = try await rig.list(rig.own.refusals)
            #expect(refusals.map { $0["person"] } == ["b"])
            #expect(refusals.first?["reasons"]?[0]?["reason"] == "brokenKey")
        }
    }

    @Test("A resume passes over that person, and releases all others")
    func resume() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = try await rig.store.create(
                .actions, ["name": "ping", "url": "https://p.example/", "method": "POST"], by: rig.author)
            try await rig.publish(
                #"""
                {"id": "in", "type": "event", "event": "placed", "next": "a"},
                {"id": "a", "type": "event", "event": "clicked", "next": "s"},
                {"id": "s", "type": "action", "action": "ping"}
                """#
            )
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            for person in ["a", "b", "c"] { try await rig.append("placed", of: person) }
            try await rig.rounds(&partition)
            try await rig.change { $0.pause = .init(onAction: .hold, at: 2) }
            _ = await rig.plans.load(atLeast: 0)
            for person in ["a", "b", "c"] { try await rig.append("clicked", of: person) }
            try await rig.rounds(&partition)
            #expect(try await rig.inside.heldCounts([("welcome", 1)]) == [3])
            try await rig.change { $0.pause = nil }
            _ = await rig.plans.load(atLeast: 0)
            try await breakAndRun(rig, &partition, "b", .resume(journey: "welcome", ratePerSecond: nil))
            #expect(try await rig.inside.heldCounts([("welcome", 1)]) == [0])
            #expect(try await parked(rig) == ["brokenKey crmId:b"])
            let requests = try await rig.list(rig.own.requests(.actions))
            #expect(requests.compactMap { $0["person"]?.stringValue }.sorted() == ["a", "c"])
        }
    }
}

extension RoundRig {
    fileprivate func change(
        _ name: String = "welcome", _ edit: @Sendable @escaping (inout JourneyRecord) -> Void
    ) async throws {
        _ = try await store.update(.journeys, name, by: author) { stored in
            var record = JourneyRecord(stored.document)
            edit(&record)
            return record.document
        }
        _ = await plans.load(atLeast: 0)
    }
}
