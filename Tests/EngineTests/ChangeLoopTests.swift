import Engine
import Models
import Testing

/// Journeys that undo each other's changes of the profile: a chain of audience changes that one stimulus caused.
@Suite("Chains of audience changes")
struct ChangeLoopTests {
    /// What lies between an audience change and the update that is the next one.
    enum Between: String, CaseIterable {
        case nothing, action, failedAction, lookup, jump, shortWait, reaction
    }

    static let properties = #"{"reentrance": {"after": "PT0S"}}"#

    private static func between(_ kind: Between) -> String {
        switch kind {
        case .nothing, .jump: ""
        case .action: #"{"id": "a", "type": "action", "action": "ping", "next": "u"}, "#
        case .failedAction: #"{"id": "a", "type": "action", "action": "ping", "onError": {"next": "u"}}, "#
        case .lookup:
            ##"{"id": "a", "type": "condition", "paths": [{"label": "x", "when": "#{loyalty.account.points, params: {memberId: 'a'}} > 1", "next": "u"}]}, "##
        case .shortWait: #"{"id": "a", "type": "wait", "for": "PT50S", "next": "u"}, "#
        case .reaction:
            #"{"id": "a", "type": "email", "content": {"subject": "s", "text": "t"}, "next": "r"}, {"id": "r", "type": "reaction", "to": "a", "reaction": "opened", "next": "u"}, "#
        }
    }

    /// Answers a change of the audience by its contrary.
    private static func contrary(_ name: String, _ change: String, _ value: Bool, _ between: String) -> Plan {
        plan(
            #"{"id": "in", "type": "audience", "audience": "gold", "change": "\#(change)", "next": "\#(between.isEmpty ? "u" : "a")"}, "#
                + between + #"{"id": "u", "type": "updateProfile", "field": "gold", "value": "\#(value)"}"#,
            properties: properties, name: name)
    }

    private static func start() -> Plan {
        plan(
            #"{"id": "in", "type": "event", "event": "clicked", "next": "u"}, {"id": "u", "type": "updateProfile", "field": "gold", "value": "true"}"#,
            properties: properties, name: "start")
    }

    /// The owner's part: a changed profile is a change of the audience, which goes on in the chain of its cause.
    /// - Returns: how many there were.
    private func play(_ story: Story, rounds: Int, _ act: () -> Void) -> Int {
        var wasGold = false
        var moves = 0
        for _ in 0..<rounds {
            let isGold = story.profile["gold"] == true
            if isGold != wasGold {
                wasGold = isGold
                moves += 1
                let chain = story.changes + 1
                story.advance(by: 1)
                story.handle(
                    .audience(
                        AudienceMove(
                            id: "m-\(moves)", person: Story.person, audience: "gold",
                            change: isGold ? .entered : .exited, chain: chain)))
            }
            act()
        }
        return moves
    }

    private func act(_ story: Story, _ kind: Between) {
        switch kind {
        case .nothing, .jump: break
        case .action: if !story.actions.isEmpty { story.perform() }
        case .failedAction: if !story.actions.isEmpty { story.perform("http_500") }
        case .lookup: if !story.fetches.isEmpty { story.answer(["points": 5]) }
        case .shortWait: story.advance(by: 50_000)
        case .reaction:
            guard let message = story.messages.first else { return }
            story.complete(message.id, of: message.origin.instance)
            story.handle(
                .reaction(
                    Reaction(
                        id: "r", person: Story.person, instance: message.origin.instance, request: message.id,
                        reaction: .opened)))
        }
    }

    @Test("The eleventh change of a chain is refused, whatever lies between", arguments: Between.allCases)
    func loop(kind: Between) {
        let between = Self.between(kind)
        var plans = [
            Self.start(), Self.contrary("cool", "entered", false, between),
            Self.contrary("heat", "exited", true, between),
        ]
        if kind == .jump {
            plans[1] = plan(
                #"{"id": "in", "type": "audience", "audience": "gold", "change": "entered", "next": "j"}, {"id": "j", "type": "jump", "journey": "other"}"#,
                properties: Self.properties, name: "cool")
            plans.append(
                plan(
                    #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "u"}, {"id": "u", "type": "updateProfile", "field": "gold", "value": "false"}"#,
                    properties: Self.properties, name: "other"))
        }
        let story = Story()
        story.engine = Story.engine(plans.map { .init(plan: $0, state: .live) })
        story.event("clicked")
        let moves = play(story, rounds: 40) { act(story, kind) }
        #expect(moves == 11)
        #expect(story.reasons == ["changeLoop"])
        #expect(story.refusals.first?.event == "m-11")
        #expect(story.counts["refused.changeLoop"] == 1)
    }

    @Test("A wait of minutes begins another chain")
    func longWait() {
        let wait = #"{"id": "a", "type": "wait", "for": "PT2M", "next": "u"}, "#
        let story = Story()
        story.engine = Story.engine(
            [Self.start(), Self.contrary("cool", "entered", false, wait), Self.contrary("heat", "exited", true, wait)]
                .map { .init(plan: $0, state: .live) })
        story.event("clicked")
        #expect(play(story, rounds: 30) { story.advance(by: 120_000) } == 30)
        #expect(story.reasons.isEmpty)
    }

    @Test("What comes from outside after more than a minute begins another chain", arguments: [Between.reaction, .action])
    func late(kind: Between) {
        let between = Self.between(kind)
        let story = Story()
        story.engine = Story.engine(
            [
                Self.start(), Self.contrary("cool", "entered", false, between),
                Self.contrary("heat", "exited", true, between),
            ].map { .init(plan: $0, state: .live) })
        story.event("clicked")
        let moves = play(story, rounds: 30) {
            story.advance(by: 61_000)
            act(story, kind)
        }
        #expect(moves == 30 && story.reasons.isEmpty)
    }

    @Test("An event begins another chain")
    func event() {
        let wait = #"{"id": "a", "type": "event", "event": "delivered", "next": "u"}, "#
        let story = Story()
        story.engine = Story.engine(
            [Self.start(), Self.contrary("cool", "entered", false, wait), Self.contrary("heat", "exited", true, wait)]
                .map { .init(plan: $0, state: .live) })
        story.event("clicked")
        #expect(play(story, rounds: 30) { story.event("delivered") } == 30)
        #expect(story.reasons.isEmpty)
    }

    @Test("A change that was kept while the instance was busy keeps its place in the chain")
    func kept() {
        let story = Story(
            plan(
                #"{"id": "in", "type": "event", "event": "clicked", "next": "a"}, {"id": "a", "type": "action", "action": "ping", "next": "b"}, {"id": "b", "type": "audience", "audience": "gold", "change": "entered", "next": "u"}, {"id": "u", "type": "updateProfile", "field": "gold", "value": "false"}"#
            ))
        story.event("clicked")
        story.handle(
            .audience(AudienceMove(id: "m", person: Story.person, audience: "gold", change: .entered, chain: 7)))
        story.perform()
        #expect(story.updates.count == 1 && story.changes == 7)
    }

    @Test("Past the bound who listens stays, and whom it would have moved is said; who exits by it leaves")
    func listeners() {
        let waiting =
            #"{"id": "in", "type": "event", "event": "clicked", "next": "b"}, {"id": "b", "type": "audience", "audience": "gold", "change": "entered"}"#
        let leaving = #"{"id": "in", "type": "event", "event": "clicked", "next": "w"}, {"id": "w", "type": "wait", "for": "P1D"}"#
        let story = Story(
            plan(waiting, name: "waiting"),
            plan(leaving, properties: #"{"exit": [{"audience": "gold", "change": "entered"}]}"#, name: "leaving"),
            plan(leaving, name: "idle"))
        story.event("clicked")
        #expect(story.entered.count == 3)
        story.handle(
            .audience(AudienceMove(id: "m", person: Story.person, audience: "gold", change: .entered, chain: 11)))
        #expect(story.statuses.values.sorted() == ["exited"])
        #expect(story.refusals.flatMap(\.reasons).map { "\($0.journey) \($0.reason)" } == ["waiting changeLoop"])
        story.handle(
            .audience(AudienceMove(id: "n", person: Story.person, audience: "gold", change: .entered, chain: 10)))
        #expect(story.statuses.values.sorted() == ["exited", "finished"])
    }
}
