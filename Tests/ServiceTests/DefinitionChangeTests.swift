import Foundation
import Models
import Redis
import TestKit
import Testing

@Suite("Changes of definitions under live journeys", .running, .serialized)
struct DefinitionChangeTests {
    private let suite: SojournSuite

    init() throws { suite = try RunningSuite.current }

    /// Members of a definition that are replaced by an update.
    struct Change: Sendable, CustomTestStringConvertible {
        let name: String
        let service: SuiteService
        let method: String
        let params: @Sendable (Shop) -> JSONValue
        /// What the refusal says of the journey.
        let field: String

        var testDescription: String { name }
    }

    static let changes: [Change] = [
        Change(
            name: "a response sample loses a field", service: .actionDispatch, method: "actions.update",
            params: { ["name": .string($0.action), "response": ["other": "x"]] }, field: "/paths/0/when"),
        Change(
            name: "a response sample changes a field", service: .actionDispatch, method: "actions.update",
            params: { ["name": .string($0.action), "response": ["id": 5]] }, field: "/paths/0/when"),
        Change(
            name: "an optional parameter becomes required", service: .actionDispatch, method: "actions.update",
            params: {
                [
                    "name": .string($0.action),
                    "parameters": [
                        ["name": "to", "type": "string", "required": true], ["name": "text", "type": "string"],
                        ["name": "opt", "type": "string", "required": true],
                    ],
                ]
            }, field: "opt"),
        Change(
            name: "an event's field is retyped", service: .eventIngestion, method: "schemas.update",
            params: { ["name": .string("order_\($0.tag)"), "schema": schema(total: ["type": "string"])] },
            field: "/paths/1/when"),
        Change(
            name: "a group's sample changes", service: .dataSourceFetching, method: "dataSources.update",
            params: { shop in
                var source = shop.sourceDefinition.objectValue ?? [:]
                var group = source["groups"]?[0]?.objectValue ?? [:]
                group["sample"] = ["tier": 7, "points": 120]
                source["groups"] = [.object(group)]
                return .object(source)
            }, field: "tier"),
        Change(
            name: "a profile schema comes without a field that is read", service: .eventIngestion,
            method: "schemas.create",
            params: {
                [
                    "name": .string("person_\($0.tag)"), "kind": "profile",
                    "schema": ["type": "object", "properties": ["level": ["type": "string"]]],
                ]
            }, field: "/paths/3/when"),
    ]

    private static func schema(total: JSONValue) -> JSONValue {
        [
            "type": "object", "required": ["_id", "eventType", "customer", "order"],
            "properties": [
                "_id": ["type": "string", "minLength": 1], "eventType": ["type": "string"],
                "customer": ["type": "object", "required": ["id"], "properties": ["id": ["type": "string"]]],
                "order": [
                    "type": "object", "required": ["id"],
                    "properties": ["id": ["type": "string"], "total": total, "note": ["type": "string"]],
                ],
            ],
        ]
    }

    /// A journey that reads all that the changes are about, and says what it read.
    private func publish(_ shop: Shop) async throws -> String {
        let action = shop.actionDefinition.objectValue ?? [:]
        var parameters = action["parameters"]?.arrayValue ?? []
        parameters.append(["name": "opt", "type": "string"])
        try await suite.call(
            .actionDispatch, "actions.update",
            ["name": .string(shop.action), "parameters": .array(parameters)])
        return try await shop.publish(
            shop.journey(
                "flow",
                [
                    shop.say("first", "first", next: "c"),
                    [
                        "id": "c", "type": "condition",
                        "paths": [
                            ["label": "id", "when": .string("@action{\(shop.action).id} == \"none\""), "next": "w"],
                            ["label": "total", "when": .string("@event{\(shop.placed).order.total} > 1000"), "next": "w"],
                            ["label": "tier", "when": shop.isGold("none"), "next": "w"],
                            ["label": "name", "when": "#{profile.firstName} == \"none\"", "next": "w"],
                        ], "otherwise": ["next": "w"],
                    ],
                    ["id": "w", "type": "wait", "for": "PT1S", "next": "last"], shop.say("last", "last"),
                ]))
    }

    @Test("Each is refused with the journey and the field, and people go on", arguments: changes)
    func refused(change: Change) async throws {
        let tag = "dc\(Self.changes.firstIndex { $0.name == change.name } ?? 0)"
        let shop = try await Shop.open(suite, tag)
        let journey = try await publish(shop)
        try await shop.send(shop.event("a", id: "1"))
        let data = try await expectRefusal(-32010) {
            try await suite.call(change.service, change.method, change.params(shop))
        }
        #expect(
            data["usedIn"]?.arrayValue?.contains {
                $0["name"] == .string(journey) && $0["version"] == 1 && $0["state"] == "live"
            } == true, "\(data.text)")
        #expect(data.text.contains(journey) && data.text.contains(change.field), "\(data.text)")
        try await shop.send(shop.event("b", id: "2"))
        for person in ["a", "b"] {
            #expect(try await shop.statuses(person) == ["finished"])
            #expect(shop.texts(person) == ["first", "last"])
        }
    }

    @Test("A publication and a change that breaks it, at once: never are both taken, 200 times")
    func race() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(services: [.eventIngestion, .dataSourceFetching, .actionDispatch, .journeyExecution]))
        let shop = try await Shop.open(suite, "dcrace")
        var published = 0, changed = 0
        for number in 0..<200 {
            let action = "race_\(number)"
            var definition = shop.actionDefinition.objectValue ?? [:]
            definition["name"] = .string(action)
            try await suite.call(.actionDispatch, "actions.create", .object(definition))
            let name = "race\(number)_dcrace"
            let nodes: JSONValue = [
                ["id": "entry", "type": "event", "event": .string(shop.delivered), "next": "a"],
                [
                    "id": "a", "type": "action", "action": .string(action), "parameters": ["to": "\"x\""],
                    "next": "c",
                ],
                [
                    "id": "c", "type": "condition",
                    "paths": [["when": .string("@action{\(action).id} == \"x\"")]],
                ],
            ]
            try await suite.call(
                .journeyExecution, "journeys.create", ["name": .string(name), "nodes": nodes])
            @Sendable func isTaken(_ service: SuiteService, _ method: String, _ params: JSONValue) async throws -> Bool {
                do {
                    try await suite.call(service, method, params)
                    return true
                } catch let failure as SuiteRPCFailure {
                    // Refused as in use, or as not valid any more.
                    guard failure.code == -32010 || failure.code == -32012 else { throw failure }
                    return false
                }
            }
            async let one = isTaken(.journeyExecution, "journeys.publish", ["name": .string(name)])
            async let other = isTaken(
                .actionDispatch, "actions.update", ["name": .string(action), "response": ["other": "x"]])
            let (isPublished, isChanged) = try await (one, other)
            #expect(isPublished != isChanged, "race \(number): published \(isPublished), changed \(isChanged)")
            if isPublished { published += 1 }
            if isChanged { changed += 1 }
            if isPublished { try await suite.call(.journeyExecution, "journeys.stop", ["name": .string(name)]) }
        }
        #expect(published + changed == 200)
        await suite.close()
    }

    @Test("What is exported and applied again is unchanged, with journeys in each state of life")
    func exportedAgain() async throws {
        let shop = try await Shop.open(suite, "dcexp")
        let rest: JSONValue = ["id": "rest", "type": "wait", "for": "P1D"]
        for (name, end) in [("live", ""), ("closed", "close"), ("stopped", "stop"), ("paused", "pause")] {
            let journey = try await shop.publish(shop.journey(name, [rest]))
            if name == "closed" {
                try await shop.send(shop.event("in", id: "1"))
                try await shop.waiting("in", at: "rest")
            }
            if !end.isEmpty {
                let params: JSONValue =
                    end == "pause"
                    ? ["name": .string(journey), "onAction": "hold"] : ["name": .string(journey)]
                try await suite.call(.journeyExecution, "journeys.\(end)", params)
            }
        }
        try await suite.call(.journeyExecution, "journeys.create", shop.journey("draft", [rest]))
        let changed = try await shop.publish(shop.journey("changed", [rest]))
        try await suite.call(
            .journeyExecution, "journeys.update",
            ["name": .string(changed), "nodes": shop.journey("x", [])["nodes"] ?? []])
        let services: [SuiteService] = [
            .eventIngestion, .dataSourceFetching, .actionDispatch, .journeyExecution,
        ]
        for service in services {
            let documents = try await suite.call(service, "config.export")["documents"] ?? []
            let again = try await suite.call(service, "config.apply", ["documents": documents])
            for result in again["results"]?.arrayValue ?? [] {
                #expect(result["result"] == "unchanged", "\(result.text)")
            }
        }
        let folder = suite.folder.file("exported-\(UUID().uuidString)")
        let exported = try await suite.sojourn("export", folder)
        #expect(exported.status == 0, "\(exported.output)\(exported.errors)")
        let applied = try await suite.sojourn("apply", folder)
        #expect(applied.status == 0, "\(applied.output)\(applied.errors)")
        let lines = applied.output.split(separator: "\n")
        #expect(lines.contains { $0.contains("stopped_dcexp") && $0.contains("unchanged") }, "\(applied.output)")
        #expect(!applied.output.contains("updated") && !applied.output.contains("created"), "\(applied.output)")
    }
}

@Suite("Definitions broken behind the services")
struct BrokenDefinitionTests {
    @Test("Loud while it lasts: broken, refused on record, one alert; and over a restart people go on when it is mended")
    func broken() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(environment: [.journeyReporting: ["SOJOURN_ALERT_EVERY": "200ms"]]))
        let shop = try await Shop.open(suite, "brk")
        let journey = try await shop.publish(
            shop.journey("flow", [["id": "w", "type": "wait", "for": "PT20S", "next": "say"], shop.say("say", "fine")]))
        try await suite.call(
            .journeyReporting, "alerts.create",
            [
                "name": "broken", "kind": "brokenJourneys",
                "webhook": ["url": .string(suite.partners.url + "/alert")],
            ])
        let began = Date()
        try await shop.send(shop.event("a", id: "1"))
        try await shop.waiting("a", at: "w")
        func overwrite(_ text: String) async throws {
            _ = try await suite.redisClient.node(forKey: "{sj:config}:actions")
                .send(RedisCommand("HSET", "{sj:config}:actions", shop.action, text))
        }
        let good = try #require(
            try await suite.redisClient.node(forKey: "{sj:config}:actions")
                .send(RedisCommand("HGET", "{sj:config}:actions", shop.action)).text)
        func state() async throws -> JSONValue? {
            try await suite.call(.journeyExecution, "journeys.get", ["name": .string(journey)])["state"]
        }

        try await overwrite("{")
        try await eventually(within: .seconds(40), "the journey is broken") { try await state() == "broken" }
        let listed = try await suite.all(.journeyExecution, "journeys.list", filter: ["state": "broken"])
        #expect(listed.map { $0["name"] } == [.string(journey)])
        try await suite.service(.journeyExecution).restart()
        try await eventually(within: .seconds(40), "the journey is broken still") { try await state() == "broken" }

        for number in 2...3 { try await shop.send(shop.event("b", id: "\(number)")) }
        try await eventually(within: .seconds(20), "each event is refused on record") {
            try await shop.steps("b").filter { $0["kind"] == "refused" && $0["code"] == "notCompiled" }.count == 2
        }
        try await eventually(within: .seconds(20), "the alert fires") {
            suite.partners.bodies("/alert").contains { $0["type"] == "alert.firing" }
        }
        try await eventually(within: .seconds(40), "the wait of who is inside is over, and nothing came of it") {
            Date().timeIntervalSince(began) > 23
        }
        #expect(try await shop.instances("a").first?["node"] == "w" && shop.texts("a").isEmpty)
        for partition in 0..<4 {
            let timers = try await suite.redisClient.node(forKey: suite.key("timers", partition))
                .send(RedisCommand("ZRANGE", suite.key("timers", partition), "0", "-1", "WITHSCORES")).elements ?? []
            for place in stride(from: 1, to: timers.count, by: 2) {
                let due = Double(timers[place].text ?? "") ?? .infinity
                #expect(due - Date().timeIntervalSince1970 * 1_000 <= 60_000)
            }
        }

        try await overwrite(good)
        try await eventually(within: .seconds(40), "the journey is live again") { try await state() == "live" }
        #expect(try await shop.statuses("a", within: .seconds(90)) == ["finished"])
        #expect(shop.texts("a") == ["fine"])
        try await eventually(within: .seconds(20), "the alert is over") {
            suite.partners.bodies("/alert").contains { $0["type"] == "alert.resolved" }
        }
        #expect(suite.partners.bodies("/alert").count { $0["type"] == "alert.firing" } == 1)
        await suite.close()
    }

    @Test("A profile schema with every field that live journeys read is taken, whenever it comes")
    func fittingProfileSchema() async throws {
        let suite = try await SojournSuite.start(
            SuiteSettings(services: [.eventIngestion, .dataSourceFetching, .actionDispatch, .journeyExecution]))
        let shop = try await Shop.open(suite, "dcfit")
        let journey = try await shop.publish(
            shop.journey(
                "flow", [["id": "c", "type": "condition", "paths": [["when": "#{profile.firstName} == \"none\""]]]]))
        try await suite.call(
            .eventIngestion, "schemas.create",
            [
                "name": "person_dcfit", "kind": "profile",
                "schema": [
                    "type": "object", "properties": ["firstName": ["type": "string"]],
                ],
            ])
        let found = try await suite.call(.journeyExecution, "journeys.get", ["name": .string(journey)])
        #expect(found["state"] == "live")
        // Now the schema reads, so what it takes away is refused.
        let data = try await expectRefusal(-32010) {
            try await suite.call(
                .eventIngestion, "schemas.update",
                [
                    "name": "person_dcfit",
                    "schema": ["type": "object", "properties": ["firstName": ["type": "integer"]]],
                ])
        }
        #expect(data["problems"]?.text.contains(journey) == true, "\(data.text)")
        await suite.close()
    }

    @Test("A definition that no longer fits changes nothing for live journeys, after a restart either")
    func goesOn() async throws {
        let suite = try await SojournSuite.start()
        let shop = try await Shop.open(suite, "fit")
        try await shop.publish(
            shop.journey(
                "flow",
                [
                    shop.say("first", "first", next: "c"),
                    [
                        "id": "c", "type": "condition",
                        "paths": [
                            ["label": "m", "when": .string("@action{\(shop.action).id} == \"m-1\""), "next": "yes"]
                        ], "otherwise": ["next": "no"],
                    ],
                    shop.say("yes", "yes"), shop.say("no", "no"),
                ]))
        let node = suite.redisClient.node(forKey: "{sj:config}:actions")
        let good = try #require(try await node.send(RedisCommand("HGET", "{sj:config}:actions", shop.action)).text)
        let other = good.replacing(#""response":{"id":"m-1"}"#, with: #""response":{"other":5}"#)
        try #require(other != good)
        _ = try await node.send(RedisCommand("HSET", "{sj:config}:actions", shop.action, other))
        _ = try await node.send(RedisCommand("HINCRBY", "{sj:config}:changes", "actions", "1"))
        try await suite.service(.journeyExecution).restart()
        try await shop.send(shop.event("a", id: "1"))
        #expect(try await shop.statuses("a") == ["finished"])
        #expect(shop.texts("a") == ["first", "yes"])
        await suite.close()
    }
}
