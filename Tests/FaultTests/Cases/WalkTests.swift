import Models
import TestKit
import Testing

/// Walks over many people, whose process dies in their midst.
extension FaultTests {
    @Test("People who are moved to a new version while the engine dies go over once each", arguments: FaultRounds.seeds)
    func moveKilled(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        for name in ["visit", "leave"] { try await rig.suite.call(.eventIngestion, "events.create", event(name)) }
        try await rig.publish(WalkJourneys.staying)
        let people = (0..<40).map { "visitor-\($0)" }
        try await rig.run("kill -9 while people move", seed: seed, before: 10, after: 50) { load in
            var random = SeededGenerator(seed: seed)
            for person in people { try await rig.send(event: "visit-\(person)", person: person, type: "visit") }
            try await eventually("all are inside") { try await rig.inside("staying") == people.count }
            try await rig.suite.call(.journeyExecution, "journeys.update", WalkJourneys.staying)
            try await rig.suite.call(.journeyExecution, "journeys.publish", ["name": "staying"])
            var move: JSONValue = .null
            // The first pieces of eight partitions, then what is left of them.
            try await rig.dies(at: "before-tour:\(Int.random(in: 2...4, using: &random))") {
                move =
                    try await rig.suite.call(
                        .journeyExecution, "instances.move", ["journey": "staying", "from": 1, "to": 2])["move"]
                    ?? .null
            }
            try await rig.dies(at: "after-tour:\(Int.random(in: 1...2, using: &random))")
            try await rig.engine.restart(environment: ["SOJOURN_FAULT": ""])
            var status: JSONValue = .null
            try await eventually(within: .seconds(30), "the move is over") {
                status =
                    (try? await rig.suite.call(.journeyExecution, "instances.moveStatus", ["move": move])) ?? .null
                return status["state"] == "done"
            }
            #expect(status["moved"] == .integer(Int64(people.count)) && status["failed"] == 0, "\(status.text)")
            for person in people { try await rig.send(event: "leave-\(person)", person: person, type: "leave") }
        }
        let moved = try await rig.steps().filter { $0.kind == "moved" }
        #expect(moved.count == people.count && Set(moved.map(\.instance)).count == people.count)
        #expect(moved.allSatisfy { $0.status == "ok" }, "\(Set(moved.map(\.status)))")
    }

    @Test(
        "A run that reads an audience admits everyone once and keeps its rate, though the engine dies on the way",
        arguments: FaultRounds.seeds)
    func runKilled(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.makeClub(120, rule: "n % 3 != 2")
        let rate: Int64 = 40
        try await rig.run("kill -9 while a run reads an audience", seed: seed, before: 10, after: 50) { load in
            var random = SeededGenerator(seed: seed)
            try await rig.dies(at: "before-tour:\(Int.random(in: 3...20, using: &random))") {
                try await rig.publish(WalkJourneys.campaign(rate: rate))
            }
            try await rig.dies(at: "after-tour:\(Int.random(in: 3...12, using: &random))")
            try await rig.engine.restart(environment: ["SOJOURN_FAULT": ""])
            _ = try await rig.runs("campaign", over: 1)
        }
        let runs = try await rig.runs("campaign", over: 1)
        #expect(runs.count == 1 && runs[0]["admitted"] == 80 && runs[0]["refused"] == 0, "\(runs)")
        let entries = try await rig.steps().filter { $0.kind == "entered" && $0.journey == "campaign" }
        #expect(entries.count == 80 && Set(entries.map(\.person)).count == 80)
        // A second's worth may come at once after an outage, and in each partition one person more.
        let atOnce = rate + Int64(2 * FaultRig.partitions)
        let times = entries.map(\.at).sorted()
        for (first, last) in zip(times, times.dropFirst(70)) {
            #expect(last - first >= (70 - atOnce) * 1_000 / rate, "70 people in \(last - first) ms")
        }
    }

    @Test("A business event starts its run once, though the engine dies at the start", arguments: FaultRounds.seeds)
    func startKilled(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.suite.call(.eventIngestion, "events.create", event("drop", isBusiness: true))
        try await rig.makeClub(24, rule: "n % 2 == 0")
        try await rig.publish(WalkJourneys.sale)
        let places = ["before-run:1", "after-run:1"]
        try await rig.run("kill -9 where a business event starts a run", seed: seed, before: 10, after: 50) { load in
            for (number, place) in places.enumerated() {
                try await rig.dies(at: place) {
                    try await rig.send(event: "drop-\(number)", person: "nobody", type: "drop")
                }
                try await rig.engine.restart(environment: ["SOJOURN_FAULT": ""])
                _ = try await rig.runs("sale", over: number + 1)
                try await eventually(within: .seconds(20), "all have left") { try await rig.inside("sale") == 0 }
            }
        }
        let runs = try await rig.runs("sale", over: places.count)
        #expect(runs.map { $0["admitted"] } == [12, 12] && runs.allSatisfy { $0["refused"] == 0 }, "\(runs)")
        let entries = try await rig.steps().filter { $0.kind == "entered" && $0.journey == "sale" }
        #expect(entries.count == 24 && Set(entries.map { [$0.person, $0.stimulus] }).count == 24)
    }

    @Test(
        "An audience evaluated while its process dies has the right members, and each change enters a journey once",
        arguments: FaultRounds.seeds)
    func evaluationKilled(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let people = 2_400
        try await rig.makeClub(people, rule: "n % 20 == 0")
        try await rig.publish(WalkJourneys.changed("entered"))
        try await rig.publish(WalkJourneys.changed("exited"))
        let fetcher = rig.suite.service(.dataSourceFetching)
        try await rig.run("kill -9 while an audience is evaluated", seed: seed, before: 10, after: 50) { load in
            var random = SeededGenerator(seed: seed)
            try await rig.suite.call(
                .dataSourceFetching, "audiences.update", ["name": "club", "rule": "n % 30 == 0", "announce": true])
            for share in [0.1, 0.5] {
                let count = Int64(Double(people) * share) + .random(in: 0...400, using: &random)
                try await eventually(within: .seconds(30), "\(count) are evaluated") {
                    let shown = try await rig.suite.call(.dataSourceFetching, "audiences.get", ["name": "club"])
                    return shown["evaluation"]?["done"]?.integerValue ?? 0 >= count
                }
                try await fetcher.restart()
            }
            try await rig.suite.waitUntilEvaluated("club")
        }
        let members = (0..<people).filter { $0 % 30 == 0 }.map { "club-\($0)" }
        #expect(try await rig.suite.members("club") == Set(members))
        let entries = try await rig.steps().filter { $0.kind == "entered" }
        for (journey, rule) in [("entered", (30, 20)), ("exited", (20, 30))] {
            let expected = (0..<people).filter { $0 % rule.0 == 0 && $0 % rule.1 != 0 }.map { "club-\($0)" }
            #expect(entries.filter { $0.journey == journey }.map(\.person).sorted() == expected.sorted())
        }
    }

    private func event(_ name: String, isBusiness: Bool = false) -> JSONValue {
        WalkJourneys.event(name, isBusiness: isBusiness)
    }
}
