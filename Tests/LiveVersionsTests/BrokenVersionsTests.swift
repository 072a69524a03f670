import Definitions
import Engine
import LiveVersions
import Models
import Testing

@Suite("Which live versions a change would break")
struct BrokenVersionsTests {
    /// Where a journey reads a value: a condition, an action's parameter, an exit (its event), a goal's filter.
    enum Reader: String, CaseIterable, Sendable {
        case condition, parameter, exit, goal
    }

    /// What is changed, and how.
    enum Change: String, CaseIterable, Sendable {
        case profileSchemaMade, profileSchemaChanged, eventSchema, event, sample, parameterRequired, parameterRetyped
        case group, groupSample
    }

    private static func object(_ text: String) throws -> JSONObject {
        try #require(JSONValue.parse(Array(text.utf8)).objectValue)
    }

    private static func catalogue(_ documents: [String: [String]]) throws -> Catalogue {
        func all<D: Definition>(_ type: D.Type) throws -> [D] {
            try (documents[D.kind] ?? []).map { try D(try object($0)) }
        }
        return Catalogue(
            schemas: try all(SchemaDefinition.self), events: try all(EventDefinition.self),
            dataSources: try all(DataSourceDefinition.self), actions: try all(ActionDefinition.self))
    }

    private static let stored: [String: [String]] = [
        "schemas": [
            #"{"name": "s", "schema": {"type": "object", "properties": {"_id": {"type": "string"}, "n": {"type": "integer"}}}}"#
        ],
        "events": ["placed", "bought"].map {
            #"{"name": "\#($0)", "schema": "s", "type": "rule", "rule": "true", "namespace": "id", "key": "'1'"}"#
        },
        "dataSources": [
            #"{"name": "src", "groups": [{"name": "g", "url": "https://a.example/", "sample": {"n": 5}}]}"#
        ],
        "actions": [
            #"{"name": "act", "url": "https://b.example/", "parameters": [{"name": "n", "type": "integer"}, {"name": "opt", "type": "string"}], "response": {"n": 5}}"#
        ],
    ]
    private static let profileSchema =
        #"{"name": "p", "kind": "profile", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}"#

    private static func changed(_ change: Change) -> (before: [String: [String]], after: [String: [String]]) {
        var before = stored, after = stored
        let other = profileSchema.replacing("\"n\"", with: "\"tier\"")
        switch change {
        case .profileSchemaMade: after["schemas"]? += [other]
        case .profileSchemaChanged:
            before["schemas"]? += [profileSchema]
            after["schemas"]? += [profileSchema.replacing("integer", with: "string")]
        case .eventSchema: after["schemas"] = stored["schemas"]?.map { $0.replacing("\"integer\"", with: "\"string\"") }
        case .event: after["events"] = stored["events"]?.map { $0.replacing("\"key\"", with: "\"fields\": [\"_id\"], \"key\"") }
        case .sample: after["actions"] = stored["actions"]?.map { $0.replacing("\"response\": {\"n\": 5}", with: "\"response\": {\"n\": \"5\"}") }
        case .parameterRequired:
            after["actions"] = stored["actions"]?.map { $0.replacing("\"opt\", \"type\": \"string\"", with: "\"opt\", \"type\": \"string\", \"required\": true") }
        case .parameterRetyped: after["actions"] = stored["actions"]?.map { $0.replacing("\"n\", \"type\": \"integer\"", with: "\"n\", \"type\": \"string\"") }
        case .group: after["dataSources"] = stored["dataSources"]?.map { $0.replacing("\"name\": \"g\"", with: "\"name\": \"h\"") }
        case .groupSample: after["dataSources"] = stored["dataSources"]?.map { $0.replacing("{\"n\": 5}", with: "{\"n\": \"5\"}") }
        }
        return (before, after)
    }

    /// What an expression reads that the change is about.
    private static func value(_ change: Change) -> String {
        switch change {
        case .profileSchemaMade, .profileSchemaChanged: "#{profile.n}"
        case .eventSchema, .event: "@event{placed.n}"
        case .sample: "@action{act.n}"
        case .parameterRequired, .parameterRetyped: "3"
        case .group, .groupSample: "#{src.g.n}"
        }
    }

    /// Nil where the one cannot read the other: an exit has no expression, a goal looks nothing up and knows its own
    /// event.
    private static func journey(_ change: Change, _ reader: Reader) throws -> JSONObject? {
        let value = value(change)
        let ofEvent = change == .eventSchema || change == .event
        let ofProfile = change == .profileSchemaMade || change == .profileSchemaChanged
        var next = #"{"id": "w", "type": "wait", "for": "P1D"}"#
        var properties = "{}"
        func quoted(_ text: String) -> String { JSONValue.string(text).text }
        switch reader {
        case .condition:
            if change == .parameterRequired || change == .parameterRetyped { return nil }
            next = #"{"id": "w", "type": "condition", "paths": [{"when": \#(quoted("\(value) > 3"))}]}"#
        case .parameter:
            next = #"{"id": "w", "type": "action", "action": "act", "parameters": {"n": \#(quoted(value))}}"#
        case .goal:
            guard ofEvent || ofProfile else { return nil }
            let filter = ofEvent ? "@event{placed.n} > 3" : "\(value) > 3"
            properties = #"{"goal": {"event": "placed", "filter": \#(quoted(filter))}}"#
        case .exit:
            guard ofEvent else { return nil }
            properties = #"{"exit": [{"event": "bought"}]}"#
        }
        // The response is there behind the action alone.
        let before = #"{"id": "a", "type": "action", "action": "act", "parameters": {"n": "3"}, "next": "w"}"#
        let nodes =
            change == .sample
            ? [#"{"id": "in", "type": "event", "event": "placed", "next": "a"}"#, before, next]
            : [#"{"id": "in", "type": "event", "event": "placed", "next": "w"}"#, next]
        return try object(
            #"{"name": "j", "versions": [{"version": 2, "state": "live", "document": {"name": "j", "properties": \#(properties), "nodes": [\#(nodes.joined(separator: ","))]}}, {"version": 1, "state": "stopped", "document": {"name": "j", "nodes": []}}]}"#)
    }

    /// A field that a goal's filter reads of its own event is allowed though the shape has it no longer.
    private static func isLenient(_ change: Change, _ reader: Reader) -> Bool { change == .event && reader == .goal }

    @Test("Each change is refused with journey and field, wherever it is read", arguments: Change.allCases, Reader.allCases)
    func broken(change: Change, reader: Reader) throws {
        guard let record = try Self.journey(change, reader) else { return }
        let (before, after) = Self.changed(change)
        let versions = LiveVersion.all(in: record)
        #expect(versions.map(\.number) == [2])
        let known = try Self.catalogue(before)
        #expect(Plan.compile(versions[0].document, version: 2, catalogue: known).plan != nil, "it is published")
        let breakage = BrokenVersions.breakage(
            of: versions, before: known, after: try Self.catalogue(after)) { _ in "/here" }
        // That an event may end an instance needs no field of it.
        if reader == .exit || Self.isLenient(change, reader) {
            #expect(breakage.isEmpty)
            return
        }
        #expect(breakage.uses == [DefinitionUse(kind: "journeys", name: "j", version: 2, state: "live")])
        let text = breakage.problems.map(\.message).joined(separator: " ")
        #expect(text.contains("journey j, version 2"), "\(text)")
        #expect(text.contains(reader == .goal ? "/properties/goal/filter" : "node w") || change == .parameterRequired, "\(text)")
        #expect(breakage.problems.allSatisfy { $0.path == "/here" })
    }

    @Test("A change that the journey would compile with breaks nobody", arguments: Change.allCases)
    func harmless(change: Change) throws {
        let record = try #require(try Self.journey(.eventSchema, .exit))
        let (before, after) = Self.changed(change)
        let breakage = BrokenVersions.breakage(
            of: LiveVersion.all(in: record), before: try Self.catalogue(before), after: try Self.catalogue(after)
        ) { _ in "" }
        #expect(breakage.isEmpty)
    }

    @Test("What is wrong already stops no other change, and what becomes wrong besides is said")
    func wrongAlready() throws {
        let record = try #require(try Self.journey(.sample, .condition))
        let versions = LiveVersion.all(in: record)
        let wrong = try Self.catalogue(Self.changed(.sample).after)
        #expect(BrokenVersions.breakage(of: versions, before: wrong, after: wrong) { _ in "" }.isEmpty)
        var worse = Self.changed(.sample).after
        worse["actions"] = worse["actions"]?.map { $0.replacing("\"opt\", \"type\": \"string\"", with: "\"opt\", \"type\": \"string\", \"required\": true") }
        let breakage = BrokenVersions.breakage(of: versions, before: wrong, after: try Self.catalogue(worse)) { _ in "" }
        #expect(breakage.uses.count == 1 && breakage.problems.allSatisfy { $0.message.contains("opt") })
    }
}
