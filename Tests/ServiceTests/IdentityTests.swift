import Foundation
import HTTPClient
import Models
import Redis
import TestKit
import Testing

/// One id in two spellings: "é" as one character and as two.
@Suite("One person in two spellings", .running, .serialized)
struct IdentityTests {
    private let suite: SojournSuite
    private static let composed = "Jos\u{E9}", parted = "Jose\u{301}"
    private static let spellings = [composed, parted]
    private let json: HTTPHeaders = ["Content-Type": "application/json"]

    init() throws { suite = try RunningSuite.current }

    /// Every text that is a person's id somewhere in an answer; payloads and attributes are data.
    private func ids(_ value: JSONValue) -> [String] {
        switch value {
        case .array(let items): return items.flatMap(ids)
        case .object(let object):
            let isPerson = object.contains("namespace")
            return object.flatMap { key, value -> [String] in
                if key == "profile" || key == "person" || (isPerson && key == "id"), let id = value.stringValue {
                    return [id]
                }
                return ["payload", "attributes", "state", "event"].contains(key) ? [] : ids(value)
            }
        default: return []
        }
    }

    /// Calls the method with both spellings, whose answers must be the same and name the person as composed.
    @discardableResult
    private func both(
        _ service: SuiteService, _ method: String, ids count: ClosedRange<Int> = 1...1_000,
        _ params: (String) -> JSONValue
    ) async throws -> JSONValue {
        var answers: [JSONValue] = []
        for spelling in Self.spellings { answers.append(try await suite.call(service, method, params(spelling))) }
        #expect(answers[0] == answers[1], "\(method)")
        let found = ids(answers[0])
        #expect(count.contains(found.count), "\(method): \(answers[0])")
        for id in found { #expect(id.hasBytes(of: id.composed), "\(method): \(Array(id.utf8))") }
        return answers[0]
    }

    /// What names a person, by the name of the method; a new one is added to the test below.
    private static let named: Set<String> = [
        "profiles.upsert", "profiles.get", "profiles.list", "profiles.events", "instances.list", "instances.get",
        "instances.end", "trace.event", "trace.person", "test.trigger", "test.log", "dryRun.log",
        "stepEvents.query", "stepEvents.export", "simulate.run",
    ]

    @Test("The methods that name a person are those that are tried here", arguments: SuiteService.six)
    func methods(service: SuiteService) async throws {
        let document = try await suite.call(service, "rpc.discover")
        for method in document["methods"]?.arrayValue ?? [] {
            let name = method["name"]?.stringValue ?? ""
            // The namespace of a definition is no person's.
            if name.hasPrefix("events.") { continue }
            let params = method["params"]?.arrayValue ?? []
            let names = params.compactMap { $0["name"]?.stringValue }
                + params.flatMap { $0["schema"]?["properties"]?.objectValue?.map(\.key) ?? [] }
            if !Set(names).isDisjoint(with: ["profile", "namespace", "person", "people"]) {
                #expect(Self.named.contains(name), "\(name) names a person and is not tried with both spellings")
            }
        }
    }

    @Test("Each inlet and method that takes an event finds the same person")
    func inlets() async throws {
        let shop = try await Shop.open(suite, "idin")
        try await shop.publish(shop.journey("stay", [["id": "rest", "type": "wait", "for": "P1D"]]))
        let expected = "crmId:idin-" + Self.composed
        var number = 0
        func next(_ spelling: String) -> JSONValue {
            number += 1
            return shop.event(spelling, id: "\(number)")
        }
        for spelling in Self.spellings {
            #expect(try await suite.collect(shop.inlet, next(spelling)).status == 200)
            let batch: JSONValue = ["messages": [next(spelling), ["header": [:], "body": ["xdmEntity": next(spelling)]]]]
            let answer = try await suite.send(
                .eventIngestion, "/collection/batch/\(shop.inlet)", body: batch.bytes, headers: json)
            #expect(answer.json["responses"]?.arrayValue?.allSatisfy { $0["status"] == 200 } == true)
            let one = try await shop.send(next(spelling))
            #expect(one["matched"]?[0]?["profile"]?.stringValue?.hasBytes(of: expected) == true)
            let many = try await suite.call(.eventIngestion, "ingest.sendBatch", ["events": [next(spelling)]])
            let matched = many["results"]?[0]?["matched"]?[0]
            #expect(matched?["profile"]?.stringValue?.hasBytes(of: expected) == true)
            // Replayed, corrected.
            var wrong = next(spelling).objectValue ?? [:]
            wrong["order"] = 7
            #expect(try await suite.collect(shop.inlet, .object(wrong)).status == 400)
            var kept: JSONValue = .null
            try await eventually("the refused event is kept") {
                kept =
                    try await suite.all(.eventIngestion, "rejected.list")
                    .first { $0["event"]?["_id"] == wrong["_id"] } ?? .null
                return !kept.isNull
            }
            let replayed = try await suite.call(
                .eventIngestion, "rejected.replay", ["id": kept["id"] ?? .null, "event": next(spelling)])
            #expect(replayed["matched"]?[0]?["profile"]?.stringValue?.hasBytes(of: expected) == true)
        }
        // The first entered, and all others found the same person inside.
        try await shop.waiting(Self.parted, at: "rest")
        try await eventually("each event is on record") {
            let steps = try await shop.steps(Self.composed)
            return steps.count { $0["code"] == "alreadyInside" } == 11
        }
        #expect(try await shop.instances(Self.composed).count == 1)
        // A repeat in the other spelling is a repeat.
        #expect(try await shop.send(shop.event(Self.composed, id: "1"))["duplicate"] == true)
        #expect(try await shop.send(shop.event(Self.parted, id: "1"))["duplicate"] == true)
    }

    @Test("Each method that names a person means the same one by both spellings, and answers the composed one")
    func people() async throws {
        let shop = try await Shop.open(suite, "idme")
        let rest: JSONValue = ["id": "rest", "type": "wait", "for": "P1D"]
        let id = { (spelling: String) in JSONValue.string("idme-" + spelling) }
        let name = try await shop.publish(shop.journey("stay", [rest]))

        // Profiles, by the method and by the configuration.
        for (spelling, members) in [(Self.parted, ["a": 1] as JSONValue), (Self.composed, ["b": 2] as JSONValue)] {
            let made = try await suite.call(
                .dataSourceFetching, "profiles.upsert",
                ["namespace": "crmId", "id": id(spelling), "attributes": members])
            #expect(made["id"]?.stringValue?.hasBytes(of: "idme-" + Self.composed) == true)
        }
        let applied = try await suite.apply([
            ["profile": ["namespace": "crmId", "id": id(Self.parted), "attributes": ["testProfile": true]]]
        ])
        #expect(applied.first?["result"] == "updated")
        let profile = try await both(.dataSourceFetching, "profiles.get") { ["namespace": "crmId", "id": id($0)] }
        #expect(profile["attributes"] == ["a": 1, "b": 2, "testProfile": true])
        for filter in [["namespace": "crmId"], [:]] as [JSONObject] {
            let listed = try await both(.dataSourceFetching, "profiles.list", ids: 1...1) { spelling in
                var filter = filter
                filter["id"] = id(spelling)
                return ["filter": .object(filter)]
            }
            #expect(listed["items"]?.arrayValue?.count == 1)
        }
        try await suite.call(
            .dataSourceFetching, "audiences.create", ["name": "two_idme", "rule": "a == 1 and b == 2"])
        try await eventually("the audience has its member") {
            let members = try await suite.all(.dataSourceFetching, "audiences.members", named: "two_idme")
            return members.count == 1 && ids(.array(members)).allSatisfy { $0.hasBytes(of: "idme-" + Self.composed) }
        }

        // A journey, a dry run and a test.
        let draft = shop.journey("draft", [rest])
        _ = try await suite.call(.journeyExecution, "journeys.create", draft)
        _ = try await suite.call(.journeyExecution, "dryRun.start", ["journey": "draft_idme"])
        try await shop.send(shop.event(Self.parted, id: "1"))
        let instance = try await shop.waiting(Self.parted, at: "rest")["id"] ?? .null
        try await eventually("the step store knows of it") { !(try await shop.steps(Self.composed).isEmpty) }
        try await both(.journeyExecution, "instances.list", ids: 1...2) {
            ["filter": ["namespace": "crmId", "profile": id($0)]]
        }
        try await both(.journeyExecution, "instances.get") {
            ["id": instance, "namespace": "crmId", "profile": id($0)]
        }
        try await both(.journeyExecution, "trace.event", ids: 2...100) {
            ["id": "idme-1", "namespace": "crmId", "profile": id($0)]
        }
        try await both(.journeyExecution, "trace.person", ids: 2...100) { ["namespace": "crmId", "id": id($0)] }
        try await both(.dataSourceFetching, "profiles.events", ids: 0...0) {
            ["namespace": "crmId", "id": id($0)]
        }
        try await both(.journeyReporting, "stepEvents.query") {
            ["filter": ["namespace": "crmId", "profile": id($0)]]
        }
        let exported = try await both(.journeyReporting, "stepEvents.export", ids: 0...0) {
            ["filter": ["profile": id($0)], "format": "csv"]
        }
        #expect(exported["count"]?.integerValue ?? 0 >= 1)
        #expect(exported["text"]?.stringValue?.unicodeScalars.contains("\u{301}") == false)
        try await eventually("the dry run has the person") {
            try await suite.call(
                .journeyExecution, "dryRun.log", ["journey": "draft_idme", "profile": id(Self.parted)])["items"]?
                .arrayValue?.isEmpty == false
        }
        try await both(.journeyExecution, "dryRun.log") { ["journey": "draft_idme", "profile": id($0)] }
        _ = try await suite.call(.journeyExecution, "dryRun.stop", ["journey": "draft_idme"])

        _ = try await suite.call(.journeyExecution, "test.start", ["journey": "draft_idme"])
        for (number, spelling) in Self.spellings.enumerated() {
            let answer = try await suite.call(
                .journeyExecution, "test.trigger",
                [
                    "journey": "draft_idme", "event": .string(shop.placed), "profile": id(spelling),
                    "payload": shop.event(spelling, id: "t\(number)"),
                ])
            #expect(answer["id"] == .string("idme-t\(number)"))
        }
        try await eventually("the test has entered once and refused once") {
            let items = try await suite.call(
                .journeyExecution, "test.log", ["journey": "draft_idme", "profile": id(Self.parted)])["items"]?
                .arrayValue ?? []
            return items.contains { $0["kind"] == "entered" } && items.contains { $0["code"] == "alreadyInside" }
        }
        try await both(.journeyExecution, "test.log") { ["journey": "draft_idme", "profile": id($0)] }
        _ = try await suite.call(.journeyExecution, "test.stop", ["journey": "draft_idme"])

        // A simulation of given people.
        let simulated = try await both(.journeyExecution, "simulate.run") { spelling in
            [
                "journey": .string(name), "start": "2026-01-01T00:00:00Z",
                "people": [["namespace": "crmId", "id": id(spelling)]], "samples": 1,
                "events": [
                    [
                        "event": .string(shop.placed), "person": ["namespace": "crmId", "id": id(Self.parted)],
                        "at": "2026-01-01T01:00:00Z", "payload": shop.event(Self.composed, id: "s"),
                    ]
                ],
            ]
        }
        #expect(simulated["entered"] == 1, "\(simulated)")

        // One is led out by the other spelling.
        try await suite.call(
            .journeyExecution, "instances.end",
            ["id": instance, "namespace": "crmId", "profile": id(Self.parted)])
        try await shop.statuses(Self.composed)
        #expect(try await shop.instances(Self.parted).isEmpty)
    }

    @Test("What waits in an inbox that the other spelling led to is sent on to where the person is")
    func strays() async throws {
        let shop = try await Shop.open(suite, "idst")
        try await shop.publish(shop.journey("stay", [["id": "rest", "type": "wait", "for": "P1D"]]))
        let partitions = 4
        func from(_ name: String) -> Int { Int(CRC16.of("crmId:idst-\(name)".utf8)) % partitions }
        let name = try #require(
            (0..<100).map { "\(Self.parted)\($0)" }.first { name in
                from(name) != Person(namespace: "crmId", id: "idst-" + name).partition(of: partitions)
            })
        // As event-ingestion appended it before ids were composed.
        let element: JSONValue = [
            "at": .integer(Int64(Date().timeIntervalSince1970 * 1_000)), "kind": "event", "id": "idst-1", "namespace": "crmId",
            "person": .string("idst-" + name), "events": [.string(shop.placed)], "payload": shop.event(name, id: "1"),
        ]
        let redis = suite.redisClient.slow
        _ = try await redis.send(RedisCommand("RPUSH", suite.key("inbox", from(name)), element.bytes))
        _ = try await redis.send(RedisCommand("PUBLISH", "sj:wake:inbox:\(from(name))", "1"))
        try await shop.waiting(name, at: "rest")
        try await eventually("it is gone where it was") {
            try await redis.send(RedisCommand("LLEN", suite.key("inbox", from(name)))).requireInteger() == 0
        }
        #expect(try await shop.instances(name).count == 1)
    }

    @Test("Fields, texts and instance keys that only look alike are two")
    func data() async throws {
        let shop = try await Shop.open(suite, "idda")
        let note = "@event{\(shop.placed).order.note}"
        let condition: JSONValue = [
            "id": "which", "type": "condition",
            "paths": [["label": "composed", "when": .string("\(note) == \"\(Self.composed)\""), "next": "one"]],
            "otherwise": ["next": "two"],
        ]
        try await shop.publish(
            shop.journey(
                "keyed", properties: ["instanceKey": .string(note)],
                [
                    ["id": "rest", "type": "wait", "for": "PT1S", "next": "which"], condition, shop.say("one", "composed"),
                    shop.say("two", "parted"),
                ]))
        for (number, spelling) in Self.spellings.enumerated() {
            try await shop.send(shop.event("a", id: "\(number)", note: spelling))
        }
        // Two instances at once, as the key differs, each with its own text.
        try await shop.statuses("a", count: 2)
        #expect(shop.texts("a").sorted() == ["composed", "parted"])
    }
}

extension SojournSuite {
    /// All pages of a method that asks for a name.
    fileprivate func all(_ service: SuiteService, _ method: String, named name: String) async throws -> [JSONValue] {
        var items: [JSONValue] = [], cursor: JSONValue?
        repeat {
            var params: JSONObject = ["name": .string(name), "limit": 500]
            params["cursor"] = cursor
            let page = try await call(service, method, .object(params))
            items += page["items"]?.arrayValue ?? []
            cursor = page["cursor"]
        } while cursor.map { !$0.isNull } ?? false
        return items
    }
}
