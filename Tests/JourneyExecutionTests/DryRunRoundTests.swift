import Definitions
import Models
import Queues
import Redis
import TestKit
import Testing

@testable import JourneyExecution

@Suite("A dry run beside real life", .timeLimit(.minutes(1)))
struct DryRunRoundTests {
    private static let waiting = #"""
        {"id": "in", "type": "event", "event": "placed", "next": "b"},
        {"id": "b", "type": "event", "event": "clicked", "next": "c"}, {"id": "c", "type": "wait", "for": "P1D"}
        """#

    private func begin(_ rig: RoundRig, _ journey: String) async throws -> Trial {
        let text = #"{"name": "\#(journey)", "nodes": [\#(Self.waiting)]}"#
        let document = try #require(try JSONValue.parse(text).objectValue)
        return try await rig.trials.begin(.dryRun, journey, document)
    }

    private func records(_ rig: RoundRig) async throws -> [String] {
        try await rig.send("LRANGE", rig.own.steps, "0", "-1").requireArray().compactMap(\.bytes).flatMap { bytes in
            try StepBatch(bytes: bytes).records.map { "\($0.run?.kind.rawValue ?? "real") \($0.version)" }
        }
    }

    @Test("Each event is the real journeys' first, then each dry run's that listens to it")
    func order() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            try await rig.append("placed", of: "before")
            try await rig.settle(&partition)
            let run = try await begin(rig, "welcome")
            try await rig.append("placed", of: "a")
            try await rig.append("clicked", of: "a")
            try await rig.settle(&partition)
            #expect(
                try await records(rig) == ["real 1", "real 1", "dryRun 0", "real 1", "dryRun 0"],
                "the first came before there was a dry run")
            // The real one left by the click; the dry run's waits by the real clock.
            #expect(try await rig.inside.counts([("welcome", 1), (run.listed, 0)]) == [1, 1])
            #expect(try await rig.send("ZCARD", rig.own.timers) == .integer(2))
            #expect(try await rig.send("LLEN", rig.own.refusals) == .integer(0))

            try await rig.trials.end(run)
            try await rig.settle(&partition)
            #expect(try await rig.remains(of: run) == [])
            #expect(try await rig.send("ZCARD", rig.own.timers) == .integer(1), "the first person's real one")
            #expect(try await rig.send("EXISTS", rig.own.traveler("crmId:before")) == .integer(1))
        }
    }

    @Test("What ended the process once is tried again without the dry run, which may be what did")
    func leftOut() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            _ = try await begin(rig, "welcome")
            try await rig.settle(&partition)
            try await rig.append("placed", of: "a")
            // An owner before died over it.
            _ = try await rig.send("HSET", rig.own.state, "suspect", "\(partition.commit):1:1:,other,")
            let lease = try #require(try await rig.keeper.retake(0, above: partition.fence))
            partition = OwnedPartition(lease, keys: rig.keys, partitions: 1)
            try await rig.settle(&partition)
            #expect(try await records(rig) == ["real 1"])
            try await rig.append("placed", of: "b")
            try await rig.settle(&partition)
            #expect(try await records(rig) == ["real 1", "real 1", "dryRun 0"])
        }
    }

    @Test("Who is remembered only, as no longer inside, is forgotten too")
    func remembered() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            let text =
                #"{"name": "once", "properties": {"reentrance": {"allowed": false}}, "nodes": ["#
                + #"{"id": "in", "type": "event", "event": "placed", "next": "u"},"#
                + #"{"id": "u", "type": "updateProfile", "field": "seen", "value": "true"}]}"#
            let document = try #require(try JSONValue.parse(text).objectValue)
            let run = try await rig.trials.begin(.dryRun, "once", document)
            for number in 0..<7 { try await rig.append("placed", of: "p\(number)") }
            try await rig.settle(&partition)
            #expect(try await rig.inside.counts([(run.listed, 0)]) == [0])
            #expect(try await rig.send("ZCARD", rig.own.runPeople(run.mark.id)) == .integer(7))
            #expect(try await rig.send("EXISTS", rig.own.profile("crmId:p1")) == .integer(0))
            try await rig.trials.end(run)
            try await rig.settle(&partition, walkPiece: 3)
            #expect(try await rig.remains(of: run) == [])
        }
    }

    @Test("A journey that is deleted takes its runs, what it read and its places under caps with it")
    func deleted() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            try await rig.publish(RoundRig.waiting)
            _ = await rig.plans.load(atLeast: 0)
            var partition = try await rig.take()
            let run = try await begin(rig, "welcome")
            try await rig.append("placed", of: "a")
            try await rig.settle(&partition)
            _ = try await rig.send("ZADD", rig.own.read("welcome"), "1", "crmId:a")
            _ = try await rig.send("HSET", rig.own.state, Tour.readField("welcome"), "1")
            let places = CapPlaces(redis: rig.redis, keys: rig.keys)
            _ = try await places.take([
                FetchRequest.Place(key: "k", name: "welcome:1:first:0", limit: 9, instance: "4f")
            ])
            let housekeeping = Housekeeping(book: rig.book, every: .seconds(60), logger: rig.logger)
            await housekeeping.tidy()
            #expect(try await places.names().count == 1, "the version is live")

            _ = try await rig.book.stop("welcome", by: rig.author)
            try await rig.settle(&partition)
            #expect(try await rig.send("EXISTS", rig.own.read("welcome")) == .integer(0))
            #expect(try await rig.send("HEXISTS", rig.own.state, Tour.readField("welcome")) == .integer(0))
            #expect(try await rig.trials.current("welcome", .dryRun) != nil, "real life alone was stopped")
            await housekeeping.tidy()
            #expect(try await places.names().isEmpty)

            _ = try await rig.book.delete("welcome", basedOn: nil, by: rig.author)
            try await rig.settle(&partition)
            #expect(try await rig.remains(of: run) == [])
            #expect(try await rig.send("KEYS", "*traveler*").requireArray().isEmpty)
        }
    }

    @Test("There are so many dry runs at most, and a second one of a journey takes the place of the first")
    func most() async throws {
        try await RoundRig.run { rig in
            try await rig.define()
            _ = await rig.plans.load(atLeast: 0)
            for number in 0..<TrialStore.dryRunsMax { _ = try await begin(rig, "j\(number)") }
            await #expect(throws: (any Error).self) { _ = try await begin(rig, "one-more") }
            let again = try await begin(rig, "j0")
            #expect(try await rig.trials.all().count == TrialStore.dryRunsMax)
            #expect(try await rig.trials.current("j0", .dryRun)?.mark == again.mark)
        }
    }
}
