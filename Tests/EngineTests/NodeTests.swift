import Engine
import Models
import Testing

@Suite("Nodes")
struct NodeTests {
    static let order: JSONValue = [
        "customer": ["id": "42"], "order": ["id": "o-1", "total": 42, "city": "Paris"], "items": [["sku": "a", "price": 3]],
        "secret": "not kept",
    ]
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#

    @Test("An event enters, and a journey without more finishes at once")
    func entryAlone() {
        let story = Story(plan(#"{"id": "in", "type": "event", "event": "orderPlaced"}"#))
        let effects = story.event("orderPlaced", payload: Self.order)
        #expect(story.told == ["entered", "in>next", "left finished"])
        #expect(story.status == "finished")
        #expect(!effects.contains { if case .setTimer = $0 { true } else { false } }, "nobody is left to wait")
        #expect(story.fields.keys.sorted() == ["e:welcome"])
        #expect(story.fieldChanges?.expiresAt == Story.start + 1 + 300_000)
    }

    @Test("Conditions take the first path that holds", arguments: [
        (41.0, "big"), (40.0, "otherwise"), (10.0, "small"),
    ])
    func condition(total: Double, path: String) {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "condition", "paths": [
                        {"label": "big", "when": "@event{orderPlaced.order.total} > 40", "next": "end"},
                        {"label": "small", "when": "@event{orderPlaced.order.total} < 20", "next": "end"}],
                       "otherwise": {"next": "end"}}, {"id": "end", "type": "end"}
                    """))
        story.event("orderPlaced", payload: ["order": ["total": .decimal(total)]])
        #expect(story.told == ["entered", "in>next", "a>\(path)", "end", "left finished"])
    }

    @Test("Where no path holds and there is no otherwise the person leaves")
    func noPath() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.total} > 40"}]}"#))
        story.event("orderPlaced")
        #expect(story.told == ["entered", "in>next", "a", "left finished"])
    }

    @Test("Conditions read the profile that is passed in")
    func profile() {
        let plan = plan(
            Self.entry + ##", {"id": "a", "type": "condition", "paths": [{"label": "gold", "when": "#{profile.tier} == 'gold'"}]}"##)
        let story = Story(plan, profile: ["tier": "gold"])
        story.event("orderPlaced")
        #expect(plan.readsProfile)
        #expect(story.told.contains("a>gold"))
    }

    static let timesOfDay: [(String, String, Int64, Bool)] = [
        // 2026-01-01 is a Thursday.
        (#"{"hours": ["22:00", "02:00"], "days": ["thu"]}"#, "UTC", Int64(23 * 3600), true),
        (#"{"hours": ["22:00", "02:00"], "days": ["thu"]}"#, "UTC", 25 * 3600, true),
        (#"{"hours": ["22:00", "02:00"], "days": ["thu"]}"#, "UTC", 26 * 3600, false),
        (#"{"hours": ["22:00", "02:00"], "days": ["thu"]}"#, "UTC", 3600, false),
        (#"{"hours": ["09:00", "17:30"], "days": ["thu"]}"#, "UTC", 9 * 3600, true),
        (#"{"hours": ["09:00", "17:30"]}"#, "UTC", 17 * 3600 + 1800, false),
        (#"{"hours": ["09:00", "17:30"]}"#, "America/New_York", 14 * 3600, true),
        (#"{"hours": ["09:00", "17:30"]}"#, "America/New_York", 13 * 3600, false),
        (#"{"days": ["wed"]}"#, "America/New_York", 3600, true),
        (#"{"hours": ["20:00", "24:00"]}"#, "UTC", 86_399, true),
    ]

    @Test("A time of day is the zone's, may pass midnight, and belongs to the day on which it began", arguments: timesOfDay)
    func timeOfDay(time: String, zone: String, seconds: Int64, holds: Bool) {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "condition", "paths": [{"label": "yes", "time": \#(time)}]}"#,
                properties: #"{"timezone": "\#(zone)"}"#))
        story.event("orderPlaced", after: seconds * 1_000)
        #expect(story.told.contains("a>yes") == holds)
    }

    static let dates: [(String, Int64, Bool)] = [
        (#"{"from": "2026-01-02"}"#, Int64(86_400_000 - 3_600_000), true), (#"{"from": "2026-01-02"}"#, 86_399_999 - 3_600_000, false),
        (#"{"to": "2026-01-02"}"#, 86_399_999 - 3_600_000, true), (#"{"to": "2026-01-02"}"#, 86_400_000 - 3_600_000, false),
        (#"{"from": "2026-01-01T12:00:00Z", "to": "2026-01-01T13:00:00Z"}"#, 12 * 3_600_000, true),
        (#"{"from": "2026-01-01T12:00:00Z", "to": "2026-01-01T13:00:00Z"}"#, 13 * 3_600_000, false),
    ]

    @Test("A date has a start that belongs to it and an end that does not", arguments: dates)
    func date(date: String, at: Int64, holds: Bool) {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "condition", "paths": [{"label": "yes", "date": \#(date)}]}"#,
                properties: #"{"timezone": "Europe/Paris"}"#))
        story.event("orderPlaced", after: at)
        #expect(story.told.contains("a>yes") == holds)
    }

    @Test("The zone of the profile goes before the journey's own, and a wrong one falls back", arguments: [
        ("America/New_York", Int64(14)), ("Nowhere/Land", 9),
    ])
    func profileZone(zone: String, hour: Int64) {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "wait", "at": {"time": "09:00"}}"#,
                properties: #"{"timezone": {"profile": "timeZone", "fallback": "UTC"}}"#),
            profile: ["timeZone": .string(zone)])
        story.event("orderPlaced")
        #expect(story.due() == hour * 3_600_000)
    }

    @Test("Shares come near their percentages, and a person keeps the side across loops")
    func shares() {
        let plan = plan(
            Self.entry + """
                , {"id": "a", "type": "condition", "paths": [{"label": "l", "share": 30, "next": "w"}, {"label": "r", "share": 70, "next": "w"}]},
                {"id": "w", "type": "event", "event": "clicked", "next": "a"}
                """)
        var left = 0
        for number in 0..<400 {
            let story = Story(plan)
            story.event("orderPlaced", id: "e-\(number)")
            story.event("clicked")
            story.event("clicked")
            let sides = Set(story.told.filter { $0.hasPrefix("a>") })
            #expect(sides.count == 1)
            if sides == ["a>l"] { left += 1 }
        }
        #expect((90...150).contains(left), "\(left) of 400 took the 30 %")
    }

    @Test("With redraw a share is drawn anew at each visit")
    func redraw() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "condition", "redraw": true, "paths": [{"label": "l", "share": 50, "next": "w"}, {"label": "r", "share": 50, "next": "w"}]},
                    {"id": "w", "type": "event", "event": "clicked", "next": "a"}
                    """))
        story.event("orderPlaced")
        for _ in 0..<20 { story.event("clicked") }
        #expect(Set(story.told.filter { $0.hasPrefix("a>") }).count == 2)
    }

    @Test("A wait for a duration is elapsed time and fires once")
    func waitFor() {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "wait", "for": "P1D"}"#))
        story.event("orderPlaced", after: 1_000)
        #expect(story.due() == 86_401_000)
        story.advance(by: 86_399_999)
        #expect(story.status == nil)
        story.advance(by: 1)
        #expect(story.told == ["entered", "in>next", "a>next", "left finished"])
        #expect(story.timers.isEmpty)
    }

    @Test("A point in time is read in the journey's zone; a skipped one moves by the gap, a repeated one is the first", arguments: [
        // Paris: clocks go forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00.
        ("2026-03-29T02:30:00", "2026-03-29T01:30:00Z"), ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
        ("2026-03-28T12:00:00", "2026-03-28T11:00:00Z"), ("2026-03-28T12:00:00Z", "2026-03-28T12:00:00Z"),
    ])
    func waitUntil(text: String, instant: String) throws {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "wait", "until": "date('\#(text)')"}"#,
                properties: #"{"timezone": "Europe/Paris", "globalTimeout": "P400D"}"#))
        story.event("orderPlaced")
        #expect(Timestamp.text(Story.start + (story.due() ?? 0)).dropLast(5) + "Z" == instant)
    }

    @Test("A point in time that is past or null is not waited for, and null is said")
    func pastOrNull() {
        let past = Story(plan(Self.entry + #", {"id": "a", "type": "wait", "until": "date('2020-01-01T00:00:00Z')"}"#))
        past.event("orderPlaced")
        #expect(past.told == ["entered", "in>next", "a>next", "left finished"])
        let null = Story(plan(Self.entry + #", {"id": "a", "type": "wait", "until": "@event{orderPlaced.at}"}"#))
        null.event("orderPlaced")
        #expect(null.told == ["entered", "in>next", "a>next(nullTime)", "left finished"])
    }

    static let moments: [(String, Int64, Int64)] = [
        (#"{"time": "09:00"}"#, Int64(0), Int64(9 * 3_600_000)), (#"{"time": "09:00"}"#, 9 * 3_600_000, 33 * 3_600_000),
        (#"{"time": "09:00", "days": ["mon"]}"#, 0, 4 * 86_400_000 + 9 * 3_600_000),
        (#"{"time": "09:00", "days": ["thu"]}"#, 9 * 3_600_000, 7 * 86_400_000 + 9 * 3_600_000),
    ]

    @Test("A time of day to wait for is strictly later, on one of the days", arguments: moments)
    func waitAt(moment: String, at: Int64, due: Int64) {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "wait", "at": \#(moment)}"#))
        story.event("orderPlaced", after: at)
        #expect(story.due() == due)
    }

    @Test("An action is dispatched with its parameters, and its outcome moves the journey")
    func action() throws {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "sms", "next": "b", "parameters": {"to": "#{profile.phone}",
                       "text": "concat('order ', @event{orderPlaced.order.id})", "count": "2 + 3", "note": "#{profile.note}"}},
                    {"id": "b", "type": "condition", "paths": [{"label": "ok", "when": "@action{sms.jo_status_code} == 'http_200' and @action{sms.cost} > 1"}]}
                    """, properties: #"{"timeout": "PT7S"}"#),
            profile: ["phone": "+33"])
        story.event("orderPlaced", payload: Self.order)
        let request = try #require(story.actions.first)
        #expect(request.id == "\(story.instance):a:1")
        #expect(request.parameters == ["to": "+33", "text": "order o-1", "count": 5, "note": .null])
        #expect(request.timeoutMilliseconds == 7_000)
        #expect(request.actionRevision == 7)
        #expect(request.fields == ["cost"], "the status code is the engine's to give")
        #expect(story.phase == "acting")
        story.perform(response: ["id": "m-9", "cost": 3])
        #expect(story.told == ["entered", "in>next", "attempt(http_200)", "a>next", "b>ok", "left finished"])
    }

    @Test("A parameter without value is left out, or is an error where it is required")
    func nullParameters() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'", "text": "#{profile.text}"}, "next": "b"},
                    {"id": "b", "type": "action", "action": "sms", "parameters": {"to": "#{profile.phone}"}}
                    """))
        story.event("orderPlaced")
        #expect(story.actions.first?.parameters == ["to": "1"])
        story.perform()
        #expect(story.told.suffix(2) == ["b!error(missingParameter)", "left error(missingParameter)"])
    }

    @Test("A failed action takes onError, time-outs too, and without it ends the instance", arguments: ["http_500", "timedout", "capped"])
    func failedAction(status: String) {
        let handled = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "ping", "onError": {"next": "b"}},
                    {"id": "b", "type": "condition", "paths": [{"label": "seen", "when": "@journey{lastErrorCode} == '\(status)' and @journey{lastNodeUIDInError} == 'a'"}]}
                    """))
        handled.event("orderPlaced")
        handled.perform(status)
        #expect(handled.told.suffix(3) == ["a>onError!error(\(status))", "b>seen", "left finished"])
        let plain = Story(plan(Self.entry + #", {"id": "a", "type": "action", "action": "ping"}"#))
        plain.event("orderPlaced")
        plain.perform(status)
        #expect(plain.told.suffix(2) == ["a!error(\(status))", "left error(\(status))"])
    }

    @Test("What of an answer could not be kept stands in the step, of a success and of a failure")
    func notedAnswer() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "b"},
                    {"id": "b", "type": "action", "action": "sms", "parameters": {"to": "'2'"}, "onError": {"next": "c"}},
                    {"id": "c", "type": "condition", "paths": [{"label": "null", "when": "@action{sms.id} is null"}]}
                    """))
        story.event("orderPlaced")
        story.perform(response: .null, note: "invalidResponse")
        story.perform("http_400", response: .null, note: "responseTooLarge")
        let passed = (story.steps[story.instance] ?? []).filter { $0.kind == .node }
        #expect(passed.map(\.code) == [nil, "invalidResponse", "http_400", nil])
        #expect(passed.map(\.status) == ["ok", "ok", "error", "ok"])
        #expect(passed.map { $0.detail?.contains("fields are null") } == [nil, true, true, false])
    }

    @Test("Journey attributes tell where the instance is and what happened")
    func attributes() {
        let story = Story(
            plan(
                Self.entry + """
                    , {"id": "a", "type": "action", "label": "First text", "action": "sms", "next": "b", "parameters": {"to":
                      "concat(@journey{journeyVersionName}, concat('/', concat(@journey{currentNodeId}, concat('/', concat(@journey{previousNodeId}, concat('/', @journey{profileId}))))))"}},
                    {"id": "b", "type": "action", "action": "sms", "parameters": {"to": "concat(@journey{previousNodeName}, toString(@journey{lastActionExecutionElapsedTime}))"}}
                    """))
        story.event("orderPlaced")
        #expect(story.actions.first?.parameters["to"] == "welcome/a/in/42")
        story.perform()
        #expect(story.actions.first?.parameters["to"] == "First text9")
    }

    @Test("A call that failed, and a look-up that failed, tell what was answered")
    func answers() throws {
        let answer = CallAnswer(status: 500, body: #"{"error":"boom"}"#)
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}, {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "onError": {"next": "b"}}"#
                    + ##", {"id": "b", "type": "condition", "paths": [{"label": "gold", "when": "#{loyalty.account.tier, params: {memberId: '1'}} == 'gold'"}]}"##))
        story.event("orderPlaced")
        let request = try #require(story.actions.first)
        let result = ActionResult(
            succeeded: false, status: "http_500", response: .null,
            attempts: [.init(at: story.clock, milliseconds: 8, status: "http_500", answer: answer)])
        func outcome(_ id: String, _ result: Outcome.Result) -> EngineStimulus {
            .outcome(
                Outcome(
                    id: id, person: Story.person, instance: story.instance, durationMilliseconds: 9, result: result))
        }
        story.handle(outcome(request.id, .action(result)))
        let fetch = try #require(story.fetches.first)
        let failed = LookupResult(errorCode: "http_500", answer: answer)
        story.handle(outcome(fetch.id, .fetch([fetch.lookups[0].key: failed])))
        let steps = story.steps[story.instance] ?? []
        #expect(steps.filter { $0.kind == .attempt || $0.kind == .fetch }.map(\.answer) == [answer, answer])
    }
}
