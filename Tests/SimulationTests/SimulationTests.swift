import Models
import Testing

@testable import Simulation

@Suite("Simulations")
struct SimulationTests {
    /// Two events, one source, one action.
    static let configuration: SimulationConfiguration = {
        var configuration = SimulationConfiguration()
        do {
            configuration.schemas = [
                try SchemaDefinition([
                    "name": "order", "kind": "event",
                    "schema": [
                        "type": "object",
                        "properties": [
                            "customer": ["type": "object", "properties": ["id": ["type": "string"]]],
                            "order": [
                                "type": "object",
                                "properties": ["id": ["type": "string"], "total": ["type": "number"]],
                            ],
                        ],
                    ],
                ])
            ]
            configuration.events = try ["placed", "delivered"].map { name in
                try EventDefinition([
                    "name": .string(name), "schema": "order", "type": "rule", "rule": "true", "namespace": "crmId",
                    "key": .string("@event{\(name).customer.id}"), "fields": ["order"],
                    "keepInProfile": .bool(name == "placed"),
                ])
            }
            configuration.dataSources = [
                try DataSourceDefinition([
                    "name": "loyalty",
                    "groups": [
                        [
                            "name": "account", "url": "https://loyalty.example/{memberId}",
                            "parameters": ["memberId"], "sample": ["tier": "gold"],
                        ]
                    ],
                ])
            ]
            configuration.actions = [
                try ActionDefinition([
                    "name": "sms", "url": "https://sms.example/", "response": ["id": "m-1"],
                    "parameters": [["name": "to", "type": "string"]],
                ])
            ]
            configuration.audiences = [
                try AudienceDefinition(["name": "vip", "rule": "#{profile.level} == \"vip\""])
            ]
        } catch { preconditionFailure("\(error)") }
        return configuration
    }()

    private func world(_ nodes: JSONValue, properties: JSONValue = [:]) throws -> Simulation.World {
        try Self.configuration.world(
            for: JourneyDocument(["name": "j", "properties": properties, "nodes": nodes]))
    }

    private func request(_ object: JSONObject) throws -> SimulationRequest {
        var reader = ObjectReader(object)
        let request = SimulationRequest(&reader)
        reader.refuseUnknown()
        return try reader.finish(request)
    }

    private func run(_ world: Simulation.World, _ object: JSONObject) async throws -> SimulationResult {
        try await Simulation(try request(object), in: world).run()
    }

    @Test("Runs that read increments come to whoever was no member the last time")
    func increments() async throws {
        let world = try world(
            [
                [
                    "id": "in", "type": "readAudience", "audience": "vip", "incremental": true,
                    "schedule": ["cron": "0 0 * * *"],
                ]
            ], properties: ["reentrance": ["after": "PT0S"]])
        let result = try await run(
            world,
            [
                "people": ["count": 10, "attributes": ["level": "vip"]], "until": "P3D",
                "events": [["audience": "vip", "change": "exited", "percent": 50, "after": "PT30H"]],
            ])
        #expect(result.entered > 10 && result.entered < 20, "\(result.json.text)")
        #expect(result.refused == [:])
    }

    @Test("People's kept events are those of the simulation")
    func keptEvents() async throws {
        let world = try world([
            [
                "id": "in", "type": "event", "event": "placed", "next": "tell",
                "filter": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.placed}) == 3",
            ], ["id": "tell", "type": "end"],
        ])
        let result = try await run(
            world,
            [
                "people": ["count": 10],
                "events": [["event": "placed", "payload": ["order": ["id": "1"]], "times": 4, "every": "P1D"]],
            ])
        #expect(result.entered == 10 && result.refused["filterFalse"] == 30, "\(result.json.text)")
    }

    static let nodes: JSONValue = [
        ["id": "in", "type": "event", "event": "placed", "next": "tier"],
        [
            "id": "tier", "type": "condition",
            "paths": [
                [
                    "label": "gold",
                    "when": "#{loyalty.account.tier, params: {memberId: #{profile.member}}} == \"gold\"",
                    "next": "thank",
                ]
            ], "otherwise": ["next": "parcel"], "onError": ["next": "parcel"],
        ],
        [
            "id": "thank", "type": "action", "action": "sms", "parameters": ["to": "#{profile.phone}"],
            "next": "parcel", "onError": ["next": "sorry"],
        ],
        [
            "id": "parcel", "type": "event", "event": "delivered",
            "match": "@event{delivered.order.id} == @event{placed.order.id}", "timeout": "P2D", "next": "done",
            "onTimeout": ["next": "sorry"],
        ],
        ["id": "done", "type": "end"], ["id": "sorry", "type": "end"],
    ]

    static let usual: JSONObject = [
        "seed": 7, "start": "2026-03-01T00:00:00Z", "until": "P10D",
        "people": [
            "count": 400,
            "attributes": ["member": ["$text": "m-{number}"], "phone": "+1"],
        ],
        "events": [
            [
                "event": "placed", "after": ["from": "PT0S", "to": "P1D"],
                "payload": ["order": ["id": ["$text": "o-{person}"], "total": ["$integer": [1, 100]]]],
            ],
            [
                "event": "delivered", "percent": 50, "after": ["from": "P1D", "to": "P2D"],
                "payload": ["order": ["id": ["$text": "o-{person}"]]],
            ],
        ],
        "mocks": [
            "sources": ["loyalty.account": ["data": ["tier": ["$choice": ["gold", "silver"]]], "fails": 10]],
            "actions": ["sms": ["fails": 20, "error": "http_503"]],
        ],
    ]

    @Test("Everybody goes somewhere, and the counts agree with each other")
    func counts() async throws {
        let result = try await run(try world(Self.nodes), Self.usual)
        #expect(result.people == 400)
        #expect(result.entered == 400)
        #expect(result.left == ["finished": 400])
        #expect(result.inside == 0)
        let gold = result.count(node: "tier", path: "gold")
        #expect((140...230).contains(gold))
        #expect((20...60).contains(result.count(node: "tier", path: "onError")))
        #expect(result.count(node: "thank", path: "next") + result.count(node: "thank", path: "onError") == gold)
        let parcels = result.count(node: "parcel", path: "next") + result.count(node: "parcel", path: "onTimeout")
        #expect(parcels + result.count(node: "thank", path: "onError") == 400)
        #expect(result.waysMissing.isEmpty)
    }

    @Test("The same seed gives the same result to the letter, another seed another one")
    func sameSeed() async throws {
        let world = try world(Self.nodes)
        let one = try await run(world, Self.usual).json.text
        #expect(try await run(world, Self.usual).json.text == one)
        var other = Self.usual
        other["seed"] = 8
        #expect(try await run(world, other).json.text != one)
    }

    @Test("Ways that nobody takes are named")
    func coverage() async throws {
        var request = Self.usual
        request["mocks"] = ["sources": ["loyalty.account": ["data": ["tier": "silver"]]]]
        let result = try await run(try world(Self.nodes), request)
        #expect(result.waysMissing == ["tier/gold", "tier/onError", "thank/next", "thank/onError"])
        #expect(result.json["coverage"]?["taken"] == 4)
    }

    @Test("Without a mock the samples of the definitions answer")
    func samples() async throws {
        var request = Self.usual
        request["mocks"] = nil
        let result = try await run(try world(Self.nodes), request)
        #expect(result.count(node: "tier", path: "gold") == 400)
        #expect(result.count(node: "thank", path: "next") == 400)
    }

    @Test("A mock that takes longer than the journey's time-out times out")
    func slow() async throws {
        var request = Self.usual
        request["mocks"] = ["actions": ["sms": ["takes": "PT6S"]]]
        let result = try await run(try world(Self.nodes, properties: ["timeout": "PT5S"]), request)
        #expect(result.count(node: "thank", path: "onError") == 400)
        #expect(result.json["nodes"]?["thank"]?["calls"] == ["timedout": 400])
    }

    @Test("A case of a mock answers the requests with its parameters")
    func cases() async throws {
        var request = Self.usual
        request["mocks"] = [
            "sources": [
                "loyalty.account": [
                    "data": ["tier": "silver"], "cases": [["where": ["memberId": "m-3"], "data": ["tier": "gold"]]],
                ]
            ]
        ]
        let result = try await run(try world(Self.nodes), request)
        #expect(result.count(node: "tier", path: "gold") == 1)
    }

    @Test("Places under a cap are taken in the order of asking, and no more than there are")
    func cap() async throws {
        let nodes: JSONValue = [
            ["id": "in", "type": "event", "event": "placed", "next": "first"],
            [
                "id": "first", "type": "condition", "paths": [["label": "early", "cap": 25, "next": "a"]],
                "otherwise": ["next": "b"],
            ],
            ["id": "a", "type": "end"], ["id": "b", "type": "end"],
        ]
        let result = try await run(try world(nodes), Self.usual)
        #expect(result.count(node: "first", path: "early") == 25)
        #expect(result.count(node: "first", path: "otherwise") == 375)
    }

    @Test("A changed profile moves people between audiences, and journeys hear of it")
    func audiences() async throws {
        let world = try world([
            ["id": "in", "type": "event", "event": "placed", "next": "mark"],
            ["id": "mark", "type": "updateProfile", "field": "level", "value": "\"vip\"", "next": "moved"],
            ["id": "moved", "type": "audience", "audience": "vip", "change": "entered", "next": "done"],
            ["id": "done", "type": "end"],
        ])
        let result = try await run(world, Self.usual)
        #expect(result.left == ["finished": 400])
    }

    @Test("Whoever is still inside at the end is counted as inside")
    func inside() async throws {
        var request = Self.usual
        request["until"] = "P2D"
        let result = try await run(
            try world([
                ["id": "in", "type": "event", "event": "placed", "next": "w"],
                ["id": "w", "type": "wait", "for": "P30D"],
            ]), request)
        #expect(result.inside == 400)
        #expect(result.left.isEmpty)
    }

    @Test("Recorded people and events run as they were")
    func recorded() async throws {
        let result = try await run(
            try world(Self.nodes),
            [
                "start": "2026-03-01T00:00:00Z",
                "people": [["namespace": "crmId", "id": "42", "attributes": ["phone": "+1"]]],
                "events": [
                    [
                        "event": "placed", "person": ["id": "42"], "at": "2026-03-01T10:00:00Z",
                        "payload": ["order": ["id": "o-1", "total": 5]],
                    ],
                    [
                        "event": "placed", "person": ["id": "43"], "at": "2026-03-01T10:00:00Z",
                        "payload": ["order": ["id": "o-2", "total": 5]],
                    ],
                    [
                        "event": "delivered", "person": ["id": "42"], "at": "2026-03-02T10:00:00Z",
                        "payload": ["order": ["id": "o-1"]],
                    ],
                ],
            ])
        #expect(result.entered == 2)
        #expect(result.count(node: "parcel", path: "next") == 1)
        #expect(result.json["samples"]?[0]?["steps"]?[0]?["kind"] == "entered")
    }

    @Test("What follows comes after each time, to the same person")
    func followers() async throws {
        var request = Self.usual
        request["mocks"] = nil
        request["events"] = [
            [
                "event": "placed", "after": ["from": "PT0S", "to": "PT1H"], "times": 2, "every": "P3D",
                "payload": ["order": ["id": ["$text": "o-{person}-{number}"]]],
                "then": [
                    [
                        "event": "delivered", "after": "P1D",
                        "payload": ["order": ["id": ["$text": "o-{person}-{number}"]]],
                    ]
                ],
            ]
        ]
        let result = try await run(try world(Self.nodes), request)
        #expect(result.events == 1_600)
        #expect(result.entered == 800)
        #expect(result.count(node: "parcel", path: "next") == 800)
    }

    @Test(
        "What is wrong with a request is said, with its place",
        arguments: [
            (["people": ["count": 0]], "/people/count"), (["until": "yesterday"], "/until"),
            (["events": [["payload": [:]]]], "/events/0/event"),
            (["events": [["event": "placed", "after": ["from": "P2D", "to": "P1D"]]]], "/events/0/after"),
            (["mocks": ["sources": ["loyalty.account": ["fail": 10]]]], "/mocks/sources/loyalty.account/fail"),
            (["mocks": ["messages": ["email": ["reactions": ["read": [:]]]]]], "/mocks/messages/email/reactions"),
            (
                ["events": [["event": "a", "then": [["event": "b", "person": ["id": "1"]]]]]], "/events/0/then/0/person"
            ),
            (["start": "2026-01-01"], "/start"), (["loud": true], "/loud"),
        ] as [(JSONObject, String)])
    func refuses(_ object: JSONObject, _ path: String) {
        var reader = ObjectReader(object)
        _ = SimulationRequest(&reader)
        reader.refuseUnknown()
        #expect(reader.problems.map(\.path) == [path])
    }

    @Test("A simulation that never ends is given up")
    func bounded() async throws {
        let world = try world(
            [
                ["id": "in", "type": "event", "event": "placed", "next": "w"],
                ["id": "w", "type": "wait", "for": "PT1S", "next": "w", "maxVisits": 10_000],
            ])
        var simulation = Simulation(try request(Self.usual), in: world)
        simulation.itemsMax = 5_000
        await #expect(throws: Simulation.Failure.tooMuch(5_000)) { try await simulation.run() }
    }
}
