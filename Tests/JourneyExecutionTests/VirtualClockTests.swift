import JSONRPC
import Models
import Queues
import Redis
import Simulation
import TestKit
import Testing

@testable import JourneyExecution

@Suite("The virtual clock of a test", .timeLimit(.minutes(2)))
struct VirtualClockTests {
    private static let day: Int64 = 86_400_000
    /// Waits over the night in which the clocks of Paris are put forward, then for a click.
    private static let spring = #"""
        {"id": "in", "type": "event", "event": "placed", "next": "day"},
        {"id": "day", "type": "wait", "for": "P1D", "next": "night"},
        {"id": "night", "type": "wait", "at": {"time": "02:30"}, "next": "click"},
        {"id": "click", "type": "event", "event": "clicked", "timeout": "P2D", "onTimeout": {"next": "late"},
         "next": "rest"},
        {"id": "late", "type": "wait", "for": "PT36H", "next": "hours"},
        {"id": "rest", "type": "wait", "until": "toDateTimeOnly(\"2026-04-02T09:00:00\")", "next": "hours"},
        {"id": "hours", "type": "condition", "paths": [
          {"label": "morning", "time": {"hours": ["06:00", "12:00"]}, "next": "end"},
          {"label": "April", "date": {"from": "2026-04-01"}, "next": "end"}], "otherwise": {"next": "end"}},
        {"id": "end", "type": "end"}
        """#
    private static let waiting = #"""
        {"id": "in", "type": "event", "event": "placed", "next": "a"},
        {"id": "a", "type": "wait", "for": "P1D", "next": "b"},
        {"id": "b", "type": "wait", "for": "P1D", "next": "c"}, {"id": "c", "type": "wait", "for": "P1D"}
        """#

    private func ready(_ rig: RoundRig, people: Int = 1) async throws -> OwnedPartition {
        try await rig.define()
        _ = await rig.plans.load(atLeast: 0)
        for number in 0..<people { try await rig.makeTestProfile("p\(number)") }
        return try await rig.take()
    }

    /// What the simulator makes of one person by the same clock; the click comes so long after the order.
    private func simulated(_ nodes: String, from start: String, click: String?) async throws -> [String] {
        var configuration = SimulationConfiguration()
        configuration.schemas = [
            try SchemaDefinition([
                "name": "s", "kind": "event",
                "schema": ["type": "object", "properties": ["_id": ["type": "string"]]],
            ])
        ]
        configuration.events = try ["placed", "clicked"].map { name in
            try EventDefinition([
                "name": .string(name), "schema": "s", "type": "rule", "rule": "true", "namespace": "crmId",
                "key": "'1'",
            ])
        }
        let document: JSONValue = [
            "name": "trial", "properties": ["timezone": "Europe/Paris"],
            "nodes": try JSONValue.parse("[\(nodes)]"),
        ]
        let world = try configuration.world(for: JourneyDocument(document.objectValue ?? [:]))
        var events: [JSONValue] = [["event": "placed", "after": "PT0S", "payload": [:]]]
        if let click { events.append(["event": "clicked", "after": .string(click), "payload": [:]]) }
        let asked: JSONObject = [
            "seed": 1, "start": .string(start), "until": "P30D", "samples": 1, "people": ["count": 1],
            "events": .array(events),
        ]
        var reader = ObjectReader(asked)
        let request = SimulationRequest(&reader)
        let result = try await Simulation(try reader.finish(request), in: world).run()
        let steps = result.json["samples"]?[0]?["steps"]?.arrayValue ?? []
        return steps.map { step in
            let text = { (key: String) -> String? in step[key]?.stringValue }
            let what: [String?] = [
                text("at"), text("node") ?? text("kind"), text("path") ?? text("status"), text("code"),
            ]
            return what.compactMap(\.self).joined(separator: " ")
        }
    }

    @Test(
        "Everything on the way happens at its own time, as the simulator has it, over a change to summer time too",
        arguments: [nil, "P1DT3H", "P3D", "P4D", "P9D"])
    func asSimulated(click: String?) async throws {
        let start = "2026-03-27T10:00:00Z"
        let expected = try await simulated(Self.spring, from: start, click: click)
        #expect(expected.count >= 7, "\(expected)")
        try await RoundRig.run { rig in
            var partition = try await ready(rig)
            var trial = try await rig.beginTest(
                Self.spring, properties: #"{"timezone": "Europe/Paris"}"#, clock: start)
            try await rig.trigger("placed", of: "p0", in: trial)
            try await rig.settle(&partition)
            var rest = 30 * Self.day
            if let click, let after = ISODuration.milliseconds(click) {
                trial = try await rig.trials.advance(trial, by: after)
                try await rig.settle(&partition)
                try await rig.trigger("clicked", of: "p0", in: trial)
                try await rig.settle(&partition)
                rest -= after
            }
            trial = try await rig.trials.advance(trial, by: rest)
            try await rig.settle(&partition)
            #expect(try await rig.told("p0", in: trial) == expected)
            #expect(try await rig.trials.now(of: trial) == RoundRig.milliseconds("2026-04-26T10:00:00Z"))
        }
    }

    @Test("It stands still until it is advanced, and nothing of it lies where the real clock fires")
    func standsStill() async throws {
        try await RoundRig.run { rig in
            var partition = try await ready(rig)
            let trial = try await rig.beginTest(Self.waiting, clock: "2020-02-28T12:00:00Z")
            try await rig.trigger("placed", of: "p0", in: trial)
            try await rig.settle(&partition)
            #expect(try await rig.send("ZCARD", rig.own.timers) == .integer(0))
            #expect(try await rig.send("ZCARD", rig.own.runTimers(trial.mark.id)) == .integer(1))
            let state = rig.own.traveler("crmId:p0~\(trial.mark.id)")
            #expect(try await rig.send("PTTL", state) == .integer(-1), "its times are nothing to Redis")
            #expect(
                try await rig.told("p0", in: trial) == [
                    "2020-02-28T12:00:00.000Z entered", "2020-02-28T12:00:00.000Z in next",
                ])
            _ = try await rig.trials.advance(trial, by: 2 * Self.day)
            try await rig.settle(&partition)
            #expect(
                try await rig.told("p0", in: trial).suffix(2) == [
                    "2020-02-29T12:00:00.000Z a next", "2020-03-01T12:00:00.000Z b next",
                ])
        }
    }

    @Test("An advance told twice moves it once, and a test by the real clock refuses one")
    func repeated() async throws {
        try await RoundRig.run { rig in
            var partition = try await ready(rig)
            let trial = try await rig.beginTest(Self.waiting, clock: "2026-01-01T00:00:00Z")
            try await rig.trigger("placed", of: "p0", in: trial)
            // The second call knows nothing of the first, as after one that failed.
            _ = try await rig.trials.advance(trial, by: Self.day)
            let again = try await rig.trials.advance(trial, by: Self.day)
            try await rig.settle(&partition)
            #expect(try await rig.told("p0", in: trial).count == 3)
            #expect(try await rig.trials.now(of: again) == RoundRig.milliseconds("2026-01-02T00:00:00Z"))
            #expect(try await rig.trials.current("trial", .test)?.clock?.to == again.clock?.to)

            let real = try await rig.beginTest(Self.waiting, clock: nil)
            await #expect {
                _ = try await rig.trials.advance(real, by: Self.day)
            } throws: { error in
                (error as? RPCError)?.code == .notValidInThisState
                    && "\(error)".contains("start it with virtualClock")
            }
        }
    }

    @Test("Among many people each comes once at each time, whatever the piece and whoever owns the partition")
    func takenOver() async throws {
        try await RoundRig.run { rig in
            let people = 23
            var partition = try await ready(rig, people: people)
            let trial = try await rig.beginTest(Self.waiting, clock: "2026-01-01T00:00:00Z")
            // A minute lies between one and the next, so that their timers are mixed.
            var clock = trial
            for number in 0..<people {
                try await rig.trigger("placed", of: "p\(number)", in: trial)
                clock = try await rig.trials.advance(clock, by: 60_000)
                try await rig.settle(&partition)
            }
            clock = try await rig.trials.advance(clock, by: 10 * Self.day)
            for number in 0..<200 where try await rig.trials.now(of: clock) != clock.clock?.to {
                try await rig.round(&partition, walkPiece: 1 + number % 4)
                guard number % 5 == 4 else { continue }
                // Another owner goes on from what is committed.
                let lease = try #require(try await rig.keeper.retake(0, above: partition.fence))
                partition = OwnedPartition(lease, keys: rig.keys, partitions: 1)
            }
            #expect(try await rig.trials.now(of: clock) == clock.clock?.to)
            for number in 0..<people {
                let told = try await rig.told("p\(number)", in: trial)
                let minute = Int64(number) * 60_000
                let start = try #require(trial.clock?.start)
                let expected = ["a", "b", "c"].enumerated().map { place, node in
                    Timestamp.text(start + minute + Int64(place + 1) * Self.day) + " \(node) next"
                }
                #expect(Array(told.dropFirst(2).prefix(3)) == expected)
                #expect(told.count == 6 && told.last?.hasSuffix("left finished") == true)
            }
        }
    }

    @Test("It stands while something is asked of a third party, and goes on with the answer")
    func pending() async throws {
        let nodes = #"""
            {"id": "in", "type": "event", "event": "placed", "next": "a"},
            {"id": "a", "type": "wait", "for": "P1D", "next": "first"},
            {"id": "first", "type": "condition", "paths": [{"label": "early", "cap": 1, "next": "b"}],
             "otherwise": {"next": "b"}},
            {"id": "b", "type": "wait", "for": "P1D"}
            """#
        try await RoundRig.run { rig in
            var partition = try await ready(rig, people: 2)
            var trial = try await rig.beginTest(nodes, clock: "2026-01-01T00:00:00Z")
            try await rig.trigger("placed", of: "p0", in: trial)
            try await rig.trigger("placed", of: "p1", in: trial)
            trial = try await rig.trials.advance(trial, by: 9 * Self.day)
            try await rig.settle(&partition)
            #expect(try await rig.trials.now(of: trial) == RoundRig.milliseconds("2026-01-02T00:00:00Z"))
            #expect(partition.clocks[trial.mark.id]?.open == 2, "both came to it at the same time")
            for bytes in try await rig.send("LRANGE", rig.own.requests(.fetches), "0", "-1").requireArray()
                .compactMap(\.bytes)
            {
                guard case .fetch(let request) = try Request(bytes: bytes) else { throw TestKitError("no fetch") }
                let places = try await CapPlaces(redis: rig.redis, keys: rig.keys).take(request.places)
                let answers = zip(request.places, places).map {
                    ($0.key, LookupResult(data: .bool($1), cached: false))
                }
                let outcome = Outcome(
                    id: request.id, person: request.origin.person, instance: request.origin.instance,
                    durationMilliseconds: 5, result: .fetch(Dictionary(uniqueKeysWithValues: answers)),
                    run: request.origin.run)
                try await rig.book.append([
                    InboxEntry(partition: 0, element: outcome.element, duplicateHash: nil, source: .inside)
                ])
            }
            try await rig.settle(&partition)
            #expect(try await rig.trials.now(of: trial) == RoundRig.milliseconds("2026-01-10T00:00:00Z"))
            for person in ["p0", "p1"] {
                let told = try await rig.told(person, in: trial)
                #expect(told.suffix(2).first == "2026-01-03T00:00:00.000Z b next", "\(told)")
            }
            #expect(partition.clocks[trial.mark.id]?.open == 0)

            try await rig.trials.end(trial)
            try await rig.settle(&partition)
            #expect(try await rig.remains(of: trial).filter { !$0.contains("cap:") } == [])
            let housekeeping = Housekeeping(book: rig.book, every: .seconds(60), logger: rig.logger)
            await housekeeping.tidy()
            #expect(try await rig.remains(of: trial) == [])
            #expect(try await rig.send("EXISTS", rig.keys.config("caps")) == .integer(0))
        }
    }

    @Test("A test that ends leaves nothing behind, also where its clock was on its way or a crash came between")
    func ended() async throws {
        try await RoundRig.run { rig in
            var partition = try await ready(rig, people: 9)
            var trial = try await rig.beginTest(Self.waiting, clock: "2026-01-01T00:00:00Z")
            for number in 0..<9 { try await rig.trigger("placed", of: "p\(number)", in: trial) }
            trial = try await rig.trials.advance(trial, by: 9 * Self.day)
            try await rig.round(&partition)
            try await rig.round(&partition, walkPiece: 2)
            // The call died before anybody was told.
            trial.isEnding = true
            try await TrialStore(redis: rig.redis, keys: rig.keys).save(trial)
            #expect(try await rig.trials.current("trial", .test) == nil)
            await Housekeeping(book: rig.book, every: .seconds(60), logger: rig.logger).tidy()
            try await rig.settle(&partition, walkPiece: 2)
            #expect(try await rig.remains(of: trial) == [])
            #expect(try await rig.send("KEYS", "*traveler*").requireArray().isEmpty)
            // A call that advances it comes after its end.
            _ = try await rig.trials.advance(trial, by: Self.day)
            try await rig.settle(&partition)
            await Housekeeping(book: rig.book, every: .seconds(60), logger: rig.logger).tidy()
            #expect(try await rig.remains(of: trial) == [])
        }
    }
}
