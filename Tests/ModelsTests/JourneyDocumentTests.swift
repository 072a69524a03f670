import Models
import Testing

@Suite("Journey documents")
struct JourneyDocumentTests {
    static func document(_ text: String) throws -> JourneyDocument {
        let value = try JSONValue.parse(text)
        return JourneyDocument(try #require(value.objectValue))
    }

    @Test("A complete journey has no problems and keeps what was written")
    func complete() throws {
        let document = try Self.document(
            """
            {"name": "secondOrder", "description": "x", "revision": 4, "publish": true,
             "properties": {"timezone": {"profile": "timeZone", "fallback": "UTC"}, "reentrance": {"allowed": false}, "timeout": "PT5S",
               "globalTimeout": "P91D", "exit": [{"event": "cancelled"}, {"audience": "gold", "change": "exited"}], "goal": {"event": "bought", "within": "P1D"}},
             "nodes": [{"id": "a", "type": "event", "event": "e", "filter": "true", "match": "true", "timeout": "PT1H", "onTimeout": {"next": ["b", "c"]}, "next": "b", "position": {"x": 1, "y": 2.5}},
               {"id": "b", "type": "condition", "paths": [{"label": "l", "when": "true", "next": "c"}, {"time": {"hours": ["09:00", "10:00"]}}, {"date": {"to": "2026-01-01"}}, {"share": 30.5}, {"cap": 5}], "otherwise": {}, "onError": {"next": "c"}},
               {"id": "c", "type": "wait", "at": {"time": "09:00", "days": ["mon"]}}, {"id": "d", "type": "businessEvent", "event": "e"},
               {"id": "e", "type": "readAudience", "audience": "gold", "schedule": "now", "rate": 5, "incremental": true, "forceReentrance": false},
               {"id": "f", "type": "reaction", "to": "g", "reaction": "opened"}, {"id": "g", "type": "email", "template": "t", "parameters": {"a": "1"}},
               {"id": "h", "type": "updateProfile", "field": "a.b", "value": "1"}, {"id": "i", "type": "jump", "journey": "other", "parameters": {}},
               {"id": "j", "type": "audience", "audience": "gold", "change": "entered"}, {"id": "k", "type": "action", "action": "sms", "onError": {"next": "l"}}, {"id": "l", "type": "end", "label": "done"}]}
            """)
        #expect(document.problems == [])
        #expect(document.nodes.count == 12)
        #expect(document.properties.exit.count == 2)
        guard case .event(let event) = document.nodes[0].body else { return #expect(Bool(false)) }
        #expect(event.onTimeout?.next == ["b", "c"])
        #expect(event.timeoutMilliseconds == 3_600_000)
    }

    @Test(
        "A draft is read whatever it is, and each mistake has its pointer",
        arguments: [
            (#"{"name": "x", "nods": []}"#, "/nods"),
            (#"{"name": "x", "nodes": [{"id": "a", "type": "wait", "for": 5}]}"#, "/nodes/0/for"),
            (#"{"name": "x", "nodes": [{"id": "a", "type": "wait", "for": "P1D", "until": "now()"}]}"#, "/nodes/0/for"),
            (
                #"{"name": "x", "nodes": [{"id": "a", "type": "condition", "paths": [{"when": "true", "share": 5}]}]}"#,
                "/nodes/0/paths/0/when"
            ),
            (
                #"{"name": "x", "nodes": [{"id": "a", "type": "action", "action": "b", "parameters": {"a/b": 5}}]}"#,
                "/nodes/0/parameters/a~1b"
            ),
            (#"{"name": "x", "nodes": [5]}"#, "/nodes/0"), (#"{"nodes": []}"#, "/name"),
            (#"{"name": "x", "properties": {"exit": [{}]}}"#, "/properties/exit/0/event"),
        ])
    func mistakes(text: String, pointer: String) throws {
        let problems = try Self.document(text).problems
        #expect(problems.contains { $0.path == pointer }, "found \(problems)")
    }

    @Test("The paths of the profile that a journey reads or writes are found by their names")
    func profilePaths() throws {
        let paths = try Self.document(
            """
            {"name": "x", "properties": {"timezone": {"profile": "timeZone", "fallback": "UTC"}}, "nodes": [
              {"id": "a", "type": "event", "event": "orderPlaced", "filter": "#{profile.tier} == '#{profile.no}'", "next": "b"},
              {"id": "b", "type": "condition", "paths": [{"when": "#{ExperiencePlatform.ProfileFieldGroup.orders.first(currentDataPackField.id == 1).id} == toJSON(#{profile})"}], "otherwise": {"next": "c"}},
              {"id": "c", "type": "updateProfile", "field": "loyalty.points", "value": "1", "onError": {"next": "d"}}, {"id": "d", "type": "end"}]}
            """
        ).profilePaths
        #expect(paths == [["timeZone"], ["tier"], ["orders", "first"], [], ["loyalty", "points"]])
    }

    @Test("What a journey names is found in its nodes and in its expressions")
    func uses() throws {
        let uses = try Self.document(
            """
            {"name": "x", "properties": {"exit": [{"event": "cancelled"}]}, "nodes": [
              {"id": "a", "type": "event", "event": "orderPlaced", "next": "b"},
              {"id": "b", "type": "condition", "paths": [{"when": "#{loyalty.account.tier, params: {id: @event{delivered.id}}} == '#{no.source}' and #{profile.x} == 1 -- #{comment.x}\\n and inAudience(\\"gold\\")"}, {"when": "@{seen.x} == @action{mail.id} and #{ExperiencePlatform.ExperienceEventFieldGroup.visited.x} == #{ ExperiencePlatform . ExperienceEventFieldGroup.'left' } and #{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.x} == #{ExperiencePlatform.ProfileFieldGroup.x} and #{"}]},
              {"id": "c", "type": "action", "action": "sms"}, {"id": "d", "type": "jump", "journey": "other"}]}
            """
        ).uses
        #expect(uses.events == ["cancelled", "delivered", "left", "orderPlaced", "seen", "visited"])
        #expect(uses.sources == ["loyalty"])
        #expect(uses.actions == ["mail", "sms"])
        #expect(uses.audiences == ["gold"])
        #expect(uses.journeys == ["other"])
        #expect(JourneyUses(json: uses.json) == uses)
    }
}
