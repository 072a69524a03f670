import Engine
import Models
import Testing

/// What an instance keeps while it looks up, acts or is held: only what may still fit a node that it comes to.
@Suite("Keeping what comes meanwhile")
struct KeepingTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}, "#
    static let acting = entry + #"{"id": "a", "type": "action", "action": "ping", "next": "b"}, "#
    static let parcel =
        #"{"id": "b", "type": "event", "event": "delivered", "match": "@event{delivered.order.id} == @event{orderPlaced.order.id}"}"#

    private static func order(_ id: String, total: Int = 1) -> JSONValue {
        ["order": ["id": .string(id), "total": JSONValue(total)]]
    }

    private func kept(_ story: Story) -> Int { story.state?["kept"]?.arrayValue?.count ?? 0 }

    @Test("Forty orders and foreign parcels do not push the right one out", arguments: [0, 5, 20, 40])
    func foreign(place: Int) {
        let story = Story(plan(Self.acting + Self.parcel))
        story.event("orderPlaced", payload: Self.order("mine"))
        for number in 0...40 {
            if number == place { story.event("delivered", payload: Self.order("mine")) }
            story.event("orderPlaced", payload: Self.order("o-\(number)"))
            story.event("delivered", payload: Self.order("o-\(number)"))
        }
        #expect(kept(story) == 1)
        story.perform()
        #expect(story.told.suffix(2) == ["b>next", "left finished"])
        #expect(story.counts["bufferFull"] == nil)
    }

    @Test(
        "What no node ahead listens to is not kept",
        arguments: [
            // The node was passed.
            (
                #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "p"}, {"id": "p", "type": "event", "event": "clicked", "next": "a"}, {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "event", "event": "delivered"}"#,
                false
            ),
            // It lies behind a wait, where everything kept is forgotten.
            (
                acting + #"{"id": "b", "type": "wait", "for": "PT1H", "next": "c"}, {"id": "c", "type": "event", "event": "clicked"}"#,
                false
            ),
            (
                acting + #"{"id": "b", "type": "wait", "at": {"time": "09:00"}, "next": "c"}, {"id": "c", "type": "event", "event": "clicked"}"#,
                false
            ),
            // A time-out is over when nothing is kept any more.
            (
                acting + #"{"id": "b", "type": "event", "event": "delivered", "timeout": "PT1H", "onTimeout": {"next": "c"}}, {"id": "c", "type": "event", "event": "clicked"}"#,
                false
            ),
            // These are reached with what is kept.
            (acting + #"{"id": "b", "type": "event", "event": "clicked"}"#, true),
            (
                acting + #"{"id": "b", "type": "wait", "until": "date('2020-01-01T00:00:00Z')", "next": "c"}, {"id": "c", "type": "event", "event": "clicked"}"#,
                true
            ),
            (
                acting + #"{"id": "b", "type": "event", "event": "delivered", "next": "c"}, {"id": "c", "type": "event", "event": "clicked"}"#,
                true
            ),
            (
                entry + #"{"id": "a", "type": "action", "action": "ping", "onError": {"next": "b"}}, {"id": "b", "type": "event", "event": "clicked"}"#,
                true
            ),
            (
                acting + #"{"id": "b", "type": "condition", "paths": [{"label": "x", "share": 100, "next": "c"}], "otherwise": {}}, {"id": "c", "type": "event", "event": "clicked"}"#,
                true
            ),
        ])
    func ahead(nodes: String, isKept: Bool) {
        let story = Story(plan(nodes))
        story.event("orderPlaced")
        if story.phase == "listening" { story.event("clicked") }
        #expect(story.phase == "acting")
        story.event("clicked", id: "c")
        #expect(kept(story) == (isKept ? 1 : 0))
        #expect(story.looked(by: "c") == ["welcome* \(isKept ? "kept" : "notListening")"])
    }

    @Test(
        "A filter that is false by what is known already keeps nothing; one that may still become true keeps",
        arguments: [
            ("@event{clicked.order.total} > 5", false),
            ("@event{clicked.order.id} == @event{orderPlaced.order.id}", false),
            // The response of the action that is under way.
            ("@action{sms.id} == @event{clicked.order.id}", true),
            ("@action{sms.id} == 'x' or @event{clicked.order.total} > 5", true),
            ("@action{sms.id} == 'x' and @event{clicked.order.total} > 5", false),
            ("@event{clicked.order.total} > 5 and @action{sms.id} == 'x'", false),
            ("not (@action{sms.id} == 'x' or @event{clicked.order.total} < 5)", false),
            // What anybody may change meanwhile.
            ("#{profile.tier} == 'gold'", true), ("inAudience('gold')", true), ("random() < 0", true),
            ("@journey{lastErrorCode} == 'http_500'", true), ("@journey{profileId} == '43'", false),
            ("#{profile.tier} == 'gold' and @event{clicked.order.id} == 'y'", false),
            // It is asked with the event's own time.
            ("now() < date('2020-01-01T00:00:00Z')", false),
        ])
    func known(match: String, isKept: Bool) {
        let story = Story(
            plan(
                Self.entry
                    + #"{"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "b"}, {"id": "b", "type": "event", "event": "clicked", "match": "\#(match)"}"#
            ))
        story.event("orderPlaced", payload: Self.order("mine"))
        story.event("clicked", payload: Self.order("x"), id: "c")
        #expect(kept(story) == (isKept ? 1 : 0))
        #expect(story.looked(by: "c") == ["welcome* \(isKept ? "kept" : "matchFalse")"])
    }

    @Test("What waits for the response is asked again when it is there")
    func response() {
        let story = Story(
            plan(
                Self.entry
                    + #"{"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "b"}, {"id": "b", "type": "event", "event": "clicked", "match": "@action{sms.id} == @event{clicked.order.id}"}"#
            ))
        story.event("orderPlaced")
        for id in ["x", "m-7", "y"] { story.event("clicked", payload: Self.order(id), id: id) }
        #expect(kept(story) == 3)
        story.perform(response: ["id": "m-7"])
        #expect(story.told.last == "left finished")
        #expect(story.looked(by: "x") == ["welcome* kept", "welcome* matchFalse"])
    }

    @Test("An earlier event that may come anew on the way is not known yet")
    func anew() {
        let story = Story(
            plan(
                Self.acting
                    + #"{"id": "b", "type": "event", "event": "delivered", "match": "@event{delivered.order.id} == @event{orderPlaced.order.id}", "next": "c"}, {"id": "c", "type": "event", "event": "orderPlaced", "next": "a"}"#
            ))
        story.event("orderPlaced", payload: Self.order("k1"))
        story.event("delivered", payload: Self.order("k1"))
        story.event("orderPlaced", payload: Self.order("k2"))
        story.event("delivered", payload: Self.order("k2"))
        #expect(kept(story) == 3)
        story.perform()
        #expect(story.told.suffix(2) == ["b>next", "c>next"])
        story.perform()
        #expect(story.node == "c" && kept(story) == 0, "the second parcel fits the second order")
    }

    @Test("An earlier event that may come anew only behind the node is known")
    func later() {
        let story = Story(
            plan(
                Self.acting
                    + #"{"id": "b", "type": "event", "event": "delivered", "match": "@event{delivered.order.id} == @event{orderPlaced.order.id}", "next": "c"}, {"id": "c", "type": "event", "event": "orderPlaced"}"#
            ))
        story.event("orderPlaced", payload: Self.order("k1"))
        story.event("delivered", payload: Self.order("k2"))
        #expect(kept(story) == 0)
    }

    @Test("A filter that cannot be evaluated keeps nothing, and says so")
    func fails() {
        let story = Story(
            plan(
                Self.acting + #"{"id": "b", "type": "event", "event": "clicked", "filter": "@event{clicked.order.total} > 5"}"#))
        story.event("orderPlaced")
        story.event("clicked", payload: ["order": ["total": "many"]])
        #expect(kept(story) == 0 && story.reasons == ["filterError"])
    }

    @Test("Changes of an audience are kept only where a node ahead listens to them", arguments: [true, false])
    func audience(isAhead: Bool) {
        let audience = isAhead ? "gold" : "silver"
        let story = Story(
            plan(Self.acting + #"{"id": "b", "type": "audience", "audience": "\#(audience)", "change": "entered"}"#))
        story.event("orderPlaced")
        story.handle(.audience(AudienceMove(id: "m", person: Story.person, audience: "gold", change: .entered)))
        story.handle(.audience(AudienceMove(id: "n", person: Story.person, audience: audience, change: .exited)))
        #expect(kept(story) == (isAhead ? 1 : 0))
    }

    @Test("Of seventeen that may fit the oldest is dropped, counted and said")
    func full() {
        let story = Story(plan(Self.acting + #"{"id": "b", "type": "event", "event": "clicked"}"#))
        story.event("orderPlaced")
        for number in 1...17 { story.event("clicked", id: "c-\(number)") }
        #expect(story.counts["bufferFull"] == 1)
        #expect(story.told.last == "noted(bufferFull)")
        #expect(story.steps[story.instance]?.last?.detail == "event c-1")
        #expect(story.looked(by: "c-1") == ["welcome* kept", "welcome* bufferFull"])
        #expect(story.state?["kept"]?.arrayValue?.map { $0["id"]?.stringValue } == (2...17).map { "c-\($0)" })
    }

    @Test("How many are kept is a limit", arguments: [1, 5, 40])
    func limit(most: Int) {
        var limits = EngineLimits()
        limits.keptEventsMax = most
        let story = Story(plan(Self.acting + #"{"id": "b", "type": "event", "event": "clicked"}"#), limits: limits)
        story.event("orderPlaced")
        for _ in 0..<(most + 3) { story.event("clicked") }
        #expect(kept(story) == most && story.counts["bufferFull"] == 3)
    }

    @Test("It is said once a stimulus, however many instances drop something")
    func saidOnce() {
        let story = Story(
            plan(
                Self.acting + #"{"id": "b", "type": "event", "event": "clicked"}"#,
                properties: #"{"instanceKey": "@event{orderPlaced.order.id}", "history": "full"}"#))
        for id in ["1", "2", "3"] { story.event("orderPlaced", payload: Self.order(id)) }
        for _ in 1...18 { story.event("clicked") }
        #expect(story.counts["bufferFull"] == 6)
        let noted = story.entered.map { id in story.told(of: id).count { $0 == "noted(bufferFull)" } }
        #expect(noted == [2, 0, 0])
    }

    @Test("What fits nothing any more makes room before what may fit")
    func unfitFirst() {
        let story = Story(
            plan(
                Self.entry
                    + #"{"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "d"}, {"id": "d", "type": "action", "action": "ping", "next": ["b", "f"]}, {"id": "b", "type": "event", "event": "delivered", "match": "@action{sms.id} == @event{delivered.order.id}"}, {"id": "f", "type": "event", "event": "clicked", "filter": "@event{clicked.order.total} > 1"}"#
            ))
        story.event("orderPlaced")
        story.event("delivered", payload: Self.order("m-7"))
        for number in 1...12 { story.event("delivered", payload: Self.order("x-\(number)"), id: "x-\(number)") }
        #expect(kept(story) == 13)
        story.perform(response: ["id": "m-7"])
        #expect(story.phase == "acting" && kept(story) == 13)
        for _ in 1...10 { story.event("clicked", payload: Self.order("c", total: 2)) }
        #expect(story.counts["bufferFull"] == nil && kept(story) == 11)
        #expect(story.looked(by: "x-3") == ["welcome* kept", "welcome* matchFalse"])
        story.perform()
        #expect(story.told.suffix(2) == ["b>next", "left finished"])
    }
}
