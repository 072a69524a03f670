import Models
import TestKit
import Testing

extension SharedSuite {
    @Suite("Pause, resume and moving people")
    struct PauseTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func journeys(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "journeys.\(method)", params)
        }

        private func parcel(_ shop: Shop, next: String = "say") -> JSONValue {
            ["id": "parcel", "type": "event", "event": .string(shop.delivered), "next": .string(next)]
        }

        @Test("While paused nobody enters, and who comes to an action is held until it is resumed")
        func held() async throws {
            let shop = try await Shop.open(suite, "hold")
            let name = try await shop.publish(shop.journey("flow", [parcel(shop), shop.say("say", "hello")]))
            for person in ["a", "b", "c"] {
                try await shop.send(shop.event(person, id: person))
                try await shop.waiting(person, at: "parcel")
            }
            let paused = try await journeys("pause", ["name": .string(name), "onAction": "hold"])
            #expect(paused["state"] == "paused" && paused["paused"]?["onAction"] == "hold", "\(paused.text)")
            try await shop.send(shop.event("d", id: "d"))
            for person in ["a", "b"] {
                try await shop.send(shop.event(person, id: "p\(person)", delivered: true))
                try await eventually("\(person) is held") {
                    try await shop.instances(person).first?["phase"] == "held"
                }
            }
            try await eventually("the refusal is known") {
                try await shop.steps("d").contains { $0["kind"] == "refused" && $0["code"] == "paused" }
            }
            #expect(shop.texts("a") == [] && shop.texts("b") == [])

            let resumed = try await journeys("resume", ["name": .string(name), "ratePerSecond": 1_000])
            #expect(resumed["state"] == "live")
            #expect(try await shop.statuses("a") == ["finished"])
            #expect(try await shop.statuses("b") == ["finished"])
            try await shop.waiting("c", at: "parcel")
            #expect(shop.texts("a") == ["hello"] && shop.texts("b") == ["hello"])
            try await shop.send(shop.event("d", id: "d2"))
            try await shop.waiting("d", at: "parcel")
        }

        @Test("With discard, who comes to an action while it is paused leaves")
        func discarded() async throws {
            let shop = try await Shop.open(suite, "disc")
            let name = try await shop.publish(shop.journey("flow", [parcel(shop), shop.say("say", "hello")]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "parcel")
            let paused = try await suite.sojourn("pause", name, "--on-action", "discard")
            #expect(paused.status == 0, "\(paused.output)\(paused.errors)")
            try await shop.send(shop.event("a", id: "2", delivered: true))
            #expect(try await shop.statuses("a") == ["exited"])
            let resumed = try await suite.sojourn("resume", name)
            #expect(resumed.status == 0, "\(resumed.output)\(resumed.errors)")
            #expect(shop.texts("a") == [])
        }

        @Test("The command line tool holds people, moves them to a new version, and releases them at a rate")
        func commandLine() async throws {
            let shop = try await Shop.open(suite, "cli")
            let name = try await shop.publish(shop.journey("flow", [parcel(shop), shop.say("say", "hello")]))
            for person in ["a", "b"] {
                try await shop.send(shop.event(person, id: person))
                try await shop.waiting(person, at: "parcel")
            }
            let paused = try await suite.sojourn("pause", name)
            #expect(paused.status == 0, "\(paused)")
            try await shop.send(shop.event("a", id: "pa", delivered: true))
            try await eventually("a is held") { try await shop.instances("a").first?["phase"] == "held" }
            _ = try await journeys("update", shop.journey("flow", [parcel(shop), shop.say("say", "new")]))
            _ = try await journeys("publish", ["name": .string(name)])
            // Held people are not at the node that is asked for.
            let some = try await suite.sojourn("move", name, "1", "2", "--node", "parcel")
            #expect(some.status == 0 && some.output.contains("1 moved, 0 stayed"), "\(some)")
            let rest = try await suite.sojourn("move", name, "1", "2", "--json")
            let told = try JSONValue.parse(rest.output.split(separator: "\n").joined())
            #expect(told["state"] == "done" && told["moved"] == 1, "\(rest)")
            let resumed = try await suite.sojourn("resume", name, "--rate", "1000")
            #expect(resumed.status == 0, "\(resumed)")
            #expect(try await shop.statuses("a") == ["finished"])
            #expect(shop.texts("a") == ["new"])
            #expect(try await shop.waiting("b", at: "parcel")["version"] == 2)
            let none = try await suite.sojourn("move", name, "1", "9")
            #expect(none.status == 1 && none.errors.contains("version 9"), "\(none)")
        }

        @Test("What cannot be paused or resumed is refused")
        func refused() async throws {
            _ = try await journeys("create", ["name": "draft_pause"])
            try await expectRefusal(-32011) {
                try await journeys("pause", ["name": "draft_pause", "onAction": "hold"])
            }
            try await expectRefusal(-32602) {
                try await journeys("pause", ["name": "draft_pause", "onAction": "what"])
            }
            try await expectRefusal(-32011) { try await journeys("resume", ["name": "draft_pause"]) }
        }

        @Test("People go over to a new version where their node is there, and the others stay with the reason")
        func moved() async throws {
            let shop = try await Shop.open(suite, "move")
            let first = shop.journey(
                "flow",
                [
                    [
                        "id": "tier", "type": "condition",
                        "paths": [
                            [
                                "label": "large", "next": "gone",
                                "when": .string("@event{\(shop.placed).order.total} > 100"),
                            ]
                        ], "otherwise": ["next": "parcel"],
                    ], parcel(shop), ["id": "gone", "type": "wait", "for": "P1D"], shop.say("say", "old"),
                ])
            let name = try await shop.publish(first)
            try await shop.send(shop.event("a", total: 10, id: "1"))
            try await shop.send(shop.event("b", total: 200, id: "2"))
            let before = try await shop.waiting("a", at: "parcel")
            try await shop.waiting("b", at: "gone")
            _ = try await journeys("update", shop.journey("flow", [parcel(shop), shop.say("say", "new")]))
            _ = try await journeys("publish", ["name": .string(name)])

            let begun = try await suite.call(
                .journeyExecution, "instances.move", ["journey": .string(name), "from": 1, "to": 2])
            #expect(begun["inside"] == 2)
            var status: JSONValue = .null
            try await eventually("the move is done") {
                // Right after the command no partition may have read it yet.
                status =
                    (try? await suite.call(
                        .journeyExecution, "instances.moveStatus", ["move": begun["move"] ?? .null])) ?? .null
                return status["state"] == "done"
            }
            #expect(status["moved"] == 1 && status["failed"] == 1, "\(status.text)")
            let audit = try await suite.all(
                .console, "audit.list", filter: ["kind": "instances", "name": begun["move"] ?? .null])
            #expect(audit.map { $0["action"] } == ["move"])
            #expect(audit.first?["details"]?["to"] == 2 && audit.first?["author"]?.stringValue != nil)
            let after = try await shop.waiting("a", at: "parcel")
            #expect(after["version"] == 2 && after["id"] == before["id"])
            #expect(try await shop.waiting("b", at: "gone")["version"] == 1)
            try await eventually("the reason is on record") {
                try await shop.steps("b").contains { $0["kind"] == "moved" && $0["status"] == "error" }
            }
            try await shop.send(shop.event("a", id: "3", delivered: true))
            #expect(try await shop.statuses("a") == ["finished"])
            #expect(shop.texts("a") == ["new"])
            try await expectRefusal(-32004) {
                try await suite.call(
                    .journeyExecution, "instances.move", ["journey": .string(name), "from": 1, "to": 9])
            }
        }
    }
}

@Suite("Tours over many people, with the owner killed")
struct TourKillTests {
    @Test("Held people are released once each, though journey-execution dies on the way")
    func killed() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(environment: [.journeyExecution: ["SOJOURN_LEASE": "2s"]]))
        let shop = try await Shop.open(suite, "kill")
        let parcel: JSONValue = ["id": "parcel", "type": "event", "event": .string(shop.delivered), "next": "say"]
        let name = try await shop.publish(shop.journey("flow", [parcel, shop.say("say", "hello")]))
        let people = (0..<40).map { "p\($0)" }
        for person in people { try await shop.send(shop.event(person, id: person)) }
        for person in people { try await shop.waiting(person, at: "parcel") }
        try await suite.call(.journeyExecution, "journeys.pause", ["name": .string(name), "onAction": "hold"])
        for person in people { try await shop.send(shop.event(person, id: "d\(person)", delivered: true)) }
        for person in people {
            try await eventually("\(person) is held") { try await shop.instances(person).first?["phase"] == "held" }
        }
        // Forty people at twenty a second: the death falls in the middle.
        try await suite.call(
            .journeyExecution, "journeys.resume", ["name": .string(name), "ratePerSecond": 20])
        try await eventually("some are released") { suite.partners.requests(shop.smsPath).count >= 5 }
        try await suite.service(.journeyExecution).restart()
        for person in people {
            #expect(try await shop.statuses(person, within: .seconds(40)) == ["finished"])
        }
        #expect(people.allSatisfy { shop.texts($0) == ["hello"] })
        await suite.close()
    }
}
