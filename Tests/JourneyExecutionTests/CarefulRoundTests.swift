import Models
import Queues
import Redis
import TestKit
import Testing

@testable import JourneyExecution

@Suite("Rounds after an owner that did not give back")
struct CarefulRoundTests {
    /// A partition that another owner had, with what it noted, and events in the inbox.
    private func run(
        suspect: String? = nil, events: Int, _ body: (RoundRig, inout OwnedPartition) async throws -> Void
    ) async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            _ = try await rig.send("HSET", rig.own.state, "fence", "4", "commit", "9", "owner", "other")
            if let suspect { _ = try await rig.send("HSET", rig.own.state, "suspect", suspect) }
            var partition = try await rig.take()
            for number in 0..<events { try await rig.append("placed", of: "p\(number)") }
            try await body(rig, &partition)
        }
    }

    private func round(_ rig: RoundRig, _ partition: inout OwnedPartition) async throws {
        let outcome = await rig.rounds.run([partition], settings: .init())
        partition = try #require(outcome.partitions.first)
    }

    private func state(_ rig: RoundRig, _ field: String) async throws -> String? {
        try await rig.send("HGET", rig.own.state, field).text
    }

    @Test("What is there is taken in batches as always, and care ends when nothing is left of it")
    func batches() async throws {
        try await run(events: 40) { rig, partition in
            try await rig.rounds(&partition)
            #expect(try await state(rig, "commit") == "11")
            #expect(try await state(rig, "suspect") == nil)
            #expect(partition.caution == .none)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [40])
        }
    }

    @Test("Each batch is marked before it is computed, and one that Redis refused makes nobody suspicious")
    func marked() async throws {
        try await run(events: 40) { rig, partition in
            _ = try await rig.send("SET", rig.own.steps, "x")
            try await round(rig, &partition)
            #expect(partition.isUncertain)
            #expect(try await state(rig, "suspect") == "9:0:32:,")
            _ = try await rig.send("DEL", rig.own.steps)
            try await round(rig, &partition)
            #expect(!partition.caution.isAlone, "the owner lives")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [40])
            #expect(try await state(rig, "suspect") == nil)
        }
    }

    @Test("What a marked batch held that ended its owner is taken one at a time, the rest in batches again")
    func alone() async throws {
        try await run(suspect: "9:0:3:,", events: 10) { rig, partition in
            #expect(partition.isSuspected)
            for (left, suspect) in [(9, "10:0:2:,"), (8, "11:0:1:,"), (7, nil), (0, nil)] {
                try await round(rig, &partition)
                #expect(try await rig.send("LLEN", rig.own.inbox) == .integer(Int64(left)))
                #expect(try await state(rig, "suspect") == suspect)
            }
            #expect(partition.caution == .none)
        }
    }

    @Test("What ended two owners alone is parked by the third, and the others that were suspected go on alone")
    func parked() async throws {
        try await run(suspect: "9:2:3:,x,y,", events: 5) { rig, partition in
            try await round(rig, &partition)
            #expect(try await rig.list(rig.own.inboxDead).map { $0["reason"] } == ["trapped"])
            #expect(try await state(rig, "suspect") == "10:0:2:,")
            try await rig.rounds(&partition)
            #expect(try await rig.inside.counts([("welcome", 1)]) == [4])
        }
    }

    @Test("Where nothing is left behind it is not careful, and commits nothing")
    func idle() async throws {
        try await run(events: 0) { rig, partition in
            try await round(rig, &partition)
            #expect(partition.caution == .none)
            #expect(try await state(rig, "commit") == "9")
        }
    }
}
