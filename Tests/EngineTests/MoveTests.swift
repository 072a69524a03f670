import Engine
import Models
import Testing

/// Going over to another version: nobody is ended by it, and no request has the id of another.
@Suite("Moving to another version")
struct MoveTests {
    private func moved(_ story: Story, from one: Plan, to two: Plan) {
        story.use(.init(plan: one, state: .closed), .init(plan: two, state: .live))
        story.handle(.move(instance: story.instance, to: two.version, cause: "m"))
    }

    private static let waiting =
        #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D", "next": "tell"}, {"id": "tell", "type": "action", "action": "ping", "maxVisits": 1}"#

    @Test("A node that nobody came to yet is come to for the first time")
    func notYet() {
        let one = plan(Self.waiting), two = plan(Self.waiting, version: 2)
        let story = Story(one)
        story.event("orderPlaced")
        moved(story, from: one, to: two)
        #expect(story.told.last == "moved")
        story.advance(by: 86_400_000)
        #expect(story.actions.map(\.id) == ["\(story.instance):tell:1"])
        story.perform()
        #expect(story.status == "finished")
    }

    @Test("A move costs no round of a loop")
    func rounds() {
        let nodes =
            #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D", "next": "a"}, {"id": "a", "type": "action", "action": "ping", "maxVisits": 3, "next": "w"}"#
        func acts(isMoved: Bool) -> [String] {
            let one = plan(nodes), two = plan(nodes, version: 2)
            let story = Story(one)
            story.event("orderPlaced")
            var ids: [String] = []
            if isMoved { moved(story, from: one, to: two) }
            for _ in 0..<5 {
                story.advance(by: 86_400_000)
                ids += story.actions.map { String($0.id.dropFirst(33)) }
                if !story.actions.isEmpty { story.perform() }
            }
            #expect(story.told.last == "left error(maxVisits)")
            return ids
        }
        #expect(acts(isMoved: false) == ["a:1", "a:2", "a:3"])
        #expect(acts(isMoved: true) == ["a:1", "a:2", "a:3"])
    }

    @Test("A node that was perhaps passed gets another id, and its limit is not used up")
    func passed() {
        let entry = #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "tell"}, "#
        let one = plan(
            entry + #"{"id": "tell", "type": "action", "action": "ping", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#)
        let two = plan(
            entry + #"{"id": "tell", "type": "action", "action": "ping", "maxVisits": 1, "next": "w"}, {"id": "w", "type": "wait", "for": "P1D", "next": "tell"}"#,
            version: 2)
        let story = Story(one)
        story.event("orderPlaced")
        #expect(story.actions.map(\.id) == ["\(story.instance):tell:1"])
        story.perform()
        moved(story, from: one, to: two)
        story.advance(by: 86_400_000)
        #expect(story.actions.map(\.id) == ["\(story.instance):tell:2"])
        story.perform()
        story.advance(by: 86_400_000)
        #expect(story.told.last == "left error(maxVisits)")
    }

    @Test("Who acts, looks up or is held goes on with the same request", arguments: ["acting", "lookingUp", "held"])
    func busy(phase: String) {
        let lookup = phase == "lookingUp" ? "toString(#{loyalty.account.points, params: {memberId: 'x'}})" : "'x'"
        let nodes =
            ##"{"id": "in", "type": "event", "event": "orderPlaced", "next": "w"}, {"id": "w", "type": "wait", "for": "PT1H", "next": "tell"}, {"id": "tell", "type": "action", "action": "sms", "maxVisits": 1, "parameters": {"to": "'1'", "text": "\##(lookup)"}}"##
        let one = plan(nodes), two = plan(nodes, version: 2)
        let story = Story(one)
        story.event("orderPlaced")
        if phase == "held" { story.use(.init(plan: one, state: .paused(onAction: .hold))) }
        story.advance(by: 3_600_000)
        #expect(story.phase == phase)
        moved(story, from: one, to: two)
        #expect(story.phase == phase)
        if phase == "lookingUp" { story.answer(["points": 5]) }
        if phase == "held" { story.handle(.release(instance: story.instance, cause: "r")) }
        #expect(story.actions.map(\.id) == ["\(story.instance):tell:1"])
        story.perform()
        #expect(story.status == "finished")
    }

    @Test(
        "Whose time would be over by the other version stays on theirs, with the reason",
        arguments: [
            (#"{"globalTimeout": "PT1H"}"#, "globalTimeout"), (#"{"endAt": "2026-01-01T01:00:00Z"}"#, "journeyEnded"),
        ])
    func over(properties: String, reason: String) {
        let one = plan(Self.waiting), two = plan(Self.waiting, properties: properties, version: 2)
        let story = Story(one)
        story.event("orderPlaced")
        story.advance(by: 7_200_000)
        moved(story, from: one, to: two)
        #expect(story.told.last == "moved(\(reason))")
        #expect(story.status == nil)
        story.advance(by: 86_400_000)
        #expect(story.phase == "acting")
    }

    @Test("A deadline that runs goes on running")
    func deadline() {
        let one = plan(Self.waiting)
        let two = plan(Self.waiting.replacing("P1D", with: "PT20S"), version: 2)
        let story = Story(one)
        story.event("orderPlaced")
        moved(story, from: one, to: two)
        #expect(story.due() == 86_400_001)
    }
}

/// A journey made anew under an old name is another one.
@Suite("Journeys made anew")
struct AnewTests {
    static let once = #"{"reentrance": {"allowed": false}}"#
    static let keyed = #"{"reentrance": {"allowed": false}, "instanceKey": "@event{orderPlaced.order.id}"}"#

    @Test("Who entered the old one may enter, once", arguments: [once, keyed])
    func enters(properties: String) {
        let nodes = #"{"id": "in", "type": "event", "event": "orderPlaced"}"#
        let story = Story(plan(nodes, properties: properties))
        story.event("orderPlaced", payload: ["order": ["id": "o"]])
        story.event("orderPlaced", payload: ["order": ["id": "o"]])
        #expect(story.reasons == ["reentranceOff"])
        story.use(.init(plan: plan(nodes, properties: properties, version: 8), state: .live, origin: 7))
        story.event("orderPlaced", payload: ["order": ["id": "o"]])
        story.event("orderPlaced", payload: ["order": ["id": "o"]])
        #expect(story.entered.count == 2)
        #expect(story.reasons == ["reentranceOff", "reentranceOff"])
        #expect(story.fields.keys.sorted() == [properties == Self.keyed ? "e:welcome@7:o" : "e:welcome@7"])
    }

    @Test("While no journey has the name its entries stay")
    func unknown() {
        let nodes = #"{"id": "in", "type": "event", "event": "orderPlaced"}"#
        let story = Story(plan(nodes, properties: Self.once))
        story.event("orderPlaced")
        story.use(.init(plan: plan(nodes, name: "other"), state: .live))
        story.event("orderPlaced")
        #expect(story.fields.keys.contains("e:welcome"))
    }
}
