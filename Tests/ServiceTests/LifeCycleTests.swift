import Models
import Redis
import TestKit
import Testing

@Suite("Stopping and starting again")
struct LifeCycleTests {
    @Test("Every service stops in time, and the next start goes on where it was")
    func restart() async throws {
        let suite = try await SojournSuite.start(SuiteSettings(fsync: .everySecond))
        let shop = try await Shop.open(suite, "life")
        let parcel: JSONValue = [
            "id": "parcel", "type": "event", "event": .string(shop.delivered), "timeout": "PT3S", "next": "thanks",
            "onTimeout": ["next": "late"],
        ]
        try await shop.publish(
            shop.journey("flow", [parcel, shop.say("thanks", "thanks"), shop.say("late", "late")]))
        try await shop.send(shop.event("a", id: "1"))
        try await shop.send(shop.event("b", id: "2"))
        try await shop.waiting("a", at: "parcel")
        try await shop.waiting("b", at: "parcel")

        for service in SuiteService.six {
            let status = try await suite.service(service).terminate(within: .seconds(10))
            #expect(status == 0, "\(service.rawValue): \(suite.log(of: service).suffix(1_000))")
        }
        for service in SuiteService.six { try suite.service(service).launch() }
        for service in SuiteService.six { try await suite.service(service).becomeReady() }

        // One hears of the parcel if that is in time, the other's time runs out: nobody is forgotten.
        try await shop.send(shop.event("c", id: "3"))
        try await shop.waiting("c", at: "parcel")
        try await shop.send(shop.event("c", id: "4", delivered: true))
        #expect(try await shop.statuses("c") == ["finished"])
        #expect(try await shop.statuses("a") == ["finished"])
        #expect(try await shop.statuses("b") == ["finished"])
        #expect(shop.texts("a") == ["late"] && shop.texts("b") == ["late"] && shop.texts("c") == ["thanks"])
        try await shop.send(shop.event("a", id: "1"))
        let again = try await shop.send(shop.event("a", id: "1"))
        #expect(again["duplicate"] == true)
        await suite.close()
    }

    @Test("What waits in a queue can be read as JSON with its kind, while nobody takes it")
    func queues() async throws {
        let suite = try await SojournSuite.start()
        let shop = try await Shop.open(suite, "queue")
        try await shop.publish(
            shop.journey(
                "flow", [shop.say("say", "hello", next: "rest"), ["id": "rest", "type": "wait", "for": "P1D"]]))
        func elements(_ name: String) async throws -> [JSONValue] {
            var found: [JSONValue] = []
            for partition in 0..<4 {
                let page = try await suite.call(
                    .console, "queues.peek", ["queue": .string("\(name):\(partition)")])
                found += (page["items"]?.arrayValue ?? []).compactMap { $0["element"] }
            }
            return found
        }
        func kinds(_ name: String) async throws -> [String] {
            var kinds: [String] = []
            for partition in 0..<4 {
                let reply = try await suite.redisClient.slow.send(
                    RedisCommand("LRANGE", suite.key(name, partition), 0, -1))
                for bytes in try reply.requireArray().compactMap(\.bytes) {
                    kinds.append(try JSONValue.parse(bytes)["kind"]?.stringValue ?? "none")
                }
            }
            return kinds
        }

        // The step store first, so that steps stay; then the engine, so that the inbox does.
        #expect(try await suite.service(.journeyReporting).terminate() == 0)
        #expect(try await suite.service(.actionDispatch).terminate() == 0)
        try await shop.send(shop.event("a", id: "1"))
        try await eventually("the action waits") { try await kinds("actions") == ["action"] }
        #expect(try await kinds("steps").contains("steps"))
        #expect(try await elements("actions").first?["action"] == .string(shop.action))

        #expect(try await suite.service(.journeyExecution).terminate() == 0)
        try await shop.send(shop.event("b", id: "2"))
        #expect(try await kinds("inbox") == ["event"])
        #expect(try await elements("inbox").first?["id"] == "queue-2")
        let found = try await suite.call(.eventIngestion, "queues.find", ["id": "queue-2"])
        #expect(found["items"]?[0]?["queue"] == "inbox", "\(found.text)")

        let isHeld = suite.partners
        isHeld.answer(shop.smsPath) { _ in .answer(200, body: #"{"id":"m-1"}"#, after: .seconds(2)) }
        try await suite.service(.actionDispatch).restart()
        try await eventually("the action is claimed") { isHeld.requests(shop.smsPath).count == 1 }
        let claimed = try await elements("actions:claimed")
        #expect(claimed.count == 1 && claimed[0].text.contains(shop.action), "\(claimed)")

        try await suite.service(.journeyExecution).restart()
        try await eventually(within: .seconds(20), "both wait for the day") {
            try await elements("timers").count >= 2
        }
        let listed = try await suite.call(.journeyExecution, "queues.list")["items"]?.arrayValue ?? []
        let names = Set(listed.compactMap { $0["name"]?.stringValue })
        #expect(names.isSuperset(of: ["inbox", "fetches", "actions", "steps", "timers"]), "\(names)")
        await suite.close()
    }
}
