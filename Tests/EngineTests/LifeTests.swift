import Engine
import Models
import Testing

@Suite("Time limits and life")
struct LifeTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    static let waiting = entry + #", {"id": "a", "type": "wait", "for": "P30D"}"#
    static let acting = entry + #", {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "wait", "for": "P30D"}"#

    @Test("The global timeout counts from entry, also while a request is pending", arguments: [waiting, acting])
    func globalTimeout(nodes: String) {
        let story = Story(plan(nodes, properties: #"{"globalTimeout": "PT2H"}"#))
        story.event("orderPlaced", after: 5)
        #expect(story.due() == 7_200_005)
        story.advance(by: 7_200_000)
        #expect(story.told.last == "left timedOut(globalTimeout)")
        #expect(story.timers.isEmpty)
    }

    @Test("It is ninety-one days unless said otherwise")
    func globalTimeoutDefault() {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "event", "event": "clicked"}"#))
        story.event("orderPlaced", after: 0)
        #expect(story.due() == Int64(7_862_400_000))
    }

    @Test("At the journey's end those inside leave")
    func endAt() {
        let story = Story(plan(Self.waiting, properties: #"{"endAt": "2026-01-02"}"#))
        story.event("orderPlaced")
        story.advance(by: 86_400_000)
        #expect(story.told.last == "left exited(journeyEnded)")
    }

    @Test("Closing lets those inside go on")
    func closed() {
        let plan = plan(Self.waiting), story = Story(plan)
        story.event("orderPlaced")
        story.use(.init(plan: plan, state: .closed))
        story.advance(by: 30 * 86_400_000)
        #expect(story.status == "finished")
    }

    @Test("The end command ends one instance as stopped; repeated it does nothing")
    func end() {
        let story = Story(plan(Self.waiting))
        story.event("orderPlaced")
        story.handle(.end(instance: story.instance, cause: "command-1"))
        #expect(story.told.last == "left stopped")
        #expect(story.timers.isEmpty)
        #expect(story.handle(.end(instance: story.instance, cause: "command-1")) == [])
    }

    @Test("What traps ends its instance as error, also where its state cannot be read", arguments: [false, true])
    func trapped(isBroken: Bool) throws {
        let story = Story(plan(Self.waiting))
        story.event("orderPlaced")
        let instance = story.instance
        var bytes = try #require(story.fields["i:" + instance])
        if isBroken { bytes.removeLast(2) }
        var traveler = Traveler(person: Story.person, fields: [("i:" + instance, bytes)])
        var output = EngineOutput(), profile = JSONObject()
        story.engine.handle(
            .trapped(instance: instance, cause: "timer"), at: 9_000, now: 9_000, traveler: &traveler,
            profile: &profile, into: &output)
        guard case .record(let record)? = output.effects.first(where: { if case .record = $0 { true } else { false } })
        else { return #expect(Bool(false), "nothing was said") }
        let step = try #require(record.events.last)
        #expect(step.kind == .left && step.status == "error" && step.code == "trapped" && record.stimulus == "timer")
        #expect(step.step == Int64(story.told.count + 1))
        #expect(output.effects.contains(.clearTimer(instance: instance)))
        #expect(output.effects.contains(.left(journey: "welcome", version: 1, instance: instance, status: "error")))
        #expect(output.counts[.error] == 1)
        #expect(traveler.takeChanges()?.isEmpty == true)
    }

    @Test("An event that traps moves nobody, and each journey that listens to it says so")
    func trappedEvent() {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "event", "event": "clicked"}"#))
        story.event("orderPlaced")
        let event = { PersonEvent(id: $0, person: Story.person, events: [$1], payload: [:]) }
        story.handle(.trappedEvent(event("e-9", "clicked")))
        #expect(story.reasons == ["trapped"])
        #expect(story.phase == "listening")
        story.handle(.trappedEvent(event("e-10", "orderPlaced")))
        #expect(story.reasons == ["trapped", "trapped"])
        #expect(story.counts["refused.trapped"] == 2)
        let unheard = Effect.seen(SeenEvent(events: ["unheard"]), stimulus: "e-11", at: story.clock)
        #expect(story.handle(.trappedEvent(event("e-11", "unheard"))) == [unheard])
    }

    @Test("Of a stopped version whatever touches an instance ends it", arguments: ["event", "timer", "outcome"])
    func stopped(by kind: String) {
        let plan = plan(
            Self.entry + (kind == "outcome" ? #", {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "event", "event": "clicked"}"# : #", {"id": "a", "type": "event", "event": "clicked", "timeout": "PT1H", "next": "b"}, {"id": "b", "type": "wait", "for": "P1D"}"#))
        let story = Story(plan)
        story.event("orderPlaced")
        story.use(.init(plan: plan, state: .stopped))
        switch kind {
        case "event": story.event("clicked")
        case "timer": story.advance(by: 3_600_000)
        default: story.perform()
        }
        #expect(story.status == "stopped")
        #expect(!story.told.contains("a>next"))
    }

    @Test("A request without outcome is given up after a day, and cancelled in the same breath")
    func givenUp() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "action", "action": "ping", "onError": {"next": "b"}}, {"id": "b", "type": "wait", "for": "P1D"}"#))
        story.event("orderPlaced")
        let request = story.actions[0]
        story.advance(by: 86_400_000)
        #expect(story.cancelled == [request.id])
        #expect(story.told.last == "a>onError!error(noOutcome)")
        #expect(story.node == "b")
        story.complete(request)
        #expect(story.told.last == "noted(outcome)")
        #expect(story.node == "b")
    }

    @Test("An outcome that comes twice moves once")
    func twice() {
        let story = Story(plan(Self.acting))
        story.event("orderPlaced")
        let request = story.actions[0]
        story.complete(request)
        story.complete(request)
        #expect(story.told.filter { $0 == "a>next" }.count == 1)
        #expect(story.told.last == "noted(outcome)")
        #expect(story.node == "b")
    }

    @Test("A loop may pass a node so many times")
    func maxVisits() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "wait", "for": "PT1M", "maxVisits": 3, "next": "b"}, {"id": "b", "type": "action", "action": "ping", "next": "a"}"#))
        story.event("orderPlaced")
        for visit in 1...3 {
            story.advance(by: 60_000)
            #expect(story.actions[0].id.hasSuffix(":b:\(visit)"))
            story.perform(after: 0)
        }
        #expect(story.told.suffix(2) == ["a!error(maxVisits)", "left error(maxVisits)"])
    }

    @Test("A loop back to the entry waits there for the event again")
    func loopToEntry() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "@event{orderPlaced.order.id}"}, "next": "in"}"#))
        story.event("orderPlaced", payload: ["order": ["id": "1"]])
        story.perform()
        story.event("orderPlaced", payload: ["order": ["id": "2"]])
        #expect(story.entered.count == 1)
        #expect(story.actions[0].parameters["to"] == "2")
        #expect(story.actions[0].id.hasSuffix(":a:2"))
    }

    @Test("More than a thousand nodes without a stop are a runaway")
    func runaway() {
        // The wait is over at once each time, so that nothing stops the loop.
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "wait", "until": "date('2020-01-01T00:00:00Z')", "maxVisits": 10000, "next": "b"}, {"id": "b", "type": "condition", "maxVisits": 10000, "paths": [{"label": "x", "when": "@event{orderPlaced.order.total} == 1"}], "otherwise": {"next": "a"}}"#))
        story.event("orderPlaced")
        #expect(story.told.last == "left error(runaway)")
        #expect(story.told.count == 1_003)
    }

    @Test("State beyond its bound ends the instance")
    func tooLarge() {
        var limits = EngineLimits()
        limits.stateBytesMax = 1_000
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "wait", "for": "P1D", "next": "b"}, {"id": "b", "type": "condition", "paths": [{"when": "@event{orderPlaced.order.id} == 'x'"}]}"#), limits: limits)
        story.event("orderPlaced", payload: ["order": ["id": .string(String(repeating: "x", count: 1_000))]])
        #expect(story.told.suffix(2) == ["in!error(stateTooLarge)", "left error(stateTooLarge)"])
    }

    @Test("Only fields that later nodes read are kept")
    func keptFields() {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "wait", "for": "P1D", "next": "b"}, {"id": "b", "type": "condition", "paths": [{"when": "@event{orderPlaced.items.at(0).sku} == 'a' or @event{orderPlaced.order.total} > 1"}]}"#))
        story.event("orderPlaced", payload: ["secret": 1, "order": ["id": "1", "total": 2], "items": [["sku": "a", "price": 1]]])
        #expect(story.state?["events"]?["orderPlaced"]?["order"] == ["total": 2])
        #expect(story.state?["events"]?["orderPlaced"]?["secret"] == nil)
    }

    @Test("A waiting person's state is small and readable")
    func size() throws {
        let story = Story(plan(Self.waiting, name: "secondOrder"))
        story.event("orderPlaced")
        #expect(story.stateBytes < 160)
        let bytes = try #require(story.fields["i:" + story.instance])
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"journey":"secondOrder","version":1,"entered":1767225600001,"node":"a","steps":2,"due":1769817600001}"#)
    }

    @Test("An instance that listens is read with its phase written out and without")
    func phase() throws {
        let story = Story(plan(Self.waiting))
        story.event("orderPlaced")
        let text = String(decoding: try #require(story.fields["i:" + story.instance]), as: UTF8.self)
        #expect(!text.contains("phase"))
        let spelled = Array(text.replacing(",\"node\"", with: ",\"phase\":\"listening\",\"node\"").utf8)
        let summary = try InstanceSummary(id: "abc", bytes: spelled)
        #expect(try InstanceSummary(id: "abc", bytes: Array(text.utf8)) == summary)
        #expect(summary.phase == "listening")
        let engine = Story.engine([.init(plan: plan(Self.waiting), state: .live)])
        var traveler = Traveler(person: Story.person, fields: [("i:abc", spelled)])
        var output = EngineOutput(), profile = JSONObject()
        let due = try #require(summary.due)
        engine.handle(
            .timer(instance: "abc", due: due), at: due, now: due, traveler: &traveler, profile: &profile, into: &output)
        #expect(output.counts[.timedOut] + output.counts[.finished] + output.counts[.passed] > 0)
    }

    @Test("Ids and draws are a hash of what brought the instance into being")
    func ids() {
        let plan = plan(Self.waiting)
        func id(_ event: String) -> String {
            let story = Story(plan)
            story.event("orderPlaced", id: event)
            return story.instance
        }
        #expect(id("e-1") == id("e-1"))
        #expect(id("e-1") != id("e-2"))
        #expect(id("e-1").utf8.count == 32)
    }

    @Test("A field that nobody can read is left alone, and its timer is asked again later")
    func unreadable() {
        let engine = Story.engine([.init(plan: plan(Self.waiting), state: .live)])
        for text in ["{", "{\"journey\":\"welcome\",\"version\":1,\"entered\":5,\"phase\":\"listening\",\"node\":\"gone\"}", "{\"journey\":\"other\",\"version\":1,\"entered\":5,\"phase\":\"listening\"}"] {
            var traveler = Traveler(person: Story.person, fields: [("i:abc", Array(text.utf8))]), output = EngineOutput(), profile = JSONObject()
            engine.handle(.timer(instance: "abc", due: 9), at: 9, now: 9, traveler: &traveler, profile: &profile, into: &output)
            #expect(output.effects == [.setTimer(instance: "abc", due: 60_009)])
            engine.handle(
                .event(PersonEvent(id: "e", person: Story.person, events: ["clicked"], payload: [:])), at: 9, now: 9,
                traveler: &traveler, profile: &profile, into: &output)
            #expect(traveler.takeChanges() == nil)
        }
    }

    @Test("The profile is asked for only where a plan may read it")
    func needsProfile() {
        let reading = plan(Self.entry + ##", {"id": "a", "type": "condition", "paths": [{"when": "#{profile.x} == 1"}]}"##, name: "reading")
        let journeys = JourneySet([.init(plan: plan(Self.waiting), state: .live), .init(plan: reading, state: .live)])
        func event(_ name: String) -> EngineStimulus {
            .event(PersonEvent(id: "e", person: Story.person, events: [name], payload: [:]))
        }
        #expect(journeys.needsProfile(for: event("orderPlaced"), traveler: nil))
        #expect(!journeys.needsProfile(for: event("clicked"), traveler: nil))
        #expect(journeys.needsProfile(for: .timer(instance: "x", due: 1), traveler: nil))
        #expect(!journeys.needsProfile(for: .timer(instance: "x", due: 1), traveler: Traveler(person: Story.person)))
    }

    @Test(
        "While an action is under way the profile is asked for only where a node that may follow reads it",
        arguments: [
            (##"{"id": "b", "type": "wait", "for": "PT1H"}"##, false),
            (##"{"id": "b", "type": "condition", "paths": [{"when": "#{profile.x} == 1"}]}"##, true),
            (##"{"id": "b", "type": "updateProfile", "field": "x", "value": "2"}"##, true),
            (##"{"id": "b", "type": "jump", "journey": "other"}"##, true),
            (##"{"id": "b", "type": "wait", "for": "PT1H", "next": "a"}"##, true),
        ])
    func needsProfileAhead(follower: String, isNeeded: Bool) throws {
        let acting = plan(
            Self.entry
                + ##", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "toString(#{profile.x})"}, "next": "b"}, "##
                + follower, name: "acting")
        let journeys = JourneySet([.init(plan: plan(Self.waiting), state: .live), .init(plan: acting, state: .live)])
        var traveler = Traveler(person: Story.person), output = EngineOutput(), profile: JSONObject = ["x": 7]
        Story.engine([.init(plan: acting, state: .live)]).handle(
            .event(PersonEvent(id: "e", person: Story.person, events: ["orderPlaced"], payload: [:])), at: 1, now: 1,
            traveler: &traveler, profile: &profile, into: &output)
        let instance = try #require(traveler.instanceIDs.first)
        let answer = ActionResult(succeeded: true, status: "http_200", response: .null, attempts: [])
        let outcome = EngineStimulus.outcome(
            Outcome(
                id: "r", person: Story.person, instance: instance, durationMilliseconds: 1, result: .action(answer)))
        #expect(journeys.needsProfile(for: outcome, traveler: traveler) == isNeeded)
        #expect(journeys.needsProfile(for: outcome, traveler: nil))
    }
}
