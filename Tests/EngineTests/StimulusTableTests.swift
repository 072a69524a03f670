import Engine
import Models
import Testing

/// Each node at which an instance may stand, with each stimulus that may reach it.
@Suite("Each node with each stimulus")
struct StimulusTableTests {
    static let stimuli = [
        "clicked", "other", "exit", "goal", "gold", "silver", "opened", "bounced", "outcome", "late", "timer", "end",
        "release", "move", "moveGone", "admit", "trapped",
    ]

    /// What the instance says at each stimulus, in the order of `stimuli`; nothing: "".
    static let table: [(node: String, says: [String])] = [
        (
            "event",
            [
                "x>next", "", "left exited(exit)", "goal", "", "", "", "", "", "", "x>onTimeout!timedOut",
                "left stopped",
                "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "audience",
            [
                "", "", "left exited(exit)", "goal", "x>next", "", "", "", "", "", "left timedOut(globalTimeout)",
                "left stopped", "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "reaction",
            [
                "", "", "left exited(exit)", "goal", "", "", "x>next", "", "", "noted(outcome)", "x>onTimeout!timedOut",
                "left stopped", "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "wait",
            [
                "", "", "left exited(exit)", "goal", "", "", "", "", "", "", "x>next", "left stopped", "", "moved",
                "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "condition",
            [
                "", "", "left exited(exit)", "goal", "", "", "", "", "x>otherwise", "noted(outcome)",
                "x>onError!error(noOutcome)", "left stopped", "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "action",
            [
                "", "", "left exited(exit)", "goal", "", "", "", "", "x>next", "noted(outcome)",
                "x>onError!error(noOutcome)", "left stopped", "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "message",
            [
                "", "", "left exited(exit)", "goal", "", "", "", "", "x>next", "noted(outcome)",
                "x>onError!error(noOutcome)", "left stopped", "", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
        (
            "held",
            [
                "", "", "left exited(exit)", "goal", "", "", "", "", "", "", "left timedOut(globalTimeout)",
                "left stopped",
                "released", "moved", "moved(nodeGone)", "", "left error(trapped)",
            ]
        ),
    ]

    private static let nodes: [String: String] = [
        "event":
            #"{"id": "x", "type": "event", "event": "clicked", "timeout": "PT1H", "onTimeout": {"next": "z"}, "next": "z"}"#,
        "audience": #"{"id": "x", "type": "audience", "audience": "gold", "change": "entered", "next": "z"}"#,
        "reaction":
            #"{"id": "x", "type": "reaction", "to": "m", "reaction": "opened", "timeout": "PT1H", "onTimeout": {"next": "z"}, "next": "z"}"#,
        "wait": #"{"id": "x", "type": "wait", "for": "PT1H", "next": "z"}"#,
        "condition":
            ##"{"id": "x", "type": "condition", "paths": [{"when": "#{loyalty.account.points, params: {memberId: '1'}} > 5", "next": "z"}], "otherwise": {"next": "z"}, "onError": {"next": "z"}}"##,
        "action": #"{"id": "x", "type": "action", "action": "ping", "next": "z", "onError": {"next": "z"}}"#,
        "message": #"{"id": "x", "type": "email", "template": "t", "next": "z", "onError": {"next": "z"}}"#,
        "held": #"{"id": "x", "type": "action", "action": "ping", "next": "z", "onError": {"next": "z"}}"#,
    ]

    private static let properties =
        #"{"exit": [{"event": "cancelled"}], "goal": {"event": "delivered"}, "globalTimeout": "P2D"}"#

    private static func made(_ node: String, version: Int64, id: String = "x") -> Plan {
        let head =
            #"{"id": "in", "type": "event", "event": "orderPlaced", "next": "m"}, {"id": "m", "type": "sms", "template": "t", "next": "\#(id)"}"#
        let body = (nodes[node] ?? "").replacing(#""id": "x""#, with: #""id": "\#(id)""#)
        return plan(
            head + ", " + body + #", {"id": "z", "type": "wait", "for": "P1D"}"#, properties: properties,
            version: version)
    }

    /// The instance stands at the node.
    private static func story(_ node: String) -> Story {
        let plan = made(node, version: 1)
        let story = Story(plan)
        story.use(.init(plan: plan, state: .live))
        story.event("orderPlaced", payload: ["order": ["id": "1"]])
        if node == "held" {
            let message = story.messages.removeFirst()
            story.use(.init(plan: plan, state: .paused(onAction: .hold)))
            story.complete(message.id, of: message.origin.instance)
            story.use(.init(plan: plan, state: .live))
        } else {
            let message = story.messages.removeFirst()
            story.complete(message.id, of: message.origin.instance)
        }
        return story
    }

    @Test("Each stimulus at each node does what is said, and everything else nothing", arguments: table.map(\.node))
    func each(node: String) throws {
        let says = try #require(Self.table.first { $0.node == node }).says
        try #require(says.count == Self.stimuli.count)
        for (stimulus, expected) in zip(Self.stimuli, says) {
            let story = Self.story(node)
            #expect(story.node == "x", "\(node) \(stimulus) \(story.told)")
            let before = story.told.count
            Self.give(stimulus, node, story)
            let told = story.told.dropFirst(before).filter { !$0.hasPrefix("attempt") && !$0.hasPrefix("fetch") }
            #expect(told.first ?? "" == expected, "\(node) \(stimulus): \(told)")
        }
    }

    private static func give(_ stimulus: String, _ node: String, _ story: Story) {
        let instance = story.instance, person = Story.person
        func react(_ kind: Reaction.Kind) {
            story.handle(
                .reaction(
                    Reaction(id: "r", person: person, instance: instance, request: instance + ":m:1", reaction: kind)))
        }
        switch stimulus {
        case "clicked": story.event("clicked")
        case "other": story.event("priceDropped")
        case "exit": story.event("cancelled")
        case "goal": story.event("delivered")
        case "gold", "silver":
            story.handle(.audience(AudienceMove(id: "a", person: person, audience: stimulus, change: .entered)))
        case "opened": react(.opened)
        case "bounced": react(.bounced)
        case "outcome":
            if !story.fetches.isEmpty {
                story.answer(["points": 1])
            } else if !story.actions.isEmpty {
                story.perform()
            } else if let message = story.messages.first {
                story.complete(message.id, of: instance)
            }
        case "late":
            if ["condition", "action", "message", "reaction"].contains(node) {
                story.complete(instance + ":m:1", of: instance)
            }
        case "timer":
            story.advance(
                by: node == "held" || node == "audience"
                    ? 172_800_000 : node == "wait" || node == "event" || node == "reaction" ? 3_600_000 : 86_400_000)
        case "end": story.handle(.end(instance: instance, cause: "c"))
        case "release": story.handle(.release(instance: instance, cause: "c"))
        case "move", "moveGone":
            story.use(
                .init(plan: made(node, version: 1), state: .closed),
                .init(plan: made(node, version: 2, id: stimulus == "move" ? "x" : "y"), state: .live))
            story.handle(.move(instance: instance, to: 2, cause: "c"))
        case "admit": story.handle(.admit(Admission(run: "r", journey: "welcome", version: 1)))
        case "trapped": story.handle(.trapped(instance: instance, cause: "c"))
        default: Issue.record("there is no stimulus \(stimulus)")
        }
    }
}
