import Engine
import Models
import Testing

@Suite("Look-ups")
struct LookupTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    static let tier = "#{loyalty.account.tier, params: {memberId: @event{orderPlaced.customer.id}}}"
    static let weather = "#{weather.now.sky, params: {city: #{loyalty.account.city, params: {memberId: '1'}}}}"

    @Test("A look-up asks for the fields that the node reads, and its answer moves the journey")
    func one() throws {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"label": "gold", "when": "\#(Self.tier) == 'gold'"}]}"#))
        story.event("orderPlaced", payload: ["customer": ["id": "7"]])
        let request = try #require(story.fetches.first)
        #expect(request.id == "\(story.instance):a:1:1")
        #expect(request.lookups.map(\.source) == ["loyalty"])
        #expect(request.lookups[0].parameters == ["memberId": "7"])
        #expect(request.lookups[0].fields == ["tier"])
        #expect(request.timeoutMilliseconds == 5_000)
        #expect(story.phase == "lookingUp")
        story.answer(["tier": "gold"])
        #expect(story.told == ["entered", "in>next", "fetch", "a>gold", "left finished"])
    }

    @Test("A look-up whose parameter needs another makes a second round")
    func twoRounds() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"label": "wet", "when": "\#(Self.weather) == 'rain'"}]}"#))
        story.event("orderPlaced")
        #expect(story.fetches[0].lookups.map(\.group) == ["account"])
        story.answer(["city": "Paris"])
        #expect(story.fetches[0].id.hasSuffix(":a:1:2"))
        #expect(story.fetches[0].lookups[0].parameters == ["city": "Paris"])
        story.answer(["sky": "rain"])
        #expect(story.told == ["entered", "in>next", "fetch", "fetch", "a>wet", "left finished"])
    }

    @Test("A path's look-ups are made when it is its turn, and kept for the later paths of the node")
    func turn() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "condition", "paths": [{"label": "one", "when": "@event{orderPlaced.order.total} > 5"},
                      {"label": "two", "when": "\(Self.tier) == 'gold'"}, {"label": "three", "when": "\(Self.tier) == 'silver'"}]}
                    """))
        story.event("orderPlaced", payload: ["order": ["total": 9]])
        #expect(story.fetches.isEmpty, "a path that is not needed asks for nothing")
        #expect(story.told.contains("a>one"))
        story.event("orderPlaced", payload: ["order": ["total": 1], "customer": ["id": "7"]], after: 400_000)
        story.answer(["tier": "silver"])
        #expect(story.fetches.isEmpty, "the answer is kept for the third path")
        #expect(story.told.contains("a>three"))
    }

    @Test("With prefetch the look-ups of all paths are one request")
    func prefetch() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "condition", "prefetch": true, "paths": [{"label": "one", "when": "#{weather.now.sky, params: {city: 'Rome'}} == 'rain'"},
                      {"label": "two", "when": "#{loyalty.account.tier, params: {memberId: '7'}} == 'gold'"}]}
                    """))
        story.event("orderPlaced")
        #expect(story.fetches[0].lookups.map(\.source) == ["weather", "loyalty"])
        story.answer(["sky": "sun"], ["tier": "gold"])
        #expect(story.told == ["entered", "in>next", "fetch", "fetch", "a>two", "left finished"])
    }

    @Test("A failed look-up takes onError or ends the instance")
    func failing() {
        let nodes = #", {"id": "a", "type": "condition", "paths": [{"label": "gold", "when": "\#(Self.tier) == 'gold'"}]"#
        let plain = Story(plan(Self.entry + nodes + "}"))
        plain.event("orderPlaced")
        plain.answer(failing: "timedout")
        #expect(plain.told.suffix(3) == ["fetch(timedout)", "a!error(lookupFailed)", "left error(lookupFailed)"])
        let handled = Story(plan(Self.entry + nodes + #", "onError": {"next": "b"}}, {"id": "b", "type": "condition", "paths": [{"label": "seen", "when": "@journey{lastDataFetchErrorCode} == 'http_503'"}]}"#))
        handled.event("orderPlaced")
        handled.answer(failing: "http_503")
        #expect(handled.told.suffix(3) == ["a>onError!error(lookupFailed)", "b>seen", "left finished"])
    }

    @Test("A look-up that is not answered counts as failed and is not asked for again")
    func unanswered() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"when": "\#(Self.tier) == 'gold'"}]}"#))
        story.event("orderPlaced")
        story.answer()
        #expect(story.fetches.isEmpty)
        #expect(story.status == "error")
    }

    @Test("The parameters of an action and the time of a wait may be looked up")
    func elsewhere() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "sms", "next": "b", "parameters": {"to": "\(Self.tier)", "text": "#{weather.now.sky, params: {city: 'Rome'}}"}},
                    {"id": "b", "type": "wait", "until": "toDateTime(\(Self.tier))"}
                    """))
        story.event("orderPlaced")
        #expect(story.fetches[0].lookups.count == 2)
        story.answer(["tier": "gold"], ["sky": "rain"])
        #expect(story.actions[0].parameters == ["to": "gold", "text": "rain"])
        story.perform()
        #expect(story.fetches.count == 1, "answers belong to the visit of a node")
        story.answer(["tier": "2026-01-01T05:00:00Z"])
        #expect(story.due() == Int64(18_000_000))
    }

    @Test("An event that comes while data is looked up is kept")
    func keptWhileLookingUp() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"when": "\#(Self.tier) == 'gold'", "next": "b"}]}, {"id": "b", "type": "event", "event": "clicked"}"#))
        story.event("orderPlaced")
        story.event("clicked")
        story.answer(["tier": "gold"])
        #expect(story.status == "finished")
    }
}
