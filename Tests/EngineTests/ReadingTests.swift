import Engine
import Models
import Testing

@Suite("What a decision went by")
struct ReadingTests {
    private static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    private static let tier = "#{loyalty.account.tier, params: {memberId: @event{orderPlaced.customer.id}}}"

    private func condition(_ when: String...) -> String {
        let paths = when.enumerated().map { #"{"label": "p\#($0)", "when": "\#($1)"}"# }.joined(separator: ", ")
        return Self.entry
            + #", {"id": "a", "type": "condition", "paths": [\#(paths)], "otherwise": {"next": "z"}, "onError": {"next": "z"}}"#
            + #", {"id": "z", "type": "end"}"#
    }

    private func read(_ story: Story, at node: String) -> [String] {
        let step = story.steps[story.instance]?.last { $0.kind == .node && $0.node == node }
        return (step?.read ?? []).map { "\($0.path) \($0.value.text)" }
    }

    @Test(
        "A condition tells what it read, of the path that held and of those before it",
        arguments: [
            (["@event{orderPlaced.order.total} > 5"], ["orderPlaced.order.total 42"]),
            (
                ["@event{orderPlaced.order.total} > 50", "#{profile.tier} == 'gold'", "#{profile.city} == 'Rome'"],
                ["orderPlaced.order.total 42", #"profile.tier "gold""#]
            ),
            (["#{profile.missing} == 1"], ["profile.missing null"]),
            (["inAudience('gold')"], ["inAudience(gold) false"]),
            (["true"], []),
        ] as [([String], [String])])
    func condition(paths: [String], expected: [String]) {
        let all = paths.enumerated().map { #"{"label": "p\#($0)", "when": "\#($1)"}"# }.joined(separator: ", ")
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "condition", "paths": [\#(all)], "otherwise": {"next": "z"}}"#
                    + #", {"id": "z", "type": "end"}"#),
            profile: ["tier": "gold", "city": "Oslo"])
        story.event("orderPlaced", payload: ["order": ["total": 42]])
        #expect(read(story, at: "a") == expected)
        #expect(read(story, at: "in").isEmpty)
    }

    @Test("What was looked up is told, and with it the paths that were found not to hold before the look-up")
    func lookup() {
        let story = Story(plan(condition("@event{orderPlaced.order.total} > 50", "\(Self.tier) == 'gold'")))
        story.event("orderPlaced", payload: ["order": ["total": 42], "customer": ["id": "7"]])
        story.answer(["tier": "silver"])
        #expect(
            read(story, at: "a") == [
                "orderPlaced.order.total 42", #"orderPlaced.customer.id "7""#, #"loyalty.account.tier "silver""#,
            ])
        #expect(story.told.contains("a>otherwise"))
    }

    @Test("An error tells what the expression read; a failed look-up is null")
    func errors() {
        let story = Story(plan(condition("toInteger(@event{orderPlaced.order.total}) * 9223372036854775807 > 5")))
        story.event("orderPlaced", payload: ["order": ["total": 42]])
        #expect(story.told.contains { $0.hasPrefix("a>onError") })
        #expect(read(story, at: "a") == ["orderPlaced.order.total 42"])
        let failed = Story(plan(condition("\(Self.tier) == 'gold'")))
        failed.event("orderPlaced", payload: ["customer": ["id": "7"]])
        failed.answer(failing: "http_503")
        #expect(read(failed, at: "a").contains("loyalty.account.tier null"))
    }

    @Test("An event that moves by its filter and match tells their values; one that does not, with its reason")
    func event() throws {
        let match = "@event{delivered.order.id} == @event{orderPlaced.order.id}"
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "event", "event": "delivered", "match": "\#(match)"}"#))
        story.event("orderPlaced", payload: ["order": ["id": "1"]])
        story.event("delivered", payload: ["order": ["id": "2"]], id: "d")
        let look = try #require(story.seen.last?.event.looked.first)
        #expect(look.read.map { "\($0.path) \($0.value.text)" } == [#"delivered.order.id "2""#, #"orderPlaced.order.id "1""#])
        story.event("delivered", payload: ["order": ["id": "1"]])
        #expect(read(story, at: "a") == [#"delivered.order.id "1""#, #"orderPlaced.order.id "1""#])
    }

    @Test("An entry tells what its filter read, whether it let in or not")
    func entryFilter() throws {
        let filter = "@event{orderPlaced.order.total} > 5"
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "\#(filter)", "next": "a"}"#
                    + #", {"id": "a", "type": "wait", "for": "P1D"}"#))
        story.event("orderPlaced", payload: ["order": ["total": 1]], id: "o")
        #expect(story.seen.last?.event.looked.first?.read == [StepReading(path: "orderPlaced.order.total", value: 1)])
        story.event("orderPlaced", payload: ["order": ["total": 9]])
        #expect(read(story, at: "in") == ["orderPlaced.order.total 9"])
    }

    @Test(
        "A decision by the time tells the time of the journey's zone, with offset and name",
        arguments: [
            (#""time": {"hours": ["09:00", "17:30"]}"#, "2026-01-01T01:00:00.001+01:00[Europe/Berlin]"),
            (#""date": {"from": "2020-01-01"}"#, "2026-01-01T01:00:00.001+01:00[Europe/Berlin]"),
            (#""when": "now() > date('2020-01-01T00:00:00Z')""#, "2026-01-01T01:00:00.001+01:00[Europe/Berlin]"),
            (#""when": "@event{orderPlaced.order.total} > 5""#, nil),
        ])
    func localTime(test: String, expected: String?) {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "condition", "paths": [{"label": "p", \#(test)}], "otherwise": {"next": "z"}}"#
                    + #", {"id": "z", "type": "end"}"#,
                properties: #"{"timezone": "Europe/Berlin"}"#))
        story.event("orderPlaced", payload: ["order": ["total": 42]])
        #expect(story.steps[story.instance]?.first { $0.node == "a" }?.localTime == expected)
    }

    @Test("A wait for a time of day tells the local time at which it ended")
    func waited() {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "wait", "at": {"time": "09:00"}, "next": "z"}, {"id": "z", "type": "end"}"#,
                properties: #"{"timezone": "Asia/Kolkata"}"#))
        story.event("orderPlaced")
        story.advance(by: 86_400_000)
        #expect(
            story.steps[story.instance]?.first { $0.node == "a" }?.localTime == "2026-01-01T09:00:00+05:30[Asia/Kolkata]")
    }

    @Test("What a schema marks as writeOnly is shown to nobody, nor what holds it")
    func secret() throws {
        let profile =
            #"{"type": "object", "properties": {"tier": {"type": "string"}, "card": {"type": "object", "properties": {"number": {"type": "string", "writeOnly": true}, "kind": {"type": "string"}}}}}"#
        let document = journey(
            condition("#{profile.card.number} == '1'", "#{profile.card} is null", "#{profile.card.kind} == 'debit'"))
        let compilation = Plan.compile(document, version: 1, catalogue: Configuration.catalogue(profile: profile))
        let story = Story(
            try #require(compilation.plan, "\(compilation.findings.map(\.json.text))"),
            profile: ["card": ["number": "4111", "kind": "credit"]])
        story.event("orderPlaced")
        #expect(
            read(story, at: "a") == [#"profile.card.number "•••""#, #"profile.card "•••""#, #"profile.card.kind "credit""#])
    }

    @Test(
        "A mark is found wherever a value comes under it; what stands beside it is shown",
        arguments: [
            ##""properties": {"card": {"$ref": "#/$defs/card"}}, "$defs": {"card": {"type": "string", "writeOnly": true}}"##,
            #""anyOf": [{"properties": {"card": {"type": "string", "writeOnly": true}}}]"#,
            #""oneOf": [{"properties": {"card": {"type": "string", "writeOnly": true}}}, {"properties": {"card": {"type": "string"}}}]"#,
            #""allOf": [{"allOf": [{"properties": {"card": {"type": "string", "writeOnly": true}}}]}]"#,
            #""if": {"required": ["tier"]}, "then": {"properties": {"card": {"type": "string", "writeOnly": true}}}"#,
            #""if": {"required": ["tier"]}, "else": {"properties": {"card": {"type": "string", "writeOnly": true}}}"#,
            ##""properties": {"card": {"type": "string", "$ref": "other.json"}, "x": {"writeOnly": true}}"##,
            ##""properties": {"child": {"$ref": "#"}, "card": {"type": "string", "writeOnly": true}}"##,
        ])
    func mark(parts: String) throws {
        let profile = #"{"type": "object", \#(parts)}"#
        var schema = try #require(try JSONValue.parse(Array(profile.utf8)).objectValue)
        var properties = schema["properties"]?.objectValue ?? [:]
        properties["tier"] = ["type": "string"]
        schema["properties"] = .object(properties)
        let document = journey(condition("#{profile.card} == '1'", "#{profile.tier} == 'gold'"))
        let catalogue = Configuration.catalogue(profile: JSONValue.object(schema).text)
        let compilation = Plan.compile(document, version: 1, catalogue: catalogue)
        let story = Story(
            try #require(compilation.plan, "\(compilation.findings.map(\.json.text))"),
            profile: ["card": "4111", "tier": "silver"])
        story.event("orderPlaced")
        #expect(read(story, at: "a") == [#"profile.card "•••""#, #"profile.tier "silver""#])
    }

    @Test("A secret is hidden at every depth of a schema that holds itself")
    func deepMark() throws {
        let profile =
            ##"{"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "name": {"type": "string"}, "card": {"type": "string", "writeOnly": true}}}"##
        let document = journey(condition("#{profile.left.right.card} == '1'"))
        let compilation = Plan.compile(document, version: 1, catalogue: Configuration.catalogue(profile: profile))
        let story = Story(
            try #require(compilation.plan, "\(compilation.findings.map(\.json.text))"),
            profile: ["left": ["right": ["card": "4111"]]])
        story.event("orderPlaced")
        #expect(read(story, at: "a") == [#"profile.left.right.card "•••""#])
    }

    @Test("A field that is marked since, or no more, makes no difference to what runs again")
    func markedSince() throws {
        let flow = plan(
            condition("#{profile.tier} == 'gold'"),
            properties: #"{"history": "full"}"#)
        let story = Story(flow, profile: ["tier": "silver"])
        story.event("orderPlaced")
        let found = try InstanceReplay.run(records: story.records, plans: [flow])
        #expect(InstanceReplay.difference(story.records, found) == nil)
        var hidden = story.records
        for record in hidden.indices {
            for event in hidden[record].events.indices {
                hidden[record].events[event].read = hidden[record].events[event].read.map {
                    StepReading(path: $0.path, value: "•••")
                }
            }
        }
        #expect(hidden != story.records)
        #expect(InstanceReplay.difference(hidden, found) == nil)
        #expect(InstanceReplay.difference(story.records, hidden) == nil)
    }

    @Test("At most sixteen values are told")
    func most() {
        let all = (0..<20).map { "#{profile.f\($0)} == 1" }.joined(separator: " or ")
        let story = Story(plan(condition(all)))
        story.event("orderPlaced")
        #expect(read(story, at: "a").count == 16)
    }

    @Test("What was not read for one decision is not told with the next")
    func apart() {
        let story = Story(
            plan(
                Self.entry + ##", {"id": "a", "type": "condition", "paths": [{"label": "p", "when": "#{profile.tier} == 'gold'", "next": "b"}], "otherwise": {"next": "b"}}"##
                    + #", {"id": "b", "type": "updateProfile", "field": "seen", "value": "@event{orderPlaced.order.total}", "next": "c"}, {"id": "c", "type": "end"}"#))
        story.event("orderPlaced", payload: ["order": ["total": 42]])
        #expect(read(story, at: "a") == ["profile.tier null"])
        #expect(read(story, at: "b").isEmpty && read(story, at: "c").isEmpty)
    }

    @Test("An instance that runs again reads the same; a record of before, which shows nothing, agrees too")
    func replay() throws {
        let flow = plan(
            #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.total} > 5", "next": "a"}"#
                + String(
                    condition("\(Self.tier) == 'gold' and now() > date('2020-01-01T00:00:00Z')")
                        .dropFirst(Self.entry.count)),
            properties: #"{"history": "full"}"#)
        let story = Story(flow)
        story.event("orderPlaced", payload: ["order": ["total": 42], "customer": ["id": "7"]])
        story.answer(["tier": "gold"])
        #expect(read(story, at: "a").count == 2)
        let found = try InstanceReplay.run(records: story.records, plans: [flow])
        #expect(InstanceReplay.difference(story.records, found) == nil)
        var before = story.records
        for record in before.indices {
            for event in before[record].events.indices {
                before[record].events[event].read = []
                before[record].events[event].localTime = nil
            }
        }
        #expect(InstanceReplay.difference(before, found) == nil)
        var other = story.records
        other[0].events[1].read = [StepReading(path: "orderPlaced.order.total", value: 43)]
        #expect(InstanceReplay.difference(other, found)?.record == 0)
    }
}
