import Models
import TestKit
import Testing

@Suite("A virtual clock whose engine dies on the way")
struct TestClockFaultTests {
    private static let name = "draft_tmk"
    private static let people = 96
    /// People who entered in the same virtual minute.
    private static let together = 8

    /// Starts the engine so that it kills itself after so many rounds, and asks for a day; until it is dead, or there.
    private func advance(_ suite: SojournSuite, dyingAt fault: String) async throws -> Bool {
        let engine = suite.service(.journeyExecution)
        try engine.launch(environment: ["SOJOURN_FAULT": fault])
        // It goes on with what the one before left as soon as it is there, and may die of that before it is ready.
        try? await engine.becomeReady()
        // What it answers, if it lives long enough to answer, does not matter: the command is in the inboxes or not.
        _ = try? await suite.call(
            .journeyExecution, "test.advance", ["journey": .string(Self.name), "by": "P1D"])
        var hasDied = false
        try await eventually(within: .seconds(60), "the engine dies, or the clock is there") {
            hasDied = !engine.isRunning
            if hasDied { return true }
            let log = try? await suite.call(
                .journeyExecution, "test.log", ["journey": .string(Self.name), "profile": "nobody"])
            return log.map { $0["clock"]?["now"] == $0["clock"]?["to"] } ?? false
        }
        return hasDied
    }

    @Test("Nobody is fired twice or left out, and everybody at the right time", .timeLimit(.minutes(10)))
    func killed() async throws {
        var settings = SuiteSettings()
        settings.environment = [.journeyExecution: ["SOJOURN_LEASE": "2s"]]
        let suite = try await SojournSuite.start(settings)
        let shop = try await Shop.open(suite, "tmk")
        suite.partners.answer(shop.loyaltyPath) { _ in
            .answer(200, headers: [("Content-Type", "application/json")], body: #"{"tier":"gold","points":1}"#)
        }
        let draft = shop.journey(
            "draft",
            [
                ["id": "a", "type": "wait", "for": "P1D", "next": "tier"],
                [
                    "id": "tier", "type": "condition",
                    "paths": [["label": "gold", "when": shop.isGold(), "next": "b"]],
                ],
                ["id": "b", "type": "wait", "for": "PT1H", "next": "c"], ["id": "c", "type": "wait", "for": "P1D"],
            ])
        _ = try await suite.call(.journeyExecution, "journeys.create", draft)
        _ = try await suite.call(
            .journeyExecution, "test.start",
            ["journey": .string(Self.name), "virtualClock": "2026-01-01T00:00:00Z"])
        for number in 0..<Self.people {
            try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                [
                    "namespace": "crmId", "id": .string("tmk-\(number)"), "attributes": ["testProfile": true],
                ])
            if number > 0, number % Self.together == 0 {
                _ = try await suite.call(
                    .journeyExecution, "test.advance", ["journey": .string(Self.name), "by": "PT1M"])
            }
            _ = try await suite.call(
                .journeyExecution, "test.trigger",
                [
                    "journey": .string(Self.name), "event": .string(shop.placed),
                    "profile": .string("tmk-\(number)"), "payload": shop.event("\(number)", id: "\(number)"),
                ])
        }
        // On the first day nobody passes the look-up before its answer is there: two rounds at least for each of the
        // minutes in which people entered. So there are more rounds than these three lives can have, whatever the pace.
        let lives = ["after-read:7", "after-commit:6", "before-read:8"]
        #expect(lives.count * 8 <= 2 * Self.people / Self.together)
        for fault in lives {
            #expect(try await advance(suite, dyingAt: fault), "the engine dies on the way: \(fault)")
        }
        // Where they come to is up to the pace.
        for fault in ["after-commit:20", "after-read:30"] { _ = try await advance(suite, dyingAt: fault) }
        try await suite.service(.journeyExecution).restart(environment: ["SOJOURN_FAULT": ""])
        _ = try await suite.call(.journeyExecution, "test.advance", ["journey": .string(Self.name), "by": "P4D"])
        var items: [JSONValue] = []
        try await eventually(within: .seconds(60), "everybody has left") {
            items =
                try await suite.call(.journeyExecution, "test.log", ["journey": .string(Self.name)])["items"]?
                .arrayValue ?? []
            return items.count { $0["kind"] == "left" } >= Self.people
        }
        for number in 0..<Self.people {
            let told = items.filter { $0["profile"] == .string("tmk-\(number)") && $0["kind"] == "node" }
                .map { "\($0["node"]?.stringValue ?? "") \($0["at"]?.stringValue ?? "")" }
            let minute = number / Self.together
            func time(_ day: Int, _ hour: Int) -> String {
                "2026-01-0\(day)T0\(hour):\(minute < 10 ? "0" : "")\(minute):00.000Z"
            }
            let expected = [
                "entry \(time(1, 0))", "a \(time(2, 0))", "tier \(time(2, 0))", "b \(time(2, 1))", "c \(time(3, 1))",
            ]
            #expect(told == expected, "\(number)")
        }
        await suite.close()
    }
}
