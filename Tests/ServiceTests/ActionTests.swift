import Models
import Synchronization
import TestKit
import Testing

extension SharedSuite {
    @Suite("Actions of journeys")
    struct ActionTests {
        private let suite: SojournSuite

        init() throws { suite = try RunningSuite.current }

        private func deadLetters(_ shop: Shop) async throws -> [JSONValue] {
            try await suite.all(.actionDispatch, "deadLetters.list")
                .filter { $0["request"]?["action"] == .string(shop.action) }
        }

        @Test("An action refused for now is tried again under the same key with the same payload")
        func retried() async throws {
            let shop = try await Shop.open(suite, "retry")
            let count = Atomic<Int>(0)
            suite.partners.answer(shop.smsPath) { _ in
                count.add(1, ordering: .relaxed).oldValue < 2 ? .answer(503) : .answer(200, body: #"{"id":"m-1"}"#)
            }
            try await shop.publish(
                shop.journey("flow", [shop.say("say", "hello", onError: "sorry"), ["id": "sorry", "type": "end"]]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let requests = suite.partners.requests(shop.smsPath)
            #expect(requests.count == 3)
            #expect(Set(requests.map(\.body)).count == 1)
            let keys = Set(requests.map { $0["Idempotency-Key"] ?? "" })
            #expect(keys.count == 1 && keys.first?.isEmpty == false)
            let steps = try await shop.steps("a")
            #expect(steps.count { $0["kind"] == "attempt" } == 3)
            #expect(
                steps.contains {
                    $0["node"] == "say" && $0["path"] == "next" || $0["node"] == "say" && $0["status"] == "ok"
                })
        }

        @Test(
            "A third party that is silent, resets or redirects for ever fails the action in its time, and the journey goes on",
            arguments: ["silence", "reset", "redirectLoop"])
        func badPeer(kind: String) async throws {
            let shop = try await Shop.open(suite, kind)
            suite.partners.answer(shop.smsPath) { request in
                switch kind {
                case "silence": .silence
                case "reset": .reset
                default: .redirect(307, to: request.target)
                }
            }
            try await shop.publish(
                shop.journey(
                    "flow", properties: ["timeout": "PT2S"],
                    [shop.say("say", "hello", onError: "sorry"), ["id": "sorry", "type": "end"]]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let failed = try #require(
                try await shop.steps("a").first { $0["node"] == "say" && $0["path"] == "onError" })
            let expected: [String: Set<String>] = [
                "silence": ["timedout"],
                "reset": ["connectionLost", "timedout"],
                "redirectLoop": ["tooManyRedirects"],
            ]
            let code = failed["code"]?.stringValue ?? ""
            #expect(expected[kind]?.contains(code) == true, "the journey was told \(code)")
            let keys = Set(suite.partners.requests(shop.smsPath).map { $0["Idempotency-Key"] ?? "" })
            #expect(keys.count == 1 && keys.first?.isEmpty == false)
        }

        @Test("A POST that is sent elsewhere is no success of a look-up: its answer is the outcome", arguments: [302, 303])
        func redirected(status: Int) async throws {
            let shop = try await Shop.open(suite, "redirect\(status)")
            suite.partners.answer(shop.smsPath) { request in
                // By 302 the same request is made again once, here in vain.
                .redirect(status, to: request.target)
            }
            try await shop.publish(
                shop.journey("flow", [shop.say("say", "hello", onError: "sorry"), ["id": "sorry", "type": "end"]]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let failed = try await shop.steps("a").first { $0["node"] == "say" && $0["path"] == "onError" }
            #expect(failed?["code"] == .string("http_\(status)"))
            let requests = suite.partners.requests(shop.smsPath)
            #expect(requests.map(\.method) == (status == 303 ? ["POST"] : ["POST", "POST"]))
        }

        @Test(
            "A success whose answer cannot be read, breaks off or drips is a success, and the step says so",
            arguments: ["plain", "halfBody", "drip"])
        func unreadableSuccess(kind: String) async throws {
            let shop = try await Shop.open(suite, kind)
            suite.partners.answer(shop.smsPath) { _ in
                switch kind {
                case "halfBody": .halfBody(promised: 1_000, sent: 10)
                case "drip": .drip(bytes: 1_000, every: .milliseconds(50))
                default: .answer(200, headers: [("Content-Type", "text/plain")], body: "OK")
                }
            }
            let isNull: JSONValue = .string("@action{\(shop.action).id} is null")
            try await shop.publish(
                shop.journey(
                    "flow", properties: ["timeout": "PT2S"],
                    [
                        shop.say("say", "hello", next: "check", onError: "sorry"),
                        [
                            "id": "check", "type": "condition",
                            "paths": [["label": "null", "when": isNull, "next": "fine"]],
                        ], ["id": "fine", "type": "end"], ["id": "sorry", "type": "end"],
                    ]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let steps = try await shop.steps("a")
            let said = try #require(steps.first { $0["node"] == "say" && $0["kind"] == "node" })
            #expect(said["path"] == "next" && said["status"] == "ok" && said["code"] == "invalidResponse")
            #expect(steps.contains { $0["node"] == "check" && $0["path"] == "null" })
            #expect(suite.partners.requests(shop.smsPath).count == 1)
        }

        @Test("A third party that says when to come back is asked no earlier")
        func retryAfter() async throws {
            let shop = try await Shop.open(suite, "after")
            let times = Mutex<[ContinuousClock.Instant]>([])
            suite.partners.answer(shop.smsPath) { _ in
                times.withLock { times in
                    times.append(.now)
                    return times.count == 1
                        ? .answer(429, headers: [("Retry-After", "2")]) : .answer(200, body: #"{"id":"m-1"}"#)
                }
            }
            try await shop.publish(shop.journey("flow", properties: ["timeout": "PT20S"], [shop.say("say", "hello")]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let asked = times.withLock { $0 }
            try #require(asked.count == 2)
            #expect(asked[1] - asked[0] >= .milliseconds(1_990))
        }

        @Test("Attempts in vain end in a dead letter; retrying it by hand moves nobody; it can be discarded")
        func exhausted() async throws {
            let shop = try await Shop.open(suite, "dead")
            let isWell = Atomic<Bool>(false)
            suite.partners.answer(shop.smsPath) { _ in
                isWell.load(ordering: .relaxed) ? .answer(200, body: #"{"id":"m-1"}"#) : .answer(503)
            }
            try await shop.publish(
                shop.journey(
                    "flow",
                    [
                        shop.say("say", "hello", next: "fine", onError: "sorry"), ["id": "fine", "type": "end"],
                        ["id": "sorry", "type": "end"],
                    ]))
            try await shop.send(shop.event("a", id: "1"))
            try await shop.send(shop.event("b", id: "2"))
            try await shop.statuses("a")
            try await shop.statuses("b")
            #expect(suite.partners.requests(shop.smsPath).count == 6)
            let before = try await shop.steps("a")
            #expect(before.contains { $0["node"] == "say" && $0["path"] == "onError" })

            let letters = try await deadLetters(shop)
            #expect(letters.count == 2)
            let letter = try #require(letters.first { $0["request"]?["person"] == "dead-a" })
            #expect(letter["reason"] == "retriesExhausted" && letter["lastError"] == "http_503")
            let id = letter["id"] ?? .null
            let got = try await suite.call(.actionDispatch, "deadLetters.get", ["id": id])
            #expect(got == letter)

            isWell.store(true, ordering: .relaxed)
            let place: JSONValue = ["id": id, "partition": letter["partition"] ?? .null]
            #expect(try await suite.call(.actionDispatch, "deadLetters.retry", place)["retried"] == true)
            try await eventually("the request went out again") { suite.partners.requests(shop.smsPath).count == 7 }
            let mine = suite.partners.requests(shop.smsPath).filter { $0.text.contains("dead-a") }
            #expect(Set(mine.map { $0["Idempotency-Key"] ?? "" }).count == 1)
            try await eventually("the letter is gone") { try await deadLetters(shop).count == 1 }
            // Another event proves that what came before was looked at.
            try await shop.send(shop.event("a", id: "3"))
            try await shop.statuses("a", count: 2)
            let after = try await shop.steps("a")
            let first = before.first { $0["kind"] == "entered" }?["instance"]
            #expect(after.filter { $0["instance"] == first && $0["kind"] != "noted" } == before)
            // It moved nobody, and what the third party got is on record.
            var noted: [JSONValue] = []
            try await eventually("the outcome is noted") {
                noted = try await shop.steps("a").filter { $0["instance"] == first && $0["kind"] == "noted" }
                return !noted.isEmpty
            }
            #expect(noted.count == 1 && noted[0]["stimulus"] == id && noted[0]["node"] == "say")
            #expect(noted.first?["status"] == "ok" && noted.first?["code"] == "http_200")

            let other = try #require(try await deadLetters(shop).first)
            let otherPlace: JSONValue = ["id": other["id"] ?? .null, "partition": other["partition"] ?? .null]
            #expect(try await suite.call(.actionDispatch, "deadLetters.discard", otherPlace)["discarded"] == true)
            #expect(try await deadLetters(shop).isEmpty)
            let audit = try await suite.all(.console, "audit.list", filter: ["kind": "deadLetters"])
            func entries(_ action: String, _ id: JSONValue) -> Int {
                audit.count { $0["action"] == .string(action) && $0["name"] == id }
            }
            #expect(entries("retry", id) == 1 && entries("discard", other["id"] ?? .null) == 1)
            try await expectRefusal(-32004) { try await suite.call(.actionDispatch, "deadLetters.retry", otherPlace) }
        }

        @Test("The journey's time-out bounds an action, and the error path is taken as timed out")
        func timedOut() async throws {
            let shop = try await Shop.open(suite, "slow")
            suite.partners.answer(shop.smsPath) { _ in .silence }
            try await shop.publish(
                shop.journey(
                    "flow", properties: ["timeout": "PT1S"],
                    [
                        shop.say("say", "hello", next: "fine", onError: "check"), ["id": "fine", "type": "end"],
                        [
                            "id": "check", "type": "condition",
                            "paths": [
                                [
                                    "label": "late", "next": "late",
                                    "when": .string("@action{\(shop.action).jo_status_code} == \"timedout\""),
                                ]
                            ], "otherwise": ["next": "other"],
                        ], ["id": "late", "type": "end"], ["id": "other", "type": "end"],
                    ]))
            try await shop.send(shop.event("a", id: "1"))
            #expect(try await shop.statuses("a") == ["finished"])
            let steps = try await shop.steps("a")
            #expect(steps.contains { $0["node"] == "check" && $0["path"] == "late" }, "\(JSONValue.array(steps).text)")
            #expect(steps.contains { $0["kind"] == "attempt" && $0["code"] == "timedout" })
        }
    }
}
