import Engine
import Models
import Testing

@Suite("A person's kept events")
struct KeptEventTests {
    private static let month: Int64 = 30 * 86_400_000
    /// Whether three orders of more than ten were placed in the last thirty days.
    private static let often =
        "count(#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.all(currentDataPackField.order.total > 10 "
        + "and inLastDays(currentDataPackField.timestamp, 30)).order.id}) >= 3"
    private static let entry = NodeTests.entry

    private static func condition(_ when: String, next: String = "end") -> String {
        entry
            + #", {"id": "a", "type": "condition", "paths": [{"label": "yes", "when": "\#(when)", "next": "\#(next)"}], "#
            + #""otherwise": {"next": "end"}}, {"id": "end", "type": "end"}"#
    }

    private static func order(_ id: String, total: Double = 20) -> JSONValue {
        ["order": ["id": .string(id), "total": .decimal(total)]]
    }

    private func story(_ nodes: String, properties: String = #"{"reentrance": {"after": "PT0S"}}"#) -> Story {
        let story = Story(plan(nodes, properties: properties))
        story.keptNames = ["orderPlaced", "delivered"]
        return story
    }

    @Test("A condition counts the orders of the last thirty days, the one that is just taken among them")
    func counted() {
        let story = story(Self.condition(Self.often))
        for (number, expected) in [(1, "a>otherwise"), (2, "a>otherwise"), (3, "a>yes")] {
            story.event("orderPlaced", payload: Self.order("\(number)"))
            #expect(story.told.contains(expected), "after \(number): \(story.told)")
        }
        story.event("orderPlaced", payload: Self.order("small", total: 5), after: Self.month - 1_000)
        #expect(story.told.contains("a>yes"), "thirty days later they still count")
        story.event("orderPlaced", payload: Self.order("late"), after: 2_000)
        #expect(story.told.contains("a>otherwise"), "and two seconds later no more")
    }

    @Test(
        "Events are newest first, of all definitions or of one",
        arguments: [
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.first().order.id} == '4'", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent.at(1).order.id} == 'd'", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.at(1).order.id} == '2'", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.delivered.at(0).order.id} == 'd'", true),
            ("listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.experienceevent}) == 3", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.delivered.first()._id} == 'e-2'", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.delivered.first().timestamp} < now()", true),
            ("#{ExperiencePlatform.ExperienceEventFieldGroup.delivered.first().order.total} > 1", false),
        ])
    func order(when: String, isTrue: Bool) {
        let story = story(Self.condition(when))
        story.event("orderPlaced", payload: Self.order("2"))
        story.event("delivered", payload: ["order": ["id": "d"]])
        story.event("clicked", payload: Self.order("c"))
        story.event("orderPlaced", payload: Self.order("4"))
        #expect(story.told.contains(isTrue ? "a>yes" : "a>otherwise"), "\(story.told)")
    }

    @Test("An event older than a year is not seen, whether it still lies there or not")
    func year() {
        let story = story(
            Self.condition("listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced}) == 1"))
        story.event("orderPlaced", payload: Self.order("1"))
        story.event("orderPlaced", payload: Self.order("2"), after: KeptEvent.ageMillisecondsMax - 1)
        #expect(story.told.contains("a>otherwise"))
        story.event("orderPlaced", payload: Self.order("3"), after: KeptEvent.ageMillisecondsMax)
        #expect(story.told.contains("a>yes"))
    }

    @Test("Entry filters, match, waits and parameters see them")
    func everywhere() {
        let list = "#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced"
        let filtered = story(
            #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "listSize(\#(list)}) == 2"}"#)
        filtered.event("orderPlaced", payload: Self.order("1"))
        #expect(filtered.entered.isEmpty && filtered.counts["refused.filterFalse"] == 1)
        filtered.event("orderPlaced", payload: Self.order("2"))
        #expect(filtered.entered.count == 1)

        let matched = story(
            Self.entry
                + #", {"id": "a", "type": "event", "event": "delivered", "next": "s", "match": "in(@event{delivered.order.id}, \#(list).order.id})"}"#
                + #", {"id": "s", "type": "action", "action": "sms", "next": "w", "parameters": {"to": "\#(list).first().order.id}", "count": "listSize(\#(list)})"}}"#
                + #", {"id": "w", "type": "wait", "until": "toDateTime(toInteger(\#(list).first().timestamp}) + 60000)"}"#
        )
        matched.event("orderPlaced", payload: Self.order("1"))
        let placed = matched.clock
        matched.event("delivered", payload: ["order": ["id": "9"]])
        #expect(matched.node == "a")
        matched.event("delivered", payload: ["order": ["id": "1"]])
        #expect(matched.actions.first?.parameters["to"] == "1" && matched.actions.first?.parameters["count"] == 1)
        matched.perform()
        #expect(matched.due() == placed + 60_000 - Story.start)
    }

    @Test("Only plans that read them need them, and only for what touches such a plan")
    func need() {
        let reading = plan(Self.condition(Self.often), name: "reading")
        let other = plan(
            #"{"id": "in", "type": "event", "event": "clicked", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#,
            name: "other")
        #expect(reading.readsKeptEvents && !other.readsKeptEvents)
        func event(_ name: String) -> EngineStimulus {
            .event(PersonEvent(id: "e", person: Story.person, events: [name], payload: [:]))
        }
        let both = JourneySet([.init(plan: reading, state: .live), .init(plan: other, state: .live)])
        let nobody = Traveler(person: Story.person)
        #expect(both.needsKeptEvents(for: event("orderPlaced"), traveler: nil) == true)
        #expect(both.needsKeptEvents(for: event("clicked"), traveler: nil) == false)
        #expect(both.needsKeptEvents(for: .timer(instance: "i", due: 1), traveler: nil) == nil)
        #expect(both.needsKeptEvents(for: .timer(instance: "i", due: 1), traveler: nobody) == false)
        let without = JourneySet([.init(plan: other, state: .live)])
        #expect(!without.readsKeptEvents && without.needsKeptEvents(for: event("orderPlaced"), traveler: nil) == false)
        let story = Story(other)
        story.event("clicked")
        let waiting = EngineStimulus.timer(instance: story.instance, due: 1)
        #expect(both.needsKeptEvents(for: waiting, traveler: story.traveler) == false, "its journey reads none")
    }

    @Test(
        "A reference to an event that is unknown, or not kept, is found",
        arguments: [
            ("unknownEvent", "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlced}) > 1"),
            ("notAvailable", "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.clicked}) > 1"),
            ("unknownField", "#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.first().order.totl} > 1"),
        ])
    func findings(code: String, when: String) throws {
        let found = FindingTests.findings(Self.condition(when))
        let finding = try #require(found.first)
        #expect(finding.code == code && finding.node == "a" && finding.field == "/paths/0/when", "\(found)")
        if code == "unknownEvent" { #expect(finding.remedy.contains("orderPlaced")) }
        if code == "notAvailable" { #expect(finding.message.contains("keepInProfile")) }
    }

    @Test("An instance that read them is run again from what its expressions came to, without the events")
    func replay() throws {
        let nodes =
            Self.entry + """
                , {"id": "a", "type": "condition", "paths": [
                    {"label": "yes", "when": "\(Self.often)", "next": "w"},
                    {"label": "asked", "next": "w", "when":
                      "#{loyalty.account.tier, params: {memberId: #{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.first().order.id}}} == 'gold'"}],
                   "otherwise": {"next": "w"}},
                  {"id": "w", "type": "event", "event": "delivered", "next": "s",
                   "match": "listSize(#{ExperiencePlatform.ExperienceEventFieldGroup.delivered}) > 1"},
                  {"id": "s", "type": "action", "action": "sms", "parameters": {
                    "to": "#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.first().order.id}",
                    "text": "toString(#{ExperiencePlatform.ExperienceEventFieldGroup.orderPlaced.first().timestamp})"}}
                """
        let plan = plan(nodes, properties: #"{"history": "full"}"#)
        let story = Story(plan)
        story.keptNames = ["orderPlaced", "delivered"]
        story.event("orderPlaced", payload: Self.order("1"))
        story.answer(["tier": "gold"])
        story.event("delivered", payload: ["order": ["id": "d"]])
        #expect(story.node == "w")
        story.event("delivered", payload: ["order": ["id": "e"]])
        story.perform()
        #expect(story.status == "finished" && story.told.contains("a>asked"), "\(story.told)")
        let records = story.records
        #expect(records.contains { $0.input?["keptEvents"]?[0] == ["value": false] })
        let found = try InstanceReplay.run(records: records, plans: [plan])
        #expect(InstanceReplay.difference(records, found) == nil)
        let size = records.reduce(0) { $0 + ($1.input?.bytes.count ?? 0) }
        #expect(size < 4_096, "the events are not recorded")
    }
}
