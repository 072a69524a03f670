import Engine
import Models
import Testing

/// A generator of numbers that tells its seed.
struct SeededNumbers: RandomNumberGenerator {
    private var numbers: SplitMix64

    init(seed: UInt64) { numbers = SplitMix64(state: seed) }

    mutating func next() -> UInt64 { numbers.next() }
}

@Suite("Random journeys with random histories")
struct PropertyTests {
    static let events = ["orderPlaced", "clicked", "delivered", "cancelled"]

    /// A journey of a few nodes with ways in all directions; most have loops.
    static func document(_ numbers: inout SeededNumbers, name: String) -> JourneyDocument {
        let count = Int.random(in: 1...9, using: &numbers)
        let ids = (0..<count).map { "n\($0)" }
        func target() -> String { ids.randomElement(using: &numbers) ?? "n0" }
        let listening = ids.filter { _ in Bool.random(using: &numbers) }
        func ways() -> String {
            if listening.count > 1, Int.random(in: 0..<4, using: &numbers) == 0 {
                return "[" + listening.shuffled(using: &numbers).prefix(3).map { "\"\($0)\"" }.joined(separator: ",") + "]"
            }
            return Int.random(in: 0..<6, using: &numbers) == 0 ? "[]" : "\"\(target())\""
        }
        var nodes: [String] = []
        for (place, id) in ids.enumerated() {
            let kind = place == 0 ? 0 : listening.contains(id) ? Int.random(in: 0...1, using: &numbers) : Int.random(in: 2...4, using: &numbers)
            let head = "{\"id\": \"\(id)\", "
            switch kind {
            case 0:
                let event = events.randomElement(using: &numbers) ?? "clicked"
                let timeout = place > 0 && Bool.random(using: &numbers) ? ", \"timeout\": \"PT\(Int.random(in: 1...90, using: &numbers))M\", \"onTimeout\": {\"next\": \(ways())}" : ""
                let filter = Bool.random(using: &numbers) ? ", \"filter\": \"@event{\(event).order.total} > 3\"" : ""
                nodes.append(head + "\"type\": \"event\", \"event\": \"\(event)\", \"next\": \(ways())\(timeout)\(filter)}")
            case 1: nodes.append(head + "\"type\": \"wait\", \"for\": \"PT\(Int.random(in: 0...90, using: &numbers))M\", \"next\": \(ways())}")
            case 2:
                let error = Bool.random(using: &numbers) ? ", \"onError\": {\"next\": \(ways())}" : ""
                nodes.append(head + "\"type\": \"action\", \"action\": \"sms\", \"parameters\": {\"to\": \"#{profile.phone}\"}, \"next\": \(ways())\(error)}")
            case 3: nodes.append(head + "\"type\": \"condition\", \"paths\": [{\"label\": \"x\", \"share\": 40, \"next\": \(ways())}, {\"share\": 60, \"next\": \(ways())}]}")
            default:
                nodes.append(
                    head
                        + "\"type\": \"condition\", \"paths\": [{\"when\": \"#{loyalty.account.points, params: {memberId: #{profile.phone}}} > 5\", \"next\": \(ways())}], \"otherwise\": {\"next\": \(ways())}, \"onError\": {\"next\": \(ways())}}")
            }
        }
        let exit = Int.random(in: 0..<4, using: &numbers) == 0 ? "[{\"event\": \"cancelled\"}]" : "[]"
        let properties = "{\"reentrance\": {\"after\": \"PT\(Int.random(in: 0...3, using: &numbers))M\"}, \"globalTimeout\": \"P1D\", \"exit\": \(exit)}"
        return journey(nodes.joined(separator: ", "), properties: properties, name: name)
    }

    /// Plays a random history and gives everything that was decided, as text.
    static func play(seed: UInt64) -> (Story, String) {
        var numbers = SeededNumbers(seed: seed)
        var members: [JourneySet.Member] = []
        for number in 0..<3 {
            let document = document(&numbers, name: "j\(number)")
            guard let plan = Plan.compile(document, version: 1, catalogue: Configuration.catalogue).plan else { continue }
            members.append(.init(plan: plan, state: Int.random(in: 0..<8, using: &numbers) == 0 ? .closed : .live))
        }
        let story = Story(profile: Bool.random(using: &numbers) ? ["phone": "+33"] : [:])
        story.engine = Story.engine(members)
        var effects: [Effect] = []
        var old: [ActionRequest] = []
        for _ in 0..<60 {
            let pause = Int64.random(in: 0...1_800_000, using: &numbers)
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0..<5:
                let names = events.shuffled(using: &numbers).prefix(Int.random(in: 1...2, using: &numbers)).sorted()
                story.advance(by: pause)
                effects += story.handle(
                    .event(
                        PersonEvent(
                            id: "e-\(effects.count)-\(pause)", person: Story.person, events: names,
                            payload: ["order": ["total": .integer(Int64.random(in: 0...6, using: &numbers))]])))
            case 5..<7 where !story.actions.isEmpty:
                old.append(story.actions[0])
                effects += story.perform(Bool.random(using: &numbers) ? "http_200" : "http_500", after: pause)
            case 7 where !story.fetches.isEmpty:
                effects += Bool.random(using: &numbers)
                    ? story.answer(["points": .integer(Int64.random(in: 0...9, using: &numbers))], after: pause)
                    : story.answer(failing: "timedout", after: pause)
            case 8 where !old.isEmpty:
                if let request = old.randomElement(using: &numbers) { effects += story.complete(request) }
            case 9 where Int.random(in: 0..<4, using: &numbers) == 0:
                if let instance = story.traveler.instanceIDs.first { effects += story.handle(.end(instance: instance, cause: "c")) }
            default: story.advance(by: pause)
            }
            check(story, seed)
        }
        return (story, effects.map { "\($0)" }.joined(separator: "\n"))
    }

    /// What holds after each stimulus.
    static func check(_ story: Story, _ seed: UInt64) {
        var inside: Set<String> = []
        for id in story.traveler.instanceIDs {
            guard let summary = story.traveler.summary(of: id) else {
                Issue.record("an instance is unreadable, seed \(seed)")
                continue
            }
            let isInside = summary.phase != "ended"
            #expect(isInside == (story.statuses[id] == nil), "inside and left at once, seed \(seed)")
            #expect(isInside == (story.timers[id] != nil), "who is inside has one timer, who is not has none, seed \(seed)")
            if let due = story.timers[id] { #expect(due > story.clock || summary.phase == "listening" && due == story.clock) }
            if isInside { #expect(inside.insert(summary.journey).inserted, "two places at a time, seed \(seed)") }
            let open = story.actions.map(\.origin.instance) + story.fetches.map(\.origin.instance)
            switch summary.phase {
            case "acting": #expect(story.actions.contains { $0.origin.instance == id }, "acting without a request, seed \(seed)")
            case "lookingUp": #expect(story.fetches.contains { $0.origin.instance == id }, "looking up without a request, seed \(seed)")
            case "listening": #expect(!open.contains(id), "a request is open that nobody waits for, seed \(seed)")
            default: break
            }
        }
        for id in story.timers.keys { #expect(story.traveler.instanceIDs.contains(id), "a timer of nobody, seed \(seed)") }
        for (id, steps) in story.steps {
            guard let end = steps.firstIndex(where: { $0.kind == .left }) else { continue }
            #expect(story.statuses[id] != nil)
            #expect(steps[(end + 1)...].allSatisfy { $0.kind == .noted || $0.kind == .attempt }, "something after the end, seed \(seed)")
        }
    }

    @Test("One position, numbered steps, one timer, nothing after the end, and the same again", arguments: 0..<200)
    func invariants(number: Int) {
        let seed = UInt64(number) &* 7_919 &+ 17
        let (story, text) = Self.play(seed: seed)
        let (_, repeated) = Self.play(seed: seed)
        #expect(text == repeated, "seed \(seed)")
        #expect(story.counts["unreadable"] == nil, "seed \(seed)")
    }
}
