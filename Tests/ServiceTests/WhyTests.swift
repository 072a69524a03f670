import Models
import Synchronization
import TestKit
import Testing

extension SharedSuite {
    @Suite("Why something happened, or did not")
    struct WhyTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func trace(_ method: String, _ params: JSONValue) async throws -> JSONValue {
            try await suite.call(.journeyExecution, "trace.\(method)", params)
        }

        private func kinds(_ trace: JSONValue) -> [String] {
            (trace["items"]?.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
        }

        @Test("An event is told from its entry to the last node that it moved")
        func event() async throws {
            let shop = try await Shop.open(suite, "why")
            try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "rest")
            var told: JSONValue = .null
            try await eventually("the entry is told") {
                told = try await trace("event", ["id": "why-1"])
                return kinds(told).first == "entered"
            }
            #expect(told["outcome"] == "handled")
            #expect(told["items"]?[0]?["profile"] == "why-a" && told["items"]?[0]?["stimulus"] == "why-1")
            #expect(told["unreachable"] == [])
            #expect(try await trace("event", ["id": "nobody-knows-it"])["outcome"] == "unknown")
        }

        @Test("An event that was not valid is told with its problems")
        func rejected() async throws {
            _ = try await Shop.open(suite, "whyr")
            let wrong: JSONValue = ["_id": "whyr-1", "eventType": "whyr.order", "customer": ["id": "whyr-a"]]
            try await expectRefusal(-32602) {
                try await suite.call(.eventIngestion, "ingest.send", ["event": wrong])
            }
            var told: JSONValue = .null
            try await eventually("the rejection is told") {
                told = try await trace("event", ["id": "whyr-1"])
                return told["outcome"] == "rejected"
            }
            #expect(told["items"]?[0]?["code"] == "notValid")
            #expect(told["items"]?[0]?["problems"]?.text.contains("order") == true)
            let person = try await trace("person", ["namespace": "crmId", "id": "whyr-a"])
            #expect(kinds(person) == ["rejected"])
        }

        @Test("A refusal has its reason, and a filter that did not hold is what is left")
        func refused() async throws {
            let shop = try await Shop.open(suite, "whyf")
            var first = shop.journey("large", [["id": "rest", "type": "wait", "for": "P1D"]]).objectValue ?? [:]
            var nodes = first["nodes"]?.arrayValue ?? []
            var entry = nodes[0].objectValue ?? [:]
            entry["filter"] = .string("@event{\(shop.placed).order.total} > 100")
            nodes[0] = .object(entry)
            first["nodes"] = .array(nodes)
            let large = try await shop.publish(.object(first))
            try await shop.publish(shop.journey("all", [["id": "rest", "type": "wait", "for": "P1D"]]))
            try await shop.send(shop.event("a", total: 10, id: "1"))
            try await shop.waiting("a", at: "rest")
            try await shop.send(shop.event("a", total: 10, id: "2"))
            var told: JSONValue = .null
            try await eventually("both reasons are told") {
                told = try await trace("event", ["id": "whyf-2"])
                return kinds(told) == ["refused", "refused"]
            }
            let codes = (told["items"]?.arrayValue ?? []).map { ($0["journey"], $0["code"]) }
            #expect(codes[0] == ("all_whyf", "alreadyInside"))
            #expect(codes[1] == (.string(large), "filterFalse"))
            #expect(told["matched"]?[0]?["event"] == .string(shop.placed))
        }

        @Test("An event that moved nobody is handled, with the reason of each instance and entry that was looked at")
        func movedNobody() async throws {
            let shop = try await Shop.open(suite, "whyn")
            let match = "@event{\(shop.delivered).order.id} == @event{\(shop.placed).order.id}"
            try await shop.publish(
                shop.journey(
                    "parcel",
                    [["id": "arrives", "type": "event", "event": .string(shop.delivered), "match": .string(match)]]))
            try await shop.publish(
                shop.journey(
                    "later",
                    [
                        ["id": "rest", "type": "wait", "for": "P1D", "next": "then"],
                        ["id": "then", "type": "event", "event": .string(shop.delivered)],
                    ]))
            try await shop.send(shop.event("a", order: "1", id: "1"))
            try await shop.waiting("a", at: "arrives")
            try await shop.waiting("a", at: "rest")
            try await shop.send(shop.event("a", order: "2", id: "2", delivered: true))
            var told: JSONValue = .null
            try await eventually("the event is handled") {
                told = try await trace("event", ["id": "whyn-2"])
                return told["outcome"] == "handled"
            }
            let reasons = (told["items"]?.arrayValue ?? []).map {
                "\($0["kind"]?.stringValue ?? "") \($0["journey"]?.stringValue ?? "") \($0["code"]?.stringValue ?? "")"
            }
            #expect(reasons.sorted() == ["refused later_whyn notListening", "refused parcel_whyn matchFalse"])
            #expect(told["items"]?.arrayValue?.allSatisfy { $0["instance"]?.stringValue != nil } == true)
            #expect(told["matched"]?[0]?["event"] == .string(shop.delivered) && told["matched"]?[0]?["profile"] == "whyn-a")
            var stored: [JSONValue] = []
            try await eventually("it is in the step store") {
                stored = try await suite.all(
                    .journeyReporting, "stepEvents.query", filter: ["stimulus": "whyn-2"])
                return !stored.isEmpty
            }
            #expect(stored.count == 1 && stored[0]["kind"] == "event" && stored[0]["profile"] == "whyn-a")
            let shown = try await suite.sojourn("trace", "whyn-a")
            #expect(shown.output.contains("whyn-2 moved nobody"), "\(shown.output)\(shown.errors)")

            // Nobody at all listens to it for this person: handled, too.
            try await shop.send(shop.event("b", id: "3", delivered: true))
            try await eventually("the event of a stranger is handled") {
                told = try await trace("event", ["id": "whyn-3"])
                return told["outcome"] == "handled"
            }
            #expect(kinds(told) == ["event"])
        }

        @Test("A repeat is answered as one, has no second effect, and is on record")
        func repeated() async throws {
            let shop = try await Shop.open(suite, "whyd")
            try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.waiting("a", at: "rest")
            #expect(try await shop.send(shop.event("a", id: "1"))["duplicate"] == true)
            var told: JSONValue = .null
            try await eventually("the repeat is told") {
                told = try await trace("event", ["id": "whyd-1"])
                return told["items"]?.arrayValue?.contains { $0["code"] == "duplicate" } ?? false
            }
            #expect(told["outcome"] == "handled" && kinds(told).first == "entered" && kinds(told).last == "event")
            #expect(kinds(told).filter { $0 == "entered" }.count == 1)
            let shown = try await suite.sojourn("trace", "whyd-a")
            #expect(shown.output.contains("whyd-1 came again, without effect"), "\(shown.output)\(shown.errors)")
        }

        @Test("An event that was kept and moved somebody later is named by that step")
        func kept() async throws {
            let shop = try await Shop.open(suite, "whyk")
            let gate = Mutex(false)
            suite.partners.answer(shop.smsPath) { _ in
                gate.withLock { $0 } ? .answer(200, body: #"{"id":"m-1"}"#) : .answer(503)
            }
            var action = shop.actionDefinition.objectValue ?? [:]
            action["retries"] = 10
            try await suite.apply([["action": .object(action)]])
            try await shop.publish(
                shop.journey(
                    "flow", properties: ["timeout": "PT30S", "history": "full"],
                    [
                        shop.say("say", "hello", next: "arrives"),
                        ["id": "arrives", "type": "event", "event": .string(shop.delivered), "next": "rest"],
                        ["id": "rest", "type": "wait", "for": "P1D"],
                    ]))
            try await shop.send(shop.event("a", id: "1"))
            try await eventually("the call is made") { !suite.partners.requests(shop.smsPath).isEmpty }
            try await shop.send(shop.event("a", id: "2", delivered: true))
            try await eventually("the event is kept") {
                let told = try await trace("event", ["id": "whyk-2"])
                return (told["items"]?.arrayValue ?? []).contains { $0["code"] == "kept" }
            }
            gate.withLock { $0 = true }
            try await shop.waiting("a", at: "rest", within: .seconds(40))
            try await eventually("the step names the event") {
                let steps = try await suite.all(
                    .journeyReporting, "stepEvents.query", filter: ["stimulus": "whyk-2", "kind": "node"])
                return steps.compactMap { $0["node"]?.stringValue } == ["arrives"]
            }
            #expect(try await trace("event", ["id": "whyk-2"])["outcome"] == "handled")
            let instance = try await shop.instances("a").first?["id"] ?? .null
            let history = try await suite.call(.journeyExecution, "instances.history", ["instance": instance])
            #expect(history["records"]?.arrayValue?.map { $0["stimulus"] }.last == "whyk-2", "\(history.text)")
            let replayed = try await suite.call(.journeyExecution, "instances.replay", ["instance": instance])
            #expect(replayed["same"] == true && replayed["records"] == 3, "\(replayed.text)")
        }

        @Test("Journeys that a constant ruled out are one group with its number, and its names on request")
        func groups() async throws {
            let shop = try await Shop.open(suite, "whyg")
            func listener(_ name: String, _ note: String) -> JSONValue {
                var journey = shop.journey(name, [["id": "rest", "type": "wait", "for": "P1D"]]).objectValue ?? [:]
                var nodes = journey["nodes"]?.arrayValue ?? []
                var entry = nodes[0].objectValue ?? [:]
                entry["filter"] = .string("@event{\(shop.placed).order.note} == \"\(note)\"")
                nodes[0] = .object(entry)
                journey["nodes"] = .array(nodes)
                return .object(journey)
            }
            for number in 1...3 { try await shop.publish(listener("n\(number)", "note \(number)")) }
            try await shop.send(shop.event("a", id: "1", note: "note 2"))
            try await shop.send(shop.event("b", id: "2", note: "none of them"))
            var told: JSONValue = .null
            for (id, ruledOut) in [("whyg-1", ["n1_whyg", "n3_whyg"]), ("whyg-2", ["n1_whyg", "n2_whyg", "n3_whyg"])] {
                try await eventually("the group of \(id) is stored and has its names") {
                    told = try await trace("event", ["id": .string(id), "journeys": true])
                    return told["items"]?.arrayValue?.contains { $0["journeys"] != nil } ?? false
                }
                let groups = (told["items"]?.arrayValue ?? []).filter { $0["group"] != nil }
                #expect(groups.count == 1 && groups[0]["count"] == JSONValue(ruledOut.count), "\(told.text)")
                #expect(groups.first?["code"] == "filterFalse" && groups.first?["kind"] == "refused")
                #expect((groups.first?["journeys"]?.arrayValue ?? []).map { $0["journey"] } == ruledOut.map(JSONValue.string))
                let without = try await trace("event", ["id": .string(id)])
                #expect(without["items"]?.arrayValue?.allSatisfy { $0["journeys"] == nil } == true)
                #expect(without["outcome"] == "handled")
            }
        }

        @Test("A decision shows the values that it went by, and a failing call what was answered, stored or not")
        func values() async throws {
            let shop = try await Shop.open(suite, "whyv")
            suite.partners.answer(shop.smsPath) { _ in .answer(422, body: #"{"error":"boom"}"#) }
            try await shop.publish(
                shop.journey(
                    "flow", properties: ["timezone": "Europe/Berlin"],
                    [
                        [
                            "id": "large", "type": "condition", "otherwise": ["next": "hours"],
                            "paths": [
                                ["label": "large", "when": .string("@event{\(shop.placed).order.total} > 100")]
                            ],
                        ],
                        [
                            "id": "hours", "type": "condition", "otherwise": ["next": "say"],
                            "paths": [
                                ["label": "day", "time": ["hours": ["00:00", "23:59"]], "next": "say"]
                            ],
                        ],
                        shop.say("say", "hello", next: "rest", onError: "rest"),
                        ["id": "rest", "type": "wait", "for": "P1D"],
                    ]))
            try await shop.send(shop.event("a", total: 42, id: "1"))
            try await shop.waiting("a", at: "rest")
            func step(_ items: [JSONValue], _ kind: String, _ node: String) -> JSONValue {
                items.first { $0["kind"] == .string(kind) && $0["node"] == .string(node) } ?? .null
            }
            let told = try await trace("person", ["namespace": "crmId", "id": "whyv-a"])["items"]?.arrayValue ?? []
            let path = JSONValue.string("\(shop.placed).order.total")
            #expect(step(told, "node", "large")["read"]?[0]?["path"] == path, "\(told)")
            #expect(step(told, "node", "large")["read"]?[0]?["value"]?.text.hasPrefix("42") == true)
            #expect(step(told, "node", "hours")["localTime"]?.stringValue?.hasSuffix("[Europe/Berlin]") == true)
            #expect(step(told, "attempt", "say")["answer"] == ["status": 422, "body": #"{"error":"boom"}"#])
            // The same, whether it was stored yet or not.
            var stored: [JSONValue] = []
            try await eventually("all of it is stored") {
                stored = try await shop.steps("a")
                return stored.count == told.count
            }
            #expect(stored == told)
            let shown = try await suite.sojourn("trace", "whyv-a")
            #expect(shown.output.contains("order.total was 42"), "\(shown.output)\(shown.errors)")
            #expect(shown.output.contains("boom"))
        }

        @Test("A person's trace is in order, and the command line shows it")
        func person() async throws {
            let shop = try await Shop.open(suite, "whyp")
            try await shop.publish(shop.journey("flow", [shop.say("hello", "hi")]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.statuses("a")
            let told = try await trace("person", ["namespace": "crmId", "id": "whyp-a"])
            #expect(kinds(told).first == "entered" && kinds(told).last == "left", "\(told.text)")
            #expect(told["items"]?.arrayValue?.map { $0["step"] } == (1...5).map { .integer($0) })
            let shown = try await suite.sojourn("trace", "--event", "whyp-1")
            #expect(shown.output.contains("flow_whyp v1 entered by whyp-1"), "\(shown.output)\(shown.errors)")

            let instance = told["items"]?[0]?["instance"] ?? .null
            let history = try await suite.call(.journeyExecution, "instances.history", ["instance": instance])
            let records = history["records"]?.arrayValue ?? []
            #expect(records.count == 2 && records[0]["stimulus"] == "whyp-1", "\(history.text)")
            #expect(
                records.flatMap { $0["events"]?.arrayValue ?? [] }.map { $0["step"] } == (1...5).map { .integer($0) })
            let printed = try await suite.sojourn("history", instance.stringValue ?? "")
            #expect(printed.output.contains("by whyp-1"), "\(printed.output)\(printed.errors)")
            try await expectRefusal(-32004) {
                try await suite.call(.journeyExecution, "instances.history", ["instance": "none"])
            }
        }
    }
}

@Suite("Why, while services are away")
struct WhyWithoutServicesTests {
    @Test("What waits is told, and who could not be asked")
    func waiting() async throws {
        let suite = try await SojournSuite.start()
        let shop = try await Shop.open(suite, "away")
        try await shop.publish(shop.journey("flow", [["id": "rest", "type": "wait", "for": "P1D"]]))
        try await shop.send(shop.event("a", id: "1"))
        try await shop.waiting("a", at: "rest")
        try await eventually("the entry is stored") { try await !shop.steps("a").isEmpty }
        suite.service(.journeyReporting).kill9()
        let told = try await suite.call(
            .journeyExecution, "trace.person", ["namespace": "crmId", "id": "away-a"])
        #expect(told["unreachable"]?.arrayValue?.count == 1, "\(told.text)")
        try await shop.send(shop.event("a", id: "2"))
        // What is committed and not yet stored is told from Redis itself.
        try await eventually("the refusal is told") {
            let event = try await suite.call(.journeyExecution, "trace.event", ["id": "away-2"])
            return event["items"]?[0]?["code"] == "alreadyInside"
        }
        await suite.close()
    }
}
