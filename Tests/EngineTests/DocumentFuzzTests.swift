import Engine
import Models
import Testing

@Suite("Documents of any kind")
struct DocumentFuzzTests {
    static let valid = Configuration.document(
        ##"""
        {"name": "x", "properties": {"timezone": "Europe/Paris", "reentrance": {"allowed": true, "after": "PT5M"}, "startAt": "2026-01-01",
           "exit": [{"event": "cancelled"}, {"audience": "silver", "change": "entered"}], "goal": {"event": "clicked", "filter": "@event{clicked.order.total} > 1", "within": "P3D"}, "history": "full", "instanceKey": "@event{orderPlaced.order.id}", "globalTimeout": "P9D"},
         "nodes": [{"id": "in", "type": "event", "event": "orderPlaced", "filter": "@event{orderPlaced.order.total} > 1", "next": ["e", "w"]},
           {"id": "e", "type": "event", "event": "clicked", "match": "@event{clicked.order.id} == @event{orderPlaced.order.id}", "timeout": "PT1H", "onTimeout": {"next": "c"}, "next": "c"},
           {"id": "w", "type": "wait", "until": "nowWithDelta(1, 'hours')", "next": "c"},
           {"id": "c", "type": "condition", "prefetch": true, "paths": [{"label": "a", "when": "#{loyalty.account.tier, params: {memberId: '1'}} == 'gold'", "next": "s"},
             {"time": {"hours": ["22:00", "02:00"], "days": ["mon"]}}, {"date": {"from": "2026-01-01"}}, {"share": 40, "next": "in"}, {"share": 60}], "otherwise": {"next": "z"}, "onError": {"next": "z"}},
           {"id": "s", "type": "action", "action": "sms", "parameters": {"to": "#{profile.phone}"}, "onError": {"next": "z"}, "next": "at"},
           {"id": "at", "type": "wait", "at": {"time": "09:00", "days": ["fri"]}, "next": "m"},
           {"id": "m", "type": "email", "template": "hello", "parameters": {"name": "#{profile.name}"}, "onError": {"next": "z"}, "next": ["r", "g"]},
           {"id": "r", "type": "reaction", "to": "m", "reaction": "opened", "timeout": "PT1H", "onTimeout": {"next": "u"}, "next": "u"},
           {"id": "g", "type": "audience", "audience": "gold", "change": "any", "next": "u"},
           {"id": "u", "type": "updateProfile", "field": "vip", "value": "#{profile.points} > 5", "next": "f"},
           {"id": "f", "type": "condition", "paths": [{"label": "first", "cap": 5, "next": "j"}], "otherwise": {"next": "z"}, "onError": {"next": "z"}},
           {"id": "j", "type": "jump", "journey": "other", "parameters": {"order.id": "@event{orderPlaced.order.id}"}, "next": "e"},
           {"id": "z", "type": "end"}]}
        """##)

    /// The value with a part of it replaced, removed or doubled.
    static func mutated(_ value: JSONValue, _ numbers: inout SeededNumbers) -> JSONValue {
        let strange: [JSONValue] = [
            "jump", "reaction", "readAudience", "audience", "businessEvent", "updateProfile", "email",
            nil, true, 0, -1, 1.5, "", "in", "c", "PT5M", "@event{", "#{profile.x} == 1", [], ["in", "c"], [:],
            ["next": "in"],
            .exact("99999999999999999999"), .string(String(repeating: "(", count: 300)), "condition", "event", "wait",
        ]
        switch value {
        case .object(let object) where !object.isEmpty && Int.random(in: 0..<8, using: &numbers) > 0:
            let key = object.keys.map(\.self).randomElement(using: &numbers) ?? ""
            var changed = object
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0: changed[key] = nil
            case 1: changed[key + "x"] = changed[key]
            default: changed[key] = mutated(object[key] ?? nil, &numbers)
            }
            return .object(changed)
        case .array(var items) where !items.isEmpty && Int.random(in: 0..<8, using: &numbers) > 0:
            let place = Int.random(in: 0..<items.count, using: &numbers)
            switch Int.random(in: 0..<10, using: &numbers) {
            case 0: items.remove(at: place)
            case 1: items.append(items[place])
            default: items[place] = mutated(items[place], &numbers)
            }
            return .array(items)
        default: return strange.randomElement(using: &numbers) ?? nil
        }
    }

    @Test("The document that is mutated is in order")
    func start() {
        let compilation = Plan.compile(JourneyDocument(Self.valid), version: 1, catalogue: Configuration.catalogue)
        #expect(compilation.plan != nil, "\(compilation.findings.map(\.json.text))")
    }

    @Test("However a document is broken, it is answered with findings or with a plan that runs", arguments: 0..<40)
    func mutations(number: Int) {
        let seed = UInt64(number) &* 104_729 &+ 5
        var numbers = SeededNumbers(seed: seed)
        for _ in 0..<25 {
            var value = JSONValue.object(Self.valid)
            for _ in 0..<Int.random(in: 1...4, using: &numbers) { value = Self.mutated(value, &numbers) }
            let document = JourneyDocument(value.objectValue ?? JSONObject())
            _ = document.uses
            let compilation = Plan.compile(document, version: 1, catalogue: Configuration.catalogue)
            #expect((compilation.plan == nil) == compilation.hasErrors, "seed \(seed)")
            guard let plan = compilation.plan else { continue }
            let story = Story(plan)
            story.event("orderPlaced", payload: ["order": ["id": "1", "total": 5]], after: 40_000_000)
            story.event("clicked", payload: ["order": ["id": "1"]])
            while !story.fetches.isEmpty { story.answer(["tier": "gold"]) }
            while !story.actions.isEmpty { story.perform() }
            story.advance(by: 10 * 86_400_000)
            PropertyTests.check(story, seed)
        }
    }
}
