import Glibc
import Models
import TestKit
import Testing

extension FaultTests {
    @Test(
        "kill -9 of each service at random under load loses nothing and repeats nothing", arguments: FaultRounds.seeds)
    func killedAtRandom(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("kill -9 of each service", seed: seed) { load in
            var random = SeededGenerator(seed: seed)
            for service in rig.suite.settings.services.shuffled(using: &random) {
                try await rig.accepted(.random(in: 5...40, using: &random), more: load)
                try await rig.suite.service(service).restart()
            }
        }
    }

    @Test(
        "journey-execution killed at a boundary of a commit does nothing twice and nothing by halves",
        arguments: FaultRounds.seeds)
    func killedAtBoundary(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("kill -9 at each boundary of a commit", seed: seed) { load in
            var random = SeededGenerator(seed: seed)
            for point in ["before-read", "after-read", "after-commit", "after-read", "after-commit"] {
                let pass = Int.random(in: 20...80, using: &random)
                try rig.engine.launch(environment: ["SOJOURN_FAULT": "\(point):\(pass)"])
                let status = try await rig.engine.exitStatus(within: .seconds(30))
                #expect(status == 128 + SIGKILL, "\(point):\(pass) ended the process")
            }
            try await rig.engine.restart(environment: ["SOJOURN_FAULT": ""])
        }
    }

    @Test(
        "A stimulus that traps the engine is parked when it did so twice alone, and the rest goes on",
        arguments: FaultRounds.seeds)
    func trapped(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        let poison = "poison-\(seed)"
        try await rig.run("a stimulus that traps the engine", seed: seed, load: .long, refused: 1) { load in
            try await rig.engine.restart(environment: ["SOJOURN_FAULT": "trap:\(poison)"])
            try await rig.accepted(20, more: load)
            try await rig.send(event: poison, person: "poisoned")
            // As a supervisor does: start it again whenever it ends.
            var ends = 0
            try await eventually(within: .seconds(60), "the stimulus is parked") {
                if !rig.engine.isRunning {
                    ends += 1
                    try rig.engine.launch()
                }
                return try await rig.redisSum("LLEN", "inbox:dead") > 0
            }
            try await rig.engine.becomeReady()
            // Unmarked in its batch, unless the owner was careful; in a marked batch, unless alone in it; twice alone.
            #expect((2...4).contains(ends), "it ended the process \(ends) times")
        }
        let dead = try await rig.elements("inbox:dead")
        #expect(dead.count == 1 && dead.first?["element"]?["id"] == .string(poison), "parked: \(dead)")
        #expect(dead.first?["reason"] == "trapped")
        let refusals = try await rig.elements("refusals").filter { $0["event"] == .string(poison) }
        #expect(refusals.first?["reasons"]?[0]?["reason"] == "trapped", "refused: \(refusals)")
    }
}
