import Foundation
import TestKit
import Testing

extension FaultTests {
    @Test(
        "An inbox at its cap still takes outcomes, refuses senders, and empties again", arguments: FaultRounds.seeds)
    func inboxAtCap(seed: UInt64) async throws {
        let rig = try await FaultRig.start(environment: [.eventIngestion: ["SOJOURN_INBOX_MAX": "20"]])
        let dispatcher = rig.suite.service(.actionDispatch)
        // More at once than a partition's inbox may hold from outside, each with an outcome still to come.
        let waiting = FaultRounds.count > 1 ? 5_000 : 2_500
        var settings = EventLoad.Settings()
        settings.people = 150
        settings.pause = .milliseconds(20)
        settings.lookupEvery = 0
        settings.patience = .seconds(120)
        try await rig.run("inbox at its cap", seed: seed, load: settings, before: 0, after: 200) { load in
            _ = try await dispatcher.terminate()
            try await eventually(within: .seconds(60), "\(waiting) actions wait") {
                try await rig.length("actions") >= waiting
            }
            _ = try await rig.engine.terminate()
            let full = load.figures.full
            try await eventually(within: .seconds(30), "senders are refused") { load.figures.full >= full + 300 }
            try await dispatcher.restart()
            try await eventually(within: .seconds(60), "the outcomes are in the inboxes, past their cap") {
                let lengths = try await rig.lengths()
                return ["actions", "actions:claimed", "actions:retry"].allSatisfy { lengths[$0] == 0 }
            }
            let inbox = try await rig.length("inbox")
            #expect(inbox >= waiting, "\(inbox) elements in the inboxes")
            try await rig.engine.restart()
        }
    }

    @Test(
        "A third party that refuses, fails, hangs or breaks off gets every call in the end",
        arguments: FaultRounds.seeds)
    func thirdParty(seed: UInt64) async throws {
        let rig = try await FaultRig.start()
        try await rig.run("third party refusing, failing, hanging, breaking off", seed: seed) { load in
            for mood in [ThirdParty.Mood.hanging, .refusing(503), .doingAndBreakingOff, .refusing(429)] {
                let calls = rig.thirdParty.calls.count
                rig.thirdParty.mood = mood
                try await eventually(within: .seconds(30), "20 calls meet \(mood)") {
                    rig.thirdParty.calls.count >= calls + 20
                }
                rig.thirdParty.mood = .well
                let performed = rig.thirdParty.performedCount
                try await eventually(within: .seconds(60), "calls are performed after \(mood)") {
                    rig.thirdParty.performedCount >= performed + 40
                }
            }
        }
    }
}
