import Engine
import Models
import Testing

@Suite("What an event met")
struct SeenEventTests {
    private static let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "a"}"#
    private static let waiting = #", {"id": "a", "type": "wait", "for": "P1D"}"#
    private static let acting =
        #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}, "next": "b"}"#
    private static let match = #""match": "@event{delivered.order.id} == @event{orderPlaced.order.id}""#

    private func order(_ id: String, total: JSONValue = 1) -> JSONValue { ["order": ["id": .string(id), "total": total]] }

    @Test("An event that a journey takes elsewhere than where the person is, is not listened to")
    func notListening() {
        let story = Story(
            plan(
                Self.entry + #", {"id": "a", "type": "wait", "for": "P1D", "next": "b"}"#
                    + #", {"id": "b", "type": "event", "event": "delivered"}"#))
        story.event("orderPlaced", id: "o")
        story.event("delivered", id: "d")
        #expect(story.looked(by: "o").isEmpty)
        #expect(story.looked(by: "d") == ["welcome* notListening"])
        #expect(story.seen.map(\.event.events) == [["orderPlaced"], ["delivered"]])
        #expect(story.seen.last?.event.looked.first?.instance == story.instance)
    }

    @Test(
        "A condition of the event that does not hold is the reason",
        arguments: [
            (#""filter": "@event{delivered.order.total} > 5""#, "filterFalse"), (Self.match, "matchFalse"),
            (#""filter": "@event{delivered.order.total} > 5", "# + Self.match, "filterFalse"),
            (#""filter": "@event{delivered.order.total} == 1", "# + Self.match, "matchFalse"),
        ])
    func refused(condition: String, reason: String) {
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "event", "event": "delivered", \#(condition)}"#))
        story.event("orderPlaced", payload: order("1"), id: "o")
        story.event("delivered", payload: order("2"), id: "d")
        #expect(story.looked(by: "d") == ["welcome* \(reason)"])
        #expect(story.phase == "listening")
    }

    @Test("A reason that has a record of its own is not said again")
    func recorded() {
        let broken = #""filter": "toInteger(@event{clicked.order.total}) * 9223372036854775807 > 5""#
        let story = Story(
            plan(Self.entry + #", {"id": "a", "type": "event", "event": "clicked", \#(broken)}"#))
        story.event("orderPlaced", id: "o")
        story.event("clicked", payload: order("1", total: 20), id: "c")
        story.event("orderPlaced", id: "again")
        #expect(story.reasons == ["filterError", "alreadyInside"])
        #expect(story.looked(by: "c").isEmpty && story.looked(by: "again").isEmpty)
    }

    @Test("An entry whose filter does not hold is said, one by one where it was looked at, else as a group")
    func entries() throws {
        func filtered(_ filter: String) -> String {
            #"{"id": "in", "type": "event", "event": "orderPlaced", "filter": "\#(filter)", "next": "a"}"# + Self.waiting
        }
        let story = Story(
            plan(filtered("@event{orderPlaced.order.total} > 5"), name: "large"),
            plan(filtered("@event{orderPlaced.order.city} == 'Rome'"), name: "rome"),
            plan(filtered("@event{orderPlaced.order.city} == 'Oslo'"), name: "oslo"),
            plan(filtered("@event{orderPlaced.order.city} == 'Oslo' and @event{orderPlaced.order.total} > 5"), name: "osloLarge"))
        story.event("orderPlaced", payload: ["order": ["city": "Oslo", "total": 1]], id: "o")
        #expect(story.looked(by: "o") == ["large filterFalse", "osloLarge filterFalse"])
        let group = try #require(story.seen.first?.event.ruledOut.first)
        #expect(group.count == 1)
        #expect(group.except.map(\.journey).sorted() == ["oslo", "osloLarge"])
    }

    @Test("An event that matches what nobody listens to is said all the same")
    func nobody() {
        let story = Story(plan(Self.entry + Self.waiting))
        story.event("clicked", id: "c")
        #expect(story.seen.map(\.stimulus) == ["c"])
        #expect(story.seen.first?.event == SeenEvent(events: ["clicked"]))
    }

    @Test("What a kept event moves names it: the record is its own, and the instance runs again all the same")
    func kept() throws {
        let flow = plan(
            Self.entry + Self.acting + #", {"id": "b", "type": "event", "event": "delivered", \#(Self.match), "next": "c"}"#
                + #", {"id": "c", "type": "wait", "for": "P1D"}"#,
            properties: #"{"history": "full"}"#)
        let story = Story(flow)
        story.event("orderPlaced", payload: order("1"), id: "o")
        story.event("delivered", payload: order("2"), id: "other")
        story.event("delivered", payload: order("1"), id: "right")
        #expect(story.looked(by: "other") == ["welcome* matchFalse"], "it can fit nothing, so it is not kept")
        #expect(story.looked(by: "right") == ["welcome* kept"])
        story.perform()
        #expect(story.node == "c")
        #expect(story.looked(by: "other") == ["welcome* matchFalse"])
        let nodes = story.records.map { record in
            (record.stimulus, record.events.filter { $0.kind == .node }.compactMap(\.node))
        }
        #expect(nodes.map(\.0) == ["o", "\(story.instance):a:1", "right"])
        #expect(nodes.map(\.1) == [["in"], ["a"], ["b"]])
        #expect(story.records.map { $0.input != nil } == [true, true, false])
        let found = try InstanceReplay.run(records: story.records, plans: [flow])
        #expect(InstanceReplay.difference(story.records, found) == nil)
    }

    @Test("A record of before, in which the kept event stood with what let the instance listen, runs again too")
    func keptBefore() throws {
        let flow = plan(
            Self.entry + Self.acting + #", {"id": "b", "type": "event", "event": "delivered", "next": "c"}"#
                + #", {"id": "c", "type": "end"}"#,
            properties: #"{"history": "full"}"#)
        let story = Story(flow)
        story.event("orderPlaced", payload: order("1"), id: "o")
        story.event("delivered", payload: order("1"), id: "right")
        story.perform()
        var joined = story.records
        joined[1].events += joined[2].events
        joined.remove(at: 2)
        let found = try InstanceReplay.run(records: joined, plans: [flow])
        #expect(InstanceReplay.difference(joined, found) == nil)
    }

    @Test("What came of a request whose instance is forgotten is on record, and moves nothing")
    func forgotten() throws {
        let story = Story(plan(Self.entry + #", {"id": "a", "type": "action", "action": "sms", "parameters": {"to": "'1'"}}"#))
        story.event("orderPlaced", id: "o")
        let request = try #require(story.actions.first)
        story.perform("http_500")
        #expect(story.status == "error")
        let result = ActionResult(
            succeeded: true, status: "http_200", response: .null,
            attempts: [.init(at: story.clock, milliseconds: 8, status: "http_200")])
        let effects = story.handle(
            .outcome(
                Outcome(
                    id: request.id, person: Story.person, instance: story.instance, journey: "welcome", version: 1,
                    durationMilliseconds: 9, result: .action(result))))
        let records = effects.compactMap { if case .record(let record) = $0 { record } else { nil } }
        #expect(records.count == 1 && effects.count == 1)
        let step = try #require(records.first?.events.first)
        #expect(records.first?.stimulus == request.id && records.first?.instance == story.instance)
        #expect(step.kind == .noted && step.step == 0)
        #expect(step.node == "a" && step.status == "ok" && step.code == "http_200")
    }
}
