import Engine
import Models
import Testing

@Suite("Listening")
struct ListeningTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#

    @Test("A later event moves the instance that matches it, and no other")
    func match() {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "event", "event": "delivered", "match": "@event{delivered.order.id} == @event{orderPlaced.order.id}"}"#,
                properties: #"{"instanceKey": "@event{orderPlaced.order.id}"}"#))
        story.event("orderPlaced", payload: ["order": ["id": "1"]])
        story.event("orderPlaced", payload: ["order": ["id": "2"]])
        let (first, second) = (story.entered[0], story.entered[1])
        story.event("delivered", payload: ["order": ["id": "2"]])
        #expect(story.statuses == [second: "finished"])
        story.event("delivered", payload: ["order": ["id": "3"]])
        #expect(story.statuses.count == 1)
        story.event("delivered", payload: ["order": ["id": "1"]])
        #expect(story.statuses[first] == "finished")
    }

    @Test("A filter that is false or fails moves nothing, and a failure is said")
    func filter() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "event", "event": "clicked", "filter": "@event{clicked.order.total} > 10 and toInteger(@event{clicked.order.total}) * 9000000000000000000 > 1"}"#))
        story.event("orderPlaced")
        story.event("clicked", payload: ["order": ["total": 1]])
        #expect(story.reasons.isEmpty)
        story.event("clicked", payload: ["order": ["total": 20]])
        #expect(story.reasons == ["filterError"])
        #expect(story.phase == "listening")
    }

    @Test("A time-out counts from arrival and leads to onTimeout, or on where there is none", arguments: [
        (#", "onTimeout": {"next": "late"}"#, "a>onTimeout!timedOut", "late"), ("", "a>next!timedOut", "good"),
        (#", "onTimeout": {}"#, "a>onTimeout!timedOut", "left finished"),
    ])
    func timeout(onTimeout: String, step: String, then: String) {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "event", "event": "clicked", "timeout": "PT1H", "next": "good"\(onTimeout)},
                    {"id": "good", "type": "end"}, {"id": "late", "type": "end"}
                    """))
        story.event("orderPlaced", after: 500)
        #expect(story.due() == 3_600_500)
        story.advance(by: 3_600_000)
        #expect(story.told[2] == step)
        #expect(story.told[3] == then)
    }

    @Test("Of parallel branches the first to occur wins and the others are forgotten")
    func parallel() {
        let nodes = """
            {"id": "in", "type": "event", "event": "orderPlaced", "next": ["a", "b", "c"]},
            {"id": "a", "type": "event", "event": "clicked", "next": "w"}, {"id": "b", "type": "wait", "for": "PT1H", "next": "w"},
            {"id": "c", "type": "event", "event": "cancelled", "timeout": "PT2H", "next": "w"}, {"id": "w", "type": "event", "event": "delivered"}
            """
        let byEvent = Story(plan(nodes))
        byEvent.event("orderPlaced")
        byEvent.event("cancelled")
        #expect(byEvent.told.last == "c>next")
        byEvent.event("clicked")
        byEvent.advance(by: 7_200_000)
        #expect(byEvent.node == "w")
        let byTime = Story(plan(nodes))
        byTime.event("orderPlaced")
        byTime.advance(by: 3_600_000)
        #expect(byTime.told.last == "b>next")
    }

    @Test("Of branches due at the same time the one listed first wins, and of an event's the same")
    func ties() {
        let story = Story(
            plan(
                """
                {"id": "in", "type": "event", "event": "orderPlaced", "next": ["a", "b"]},
                {"id": "a", "type": "event", "event": "clicked", "timeout": "PT1H", "next": ["c", "d"]}, {"id": "b", "type": "wait", "for": "PT1H"},
                {"id": "c", "type": "event", "event": "clicked"}, {"id": "d", "type": "event", "event": "clicked"}
                """))
        story.event("orderPlaced")
        story.advance(by: 3_600_000)
        #expect(story.told.last == "a>next!timedOut")
        story.event("clicked")
        #expect(story.told.suffix(2) == ["c>next", "left finished"])
    }

    @Test("A timer that fires early is only set again")
    func early() {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "wait", "for": "PT1H"}"#))
        story.event("orderPlaced", after: 1)
        let effects = story.handle(.timer(instance: story.instance, due: story.clock + 10))
        #expect(effects == [.setTimer(instance: story.instance, due: Story.start + 3_600_001)])
        #expect(story.told.count == 2)
        #expect(story.handle(.timer(instance: "gone", due: story.clock)) == [.clearTimer(instance: "gone")])
    }

    @Test("Events that come while something is pending are kept, and offered in order when it listens again")
    func kept() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "ping", "next": "b"},
                    {"id": "b", "type": "event", "event": "clicked", "filter": "@event{clicked.order.total} > 5", "next": "c"},
                    {"id": "c", "type": "event", "event": "clicked", "next": "d"}, {"id": "d", "type": "action", "action": "ping"}
                    """))
        story.event("orderPlaced")
        story.event("clicked", payload: ["order": ["total": 1]])
        story.event("clicked", payload: ["order": ["total": 9]])
        story.event("cancelled")
        story.event("clicked", payload: ["order": ["total": 2]])
        #expect(story.phase == "acting")
        story.perform()
        #expect(story.told.suffix(2) == ["b>next", "c>next"])
        #expect(story.actions.count == 1, "an event is never used twice by one instance")
        #expect(story.state?["kept"] == nil)
    }

    @Test("What does not fit when the instance listens again is forgotten")
    func forgotten() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "event", "event": "delivered", "next": "c"},
                    {"id": "c", "type": "event", "event": "clicked"}
                    """))
        story.event("orderPlaced")
        story.event("clicked")
        story.perform()
        story.event("delivered")
        #expect(story.node == "c")
        #expect(story.phase == "listening")
    }

    @Test("The rest of the kept events stays while the next request is pending")
    func keptOn() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "event", "event": "clicked", "next": "c"},
                    {"id": "c", "type": "action", "action": "ping", "next": "d"}, {"id": "d", "type": "event", "event": "clicked"}
                    """))
        story.event("orderPlaced")
        story.event("clicked")
        story.event("clicked")
        story.perform()
        #expect(story.state?["kept"]?.arrayValue?.count == 1)
        story.perform()
        #expect(story.status == "finished")
    }

    @Test("The same event is not used twice by one instance, though two nodes listen to it")
    func oncePerInstance() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "event", "event": "clicked", "next": "b"}, {"id": "b", "type": "event", "event": "clicked"}"#))
        story.event("orderPlaced")
        story.event("clicked")
        #expect(story.node == "b")
        #expect(story.status == nil)
    }

    @Test("A payload that matches several definitions is all of them")
    func severalNames() {
        let story = Story(
            plan(#"{"id": "in", "type": "event", "event": "orderPlaced", "next": "b"}, {"id": "b", "type": "event", "event": "clicked"}"#),
            plan(#"{"id": "in", "type": "event", "event": "clicked", "next": "b"}, {"id": "b", "type": "wait", "for": "PT1H"}"#, name: "other"))
        story.event("clicked", "orderPlaced")
        #expect(story.entered.count == 2)
    }
}
