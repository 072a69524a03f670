import Models
import Testing

@testable import Engine

@Suite("Versions without a plan")
struct BrokenVersionTests {
    private static let nodes = ##"""
        {"id": "in", "type": "event", "event": "orderPlaced", "next": "say"},
        {"id": "say", "type": "action", "action": "sms", "parameters": {"to": "\"x\""}, "next": "wait", "onError": {"next": "bad"}},
        {"id": "wait", "type": "event", "event": "clicked", "timeout": "PT30M", "next": "fine", "onTimeout": {"next": "late"}},
        {"id": "fine", "type": "end"}, {"id": "late", "type": "end"}, {"id": "bad", "type": "end"}
        """##

    private static func broken(
        version: Int64 = 1, state: JourneySet.State = .live, properties: String = "{}"
    ) -> JourneySet.Broken {
        JourneySet.Broken(
            journey(nodes, properties: properties), journey: "welcome", version: version, state: state,
            reasons: ["the action sms is missing"])
    }

    private static func set(_ members: [JourneySet.Member] = [], broken: JourneySet.Broken...) -> JourneySet {
        JourneySet(members, broken: broken)
    }

    private static func use(_ story: Story, _ journeys: JourneySet) {
        story.engine = Engine(journeys: journeys, deployment: HashKey(first: 1, second: 2), partition: 3)
    }

    @Test(
        "Whoever would enter it is refused, on record and with the reason",
        arguments: [
            (JourneySet.State.live, "notCompiled"), (.paused(onAction: .hold), "paused"), (.closed, "notLive"),
        ])
    func refusal(state: JourneySet.State, reason: String) {
        let story = Story()
        Self.use(story, Self.set(broken: Self.broken(state: state)))
        story.event("orderPlaced")
        story.event("orderPlaced")
        story.event("delivered")
        #expect(story.reasons == [reason, reason] && story.entered.isEmpty)
        #expect(story.refusals.map(\.event) == ["e-1", "e-2"])
    }

    @Test("An older version that compiles is not entered in the place of a broken one")
    func older() {
        let story = Story()
        Self.use(
            story, Self.set([.init(plan: plan(Self.nodes), state: .closed)], broken: Self.broken(version: 2)))
        story.event("orderPlaced")
        #expect(story.reasons == ["notCompiled"])
    }

    @Test("A broken version that is not the newest keeps nobody from entering")
    func newer() {
        let story = Story()
        Self.use(
            story,
            Self.set([.init(plan: plan(Self.nodes, version: 2), state: .live)], broken: Self.broken(state: .closed)))
        story.event("orderPlaced")
        #expect(story.entered.count == 1 && story.reasons.isEmpty)
    }

    @Test("Who is inside waits at no timer longer than a minute, and goes on when it is mended")
    func waiting() {
        let story = Story(plan(Self.nodes))
        story.event("orderPlaced")
        story.perform()
        #expect(story.node == "wait")
        Self.use(story, Self.set(broken: Self.broken()))
        story.advance(by: 31 * 60_000)
        #expect(story.status == nil && (story.due() ?? .max) - (story.clock - Story.start) <= 60_000)
        Self.use(story, Self.set([.init(plan: plan(Self.nodes), state: .live)]))
        story.advance(by: 60_000)
        #expect(story.told.suffix(3) == ["wait>onTimeout!timeout", "late", "left finished"] || story.status == "finished")
        #expect(story.told.contains { $0.hasPrefix("late") })
    }

    @Test("A goal that is reached meanwhile is counted when it is mended, once")
    func goal() {
        let goal = #"{"goal": {"event": "delivered"}}"#
        let story = Story(plan(Self.nodes, properties: goal))
        story.event("orderPlaced")
        story.perform()
        Self.use(story, Self.set(broken: Self.broken(properties: goal)))
        story.event("delivered")
        #expect(story.counts["goal"] == nil)
        Self.use(story, Self.set([.init(plan: plan(Self.nodes, properties: goal), state: .live)]))
        story.advance(by: 60_000)
        #expect(story.counts["goal"] == 1)
        story.event("delivered")
        #expect(story.counts["goal"] == 1)
    }

    @Test("An outcome that comes meanwhile is taken when it is mended, not lost")
    func outcome() {
        let story = Story(plan(Self.nodes))
        story.event("orderPlaced")
        Self.use(story, Self.set(broken: Self.broken()))
        story.perform()
        #expect(story.fields["a:" + story.instance] != nil)
        #expect(story.due().map { $0 - (story.clock - Story.start) } == 60_000)
        story.advance(by: 5 * 60_000)
        Self.use(story, Self.set([.init(plan: plan(Self.nodes), state: .live)]))
        story.advance(by: 60_000)
        #expect(story.node == "wait" && story.fields["a:" + story.instance] == nil)
    }

    @Test("Events that come meanwhile are on record, and are taken in order when it is mended")
    func events() {
        let exits = #"{"exit": [{"event": "cancelled"}]}"#
        let story = Story(plan(Self.nodes, properties: exits))
        story.event("orderPlaced")
        Self.use(story, Self.set(broken: Self.broken(properties: exits)))
        story.perform()
        story.event("clicked")
        story.event("cancelled")
        story.event("delivered")
        #expect(story.reasons == ["notCompiled", "notCompiled"])
        let inside = story.instance
        Self.use(story, Self.set([.init(plan: plan(Self.nodes, properties: exits), state: .live)]))
        // It comes before what was kept was taken, and is taken after it.
        story.event("clicked")
        #expect(story.status == nil)
        story.advance(by: 60_000)
        #expect(story.told(of: inside).contains("wait>next") && story.status == "finished", "\(story.told)")
        #expect(story.fields["a:" + inside] == nil)
    }

    @Test("Past the bound the oldest event makes room, and no outcome does")
    func bound() throws {
        let story = Story(plan(Self.nodes))
        story.event("orderPlaced")
        Self.use(story, Self.set(broken: Self.broken()))
        story.perform()
        for _ in 0..<20 { story.event("clicked", after: 1) }
        let items = try #require(JSONValue.parse(story.fields["a:" + story.instance] ?? []).arrayValue)
        #expect(items.count == 16 && items[0]["kind"] == "outcome" && items.last?["id"] == "e-21")
        #expect(story.counts["bufferFull"] == 5)
    }

    @Test("A jump into a broken version is a refusal there and a success here")
    func jump() {
        let jumping = ##"""
            {"id": "in", "type": "event", "event": "clicked", "next": "j"},
            {"id": "j", "type": "jump", "journey": "welcome", "next": "done"}, {"id": "done", "type": "end"}
            """##
        let document = journey(jumping, name: "leads")
        let facts = [JourneyFacts(journey(Self.nodes), isLive: true)]
        let compiled = Plan.compile(document, version: 1, catalogue: Configuration.catalogue.with(journeys: facts))
        guard let plan = compiled.plan else { return #expect(Bool(false), "\(compiled.findings.map(\.json.text))") }
        let story = Story(plan)
        Self.use(story, Self.set([.init(plan: plan, state: .live)], broken: Self.broken()))
        story.event("clicked")
        #expect(story.status == "finished" && story.reasons == ["notCompiled"])
    }
}
