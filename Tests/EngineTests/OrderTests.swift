import Engine
import Models
import Testing

@Suite("Order of a stimulus")
struct OrderTests {
    static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    static let waiting =
        #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}, {"id": "a", "type": "wait", "for": "P1D"}"#

    // MARK: Exit

    @Test("An exit event ends the instance wherever it is, before the event could move it")
    func exit() {
        let story = Story(
            plan(
                Self.entry
                    + #", {"id": "a", "type": "event", "event": "cancelled", "next": "b"}, {"id": "b", "type": "end"}"#,
                properties: #"{"exit": [{"event": "cancelled"}]}"#))
        story.event("orderPlaced")
        story.event("cancelled")
        #expect(story.told == ["entered", "in>next", "left exited(exit)"])
        #expect(story.timers.isEmpty)
    }

    @Test("The outcome of an action pending at exit is noted, moves nothing, and then all is forgotten")
    func lateOutcome() {
        let story = Story(
            plan(
                Self.entry
                    + #", {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "wait", "for": "P1D"}"#,
                properties: #"{"exit": [{"event": "cancelled"}], "reentrance": {"after": "PT0S"}}"#))
        story.event("orderPlaced")
        story.event("cancelled")
        #expect(story.phase == "ended")
        #expect(story.fieldChanges?.expiresAt == story.clock + 86_400_000)
        let effects = story.perform()
        #expect(story.told.suffix(3) == ["left exited(exit)", "attempt(http_200)", "noted(outcome)"])
        #expect(!effects.contains { if case .dispatch = $0 { true } else { false } })
        #expect(story.fields.isEmpty)
    }

    @Test("Someone who left while a request was pending may enter again, and the old outcome stays apart")
    func reenterAfterExit() {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "action", "action": "ping"}"#,
                properties: #"{"exit": [{"event": "cancelled"}], "reentrance": {"after": "PT0S"}}"#))
        story.event("orderPlaced")
        story.event("cancelled")
        story.event("orderPlaced")
        #expect(story.entered.count == 2)
        let (old, new) = (story.actions[0], story.actions[1])
        story.complete(old)
        #expect(story.statuses[story.entered[1]] == nil)
        story.complete(new)
        #expect(story.statuses[story.entered[1]] == "finished")
    }

    // MARK: Instances, then entries

    @Test("Instances move oldest entry first")
    func oldestFirst() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}, {"id": "a", "type": "event", "event": "clicked"}"#,
                name: "zoo"),
            plan(
                #"{"id": "in", "type": "event", "event": "delivered", "next": "a"}, {"id": "a", "type": "event", "event": "clicked"}"#,
                name: "art"))
        story.event("orderPlaced")
        story.event("delivered")
        let effects = story.event("clicked")
        let left = effects.compactMap { if case .left(let journey, _, _, _) = $0 { journey } else { nil } }
        #expect(left == ["zoo", "art"])
    }

    @Test("An event that moved an instance does not enter the same journey again")
    func consumed() {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "event", "event": "orderPlaced"}"#,
                properties: #"{"reentrance": {"after": "PT0S"}}"#))
        story.event("orderPlaced")
        story.event("orderPlaced")
        #expect(story.entered.count == 1)
        #expect(story.status == "finished")
        #expect(story.reasons.isEmpty)
        story.event("orderPlaced")
        #expect(story.entered.count == 2)
    }

    @Test("An event that moved one instance may enter under another instance key")
    func otherKey() {
        let story = Story(
            plan(
                Self.entry
                    + #", {"id": "a", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.total} > 5"}"#,
                properties: #"{"instanceKey": "@event{orderPlaced.order.id}"}"#))
        story.event("orderPlaced", payload: ["order": ["id": "1", "total": 1]])
        story.event("orderPlaced", payload: ["order": ["id": "2", "total": 9]])
        #expect(story.statuses[story.entered[0]] == "finished")
        #expect(story.entered.count == 2)
    }

    // MARK: Refusals

    @Test(
        "Reasons not to enter come in their order",
        arguments: [
            ("{}", JourneySet.State.closed, Int64(1), "notLive"), ("{}", .stopped, 1, "notLive"),
            (#"{"startAt": "2026-01-01T01:00:00Z"}"#, .live, 1, "notStarted"),
            (#"{"endAt": "2026-01-01T01:00:00Z"}"#, .live, 3_600_000, "ended"),
            (#"{"startAt": "2026-01-01T01:00:00", "timezone": "Europe/Paris"}"#, .live, 0, ""),
            (#"{"endAt": "2026-01-01T01:00:00Z"}"#, .closed, 3_600_000, "notLive"),
        ])
    func windows(properties: String, state: JourneySet.State, at: Int64, reason: String) {
        let story = Story()
        story.use(.init(plan: plan(Self.waiting, properties: properties), state: state))
        story.event("orderPlaced", after: at)
        #expect(story.reasons == (reason.isEmpty ? [] : [reason]))
        #expect(story.entered.count == (reason.isEmpty ? 1 : 0))
    }

    @Test("A filter that is false is only counted, one that fails is kept as a reason")
    func filters() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.total} > 5", "next": "a"}, {"id": "a", "type": "wait", "for": "P1D"}"#
            ),
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "toInteger(@event{orderPlaced.order.total}) * 9223372036854775807 > 5"}"#,
                name: "broken"))
        let effects = story.event("orderPlaced", payload: ["order": ["total": 3]])
        #expect(story.counts["refused.filterFalse"] == 1)
        #expect(story.refusals.count == 1)
        #expect(story.refusals.first?.reasons == [.init(journey: "broken", version: 1, reason: "filterError")])
        let record = effects.compactMap { if case .record(let record) = $0 { record } else { nil } }
        #expect(record.map(\.instance) == [nil])
        #expect(record.first?.events.map(\.step) == [0])
        #expect(record.first?.events.map(\.code) == ["filterError"])
    }

    @Test("A person without identity enters nothing")
    func noIdentity() {
        let engine = Story.engine([.init(plan: plan(Self.waiting), state: .live)])
        var traveler = Traveler(person: Person(namespace: "crmId", id: "")), output = EngineOutput(),
            profile = JSONObject()
        engine.handle(
            .event(PersonEvent(id: "e", person: traveler.person, events: ["orderPlaced"], payload: [:])), at: 1, now: 1,
            traveler: &traveler, profile: &profile, into: &output)
        #expect(output.counts[.noIdentity] == 1)
        #expect(traveler.isEmpty)
    }

    @Test("One place at a time, over all versions; inside goes before re-entrance")
    func alreadyInside() {
        let first = plan(Self.waiting, version: 1), second = plan(Self.waiting, version: 2)
        let story = Story(first)
        story.event("orderPlaced")
        story.use(.init(plan: first, state: .closed), .init(plan: second, state: .live))
        story.event("orderPlaced")
        #expect(story.refusals.last?.reasons == [.init(journey: "welcome", version: 2, reason: "alreadyInside")])
        story.advance(by: 86_400_000)
        #expect(story.status == "finished")
        story.event("orderPlaced")
        #expect(story.entered.count == 2)
    }

    @Test("Re-entrance may be off, or wait from the last entry on")
    func reentrance() {
        let off = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced"}"#,
                properties: #"{"reentrance": {"allowed": false}}"#))
        off.event("orderPlaced")
        off.event("orderPlaced", after: 1_000_000_000)
        #expect(off.reasons == ["reentranceOff"])
        #expect(off.fieldChanges?.expiresAt == nil, "it is remembered for ever")
        let after = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced"}"#,
                properties: #"{"reentrance": {"after": "PT1H"}}"#))
        after.event("orderPlaced")
        after.event("orderPlaced", after: 3_599_999)
        #expect(after.reasons == ["reentranceTooSoon"])
        after.event("orderPlaced", after: 1)
        #expect(after.entered.count == 2)
        let plain = Story(plan(#"{"id": "in", "type": "event", "event": "orderPlaced"}"#))
        plain.event("orderPlaced")
        plain.event("orderPlaced", after: 299_999)
        #expect(plain.reasons == ["reentranceTooSoon"], "five minutes unless said otherwise")
    }

    @Test("A person has at most so many instances at once")
    func tooMany() {
        var limits = EngineLimits()
        limits.instancesMax = 2
        let story = Story(
            plan(Self.waiting, properties: #"{"instanceKey": "@event{orderPlaced.order.id}"}"#), limits: limits)
        for number in 1...3 { story.event("orderPlaced", payload: ["order": ["id": JSONValue(String(number))]]) }
        #expect(story.entered.count == 2)
        #expect(story.reasons == ["tooMany"])
    }

    @Test("All reasons of one event are one record")
    func oneRecord() {
        let story = Story()
        story.use(
            .init(plan: plan(Self.waiting, name: "a"), state: .closed),
            .init(plan: plan(Self.waiting, name: "b"), state: .closed))
        story.event("orderPlaced", id: "e-9")
        #expect(story.refusals.count == 1)
        #expect(story.refusals[0].event == "e-9")
        #expect(story.refusals[0].reasons.map(\.journey) == ["a", "b"])
    }

    // MARK: The index of entries

    @Test("Of many journeys whose filters name a constant only those with the event's are looked at")
    func index() {
        let members = (0..<50).map { number in
            JourneySet.Member(
                plan: plan(
                    #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.city} == 'c\#(number)'"}"#,
                    name: "j\(number)"), state: .live)
        }
        let story = Story()
        story.engine = Story.engine(members)
        let effects = story.event("orderPlaced", payload: ["order": ["city": "c7"]])
        #expect(effects.contains { if case .entered("j7", 1, _, _) = $0 { true } else { false } })
        #expect(story.entered.count == 1)
        #expect(story.counts["refused.filterFalse"] == 49)
        story.event("orderPlaced")
        #expect(story.counts["refused.filterFalse"] == 99)
    }

    @Test("A journey before its start says so, though its filter's constant rules it out too")
    func indexAndWindow() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.city} == 'x'"}"#,
                properties: #"{"startAt": "2027-01-01"}"#))
        story.event("orderPlaced", payload: ["order": ["city": "y"]])
        #expect(story.reasons == ["notStarted"])
    }

    @Test("Whom a filter is not for is counted by journey, also where its constant rules the journey out unseen")
    func tallies() {
        func filtered(_ name: String, _ filter: String) -> Plan {
            plan(
                #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "\#(filter)", "next": "w"}, "#
                    + #"{"id": "w", "type": "wait", "for": "P1D"}"#,
                properties: #"{"reentrance": {"after": "PT0S"}}"#, name: name)
        }
        let story = Story(
            filtered("large", "@event{orderPlaced.order.total} > 100"),
            filtered("paris", "@event{orderPlaced.order.city} == 'Paris'"),
            filtered("rome", "@event{orderPlaced.order.city} == 'Rome' and @event{orderPlaced.order.total} > 5"))
        story.event("orderPlaced", payload: ["order": ["total": 1, "city": "Paris"]])
        story.event("orderPlaced", payload: ["order": ["total": 1, "city": "Rome"]])
        story.event("orderPlaced", payload: ["order": ["total": 200, "city": "Oslo"]])
        #expect(story.tallies == ["large filterFalse": 2, "paris filterFalse": 2, "rome filterFalse": 3])
        #expect(story.counts["refused.filterFalse"] == 7)
        #expect(story.entered.count == 2)
    }
}
