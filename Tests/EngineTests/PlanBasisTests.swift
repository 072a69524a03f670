import Expressions
import Models
import Testing

@testable import Engine

@Suite("What a version was compiled from")
struct PlanBasisTests {
    private static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "n"}"#

    /// Nodes and properties, each reading the catalogue in another place.
    static let readers: [(nodes: String, properties: String)] = [
        (entry + ##", {"id": "n", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.total} > 5"}]}"##, "{}"),
        (entry + ##", {"id": "n", "type": "condition", "paths": [{"when": "#{profile.a.b} == \"x\""}]}"##, "{}"),
        (
            entry
                + ##", {"id": "n", "type": "condition", "paths": [{"when": "#{loyalty.account.points, params: {memberId: \"1\"}} > 5"}]}"##,
            "{}"
        ),
        (
            entry
                + ##", {"id": "n", "type": "action", "action": "sms", "parameters": {"to": "@event{orderPlaced.order.id}"}, "next": "c"}, {"id": "c", "type": "condition", "paths": [{"when": "@action{sms.id} == \"m\""}]}"##,
            "{}"
        ),
        (
            entry
                + ##", {"id": "n", "type": "condition", "paths": [{"when": "count(#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.all(currentDataPackField.order.total > 1).'_id'}) > 0"}]}"##,
            "{}"
        ),
        (
            entry + ##", {"id": "n", "type": "jump", "journey": "other", "parameters": {"order.id": "@event{orderPlaced.order.id}"}}"##,
            "{}"
        ),
        (entry + #", {"id": "n", "type": "wait", "for": "P1D"}"#, #"{"exit": [{"event": "cancelled"}, {"audience": "gold"}]}"#),
        (
            entry + #", {"id": "n", "type": "wait", "for": "P1D"}"#,
            #"{"goal": {"event": "delivered", "filter": "@event{delivered.order.total} > 3"}, "instanceKey": "@event{orderPlaced.order.id}"}"#
        ),
        (entry + #", {"id": "n", "type": "updateProfile", "field": "a.b", "value": "1"}"#, #"{"timezone": {"profile": "zone", "fallback": "UTC"}}"#),
    ]

    /// The same names, and of everything else nothing that any journey reads.
    static let changed: Catalogue = {
        func schema(_ kind: String) throws -> SchemaDefinition {
            try SchemaDefinition(
                Configuration.document(
                    #"{"name": "\#(kind)", "kind": "\#(kind)", "schema": {"type": "object", "properties": {"none": {"type": "integer"}}}}"#))
        }
        do {
            return Catalogue(
                schemas: [try schema("event"), try schema("profile")],
                events: try ["orderPlaced", "delivered", "cancelled"].map {
                    try EventDefinition(
                        Configuration.document(
                            #"{"name": "\#($0)", "schema": "event", "type": "rule", "rule": "true", "namespace": "other", "key": "'1'"}"#))
                },
                dataSources: [
                    try DataSourceDefinition(
                        Configuration.document(
                            #"{"name": "loyalty", "groups": [{"name": "account", "url": "https://a.example/", "parameters": ["other"], "sample": {}}]}"#))
                ],
                actions: [
                    try ActionDefinition(
                        Configuration.document(
                            #"{"name": "sms", "url": "https://b.example/", "revision": 9, "parameters": [{"name": "must", "type": "integer", "required": true}], "response": {"id": 7}}"#))
                ], audiences: ["gold"])
        } catch { preconditionFailure("\(error)") }
    }()

    @Test("By what was kept the same plan is made, whatever became of the definitions", arguments: readers.indices)
    func same(reader: Int) throws {
        let document = journey(Self.readers[reader].nodes, properties: Self.readers[reader].properties)
        let first = try #require(Plan.compile(document, version: 1, catalogue: Configuration.catalogue).plan)
        let kept = try #require(Plan.basis(of: document, catalogue: Configuration.catalogue)).json
        #expect(
            // What needs no field, and what asks an event for a field of its own, would be content with any.
            (Plan.compile(document, version: 1, catalogue: Self.changed).plan == nil) == (reader != 6 && reader != 7),
            "the definitions of now do not do")
        // As it is written and read back.
        let basis = try #require(PlanBasis(json: try JSONValue.parse(kept.bytes)))
        #expect(basis.json == kept)
        let again = Plan.compile(document, version: 1, basis: basis, now: Self.changed)
        let plan = try #require(again.plan, "\(again.findings.map(\.json.text))")
        #expect(plan.eventNames == first.eventNames && plan.kept == first.kept && plan.buffered == first.buffered)
        #expect(plan.responses == first.responses && plan.profile == first.profile && plan.audiences == first.audiences)
        #expect(plan.readsKeptEvents == first.readsKeptEvents && plan.jumpTargets == first.jumpTargets)
    }

    @Test("Every random journey compiles by what was kept of it", arguments: 1...60)
    func random(seed: Int) throws {
        var journeys = RandomJourney(SeededNumbers(seed: UInt64(seed)))
        let document = journeys.document(name: "welcome", reentrance: journeys.reentrance())
        guard let first = Plan.compile(document, version: 1, catalogue: Configuration.catalogue).plan else { return }
        let kept = try #require(Plan.basis(of: document, catalogue: Configuration.catalogue))
        let basis = try #require(PlanBasis(json: kept.json))
        let plan = try #require(Plan.compile(document, version: 1, basis: basis, now: Self.changed).plan)
        #expect(plan.kept == first.kept && plan.buffered == first.buffered && plan.profile == first.profile)
    }

    @Test("An action has its parameters of then, and its revision and sample of now")
    func action() throws {
        let reader = Self.readers[3]
        let document = journey(reader.nodes)
        let basis = try #require(Plan.basis(of: document, catalogue: Configuration.catalogue))
        let plan = try #require(Plan.compile(document, version: 1, basis: basis, now: Self.changed).plan)
        guard case .action(let step) = plan.nodes[1].step, case .action(let name, let revision, let sample) = step.target
        else { return #expect(Bool(false), "the node is an action") }
        #expect(name == "sms" && revision == 9 && sample == ["id": 7])
        #expect(step.parameters.map(\.name) == ["to"])
    }

    @Test("Nothing is kept of what the journey does not read")
    func compact() throws {
        let document = journey(Self.readers[0].nodes)
        let json = try #require(Plan.basis(of: document, catalogue: Configuration.catalogue)).json
        #expect(
            json == [
                "events": [
                    "orderPlaced": [
                        "shape": ["fields": ["order": ["fields": ["total": "decimal"]]]], "namespace": "crmId",
                    ]
                ], "profile": ["fields": [:]],
            ])
    }

    @Test(
        "What is no basis is refused and never taken for an empty one",
        arguments: [
            "1", "{}", #"{"profile": {}}"#, #"{"profile": {"fields": {"a": "text"}}}"#, #"{"profile": {"fields": {"a": []}}}"#,
            #"{"profile": {"fields": {}}, "events": []}"#, #"{"profile": {"fields": {}}, "events": {"e": {}}}"#,
            #"{"profile": {"fields": {}}, "actions": {"a": {"response": {"fields": {}}}}}"#,
            #"{"profile": {"fields": {}}, "actions": {"a": {"response": {"fields": {}}, "parameters": [{"name": "x", "type": "y"}]}}}"#,
            #"{"profile": {"fields": {}}, "sources": {"s": {"g": {"shape": {"fields": {}}}}}}"#,
            #"{"profile": {"fields": {}}, "keptEvent": 7}"#,
        ])
    func unreadable(text: String) throws {
        #expect(PlanBasis(json: try JSONValue.parse(Array(text.utf8))) == nil)
        let deep = String(repeating: "[", count: 80) + "\"any\"" + String(repeating: "]", count: 80)
        #expect(PlanBasis(json: try JSONValue.parse(Array(#"{"profile": {"fields": {"a": \#(deep)}}}"#.utf8))) == nil)
    }

    @Test("What a version needs and what is not there is named")
    func missing() throws {
        let document = journey(
            Self.readers[3].nodes, properties: #"{"exit": [{"event": "cancelled"}, {"audience": "gold"}]}"#)
        let basis = try #require(Plan.basis(of: document, catalogue: Configuration.catalogue))
        #expect(basis.missing(in: Configuration.catalogue).isEmpty)
        #expect(basis.missing(in: Self.changed).isEmpty, "what is there may say something else")
        let none = Catalogue(schemas: [], events: [], dataSources: [], actions: [])
        #expect(
            basis.missing(in: none) == [
                "the event cancelled", "the event orderPlaced", "the action sms", "the audience gold",
            ])
    }
}
