import Engine
import Models

/// Journeys of a few nodes with ways in all directions, of every type with every field. Not each one is valid.
struct RandomJourney {
    var numbers: SeededNumbers
    private var ids: [String] = []
    private var listening: [String] = []
    private var messages: [String] = []
    /// Nodes that ways may lead to.
    private var targets: [String] = []

    init(_ numbers: SeededNumbers) { self.numbers = numbers }

    private mutating func chance(_ part: Int, of whole: Int) -> Bool {
        Int.random(in: 0..<whole, using: &numbers) < part
    }

    private mutating func one(_ texts: String...) -> String { texts.randomElement(using: &numbers) ?? "" }

    private mutating func minutes(_ range: ClosedRange<Int>) -> String {
        "\"PT\(Int.random(in: range, using: &numbers))M\""
    }

    private mutating func ways() -> String {
        if listening.count > 1, chance(1, of: 4) {
            let some = listening.shuffled(using: &numbers).prefix(3)
            return "[" + some.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        }
        if targets.isEmpty || chance(1, of: 7) { return "[]" }
        return "\"\(targets.randomElement(using: &numbers) ?? "")\""
    }

    /// A rule of re-entrance, such as all versions of one journey have: last entries are kept only as long as the rule
    /// in force can need them, so a later version that is stricter knows less than the model.
    mutating func reentrance() -> String {
        "\"reentrance\": {\"allowed\": \(!chance(1, of: 8)), \"after\": \(minutes(0...4))}"
    }

    mutating func document(name: String, reentrance: String) -> JourneyDocument {
        let entry = Int.random(in: 0..<10, using: &numbers)
        let isRead = entry >= 8
        let head = entry == 9 ? 2 : 1
        ids = (0..<(head + Int.random(in: 1...8, using: &numbers))).map { "n\($0)" }
        let others = Array(ids[head...])
        listening = []
        messages = []
        for id in others {
            if chance(1, of: 2) { listening.append(id) } else if chance(1, of: 3) { messages.append(id) }
        }
        targets = isRead ? others : ids
        var nodes: [String] = []
        switch entry {
        case 0..<7: nodes.append(event(ids[0], isEntry: true))
        case 7: nodes.append(audience(ids[0]))
        case 8: nodes.append(read(ids[0]))
        default:
            nodes.append(#"{"id": "n0", "type": "businessEvent", "event": "priceDropped", "next": "n1"}"#)
            nodes.append(read(ids[1]))
        }
        for id in others { nodes.append(node(id)) }
        return journey(nodes.joined(separator: ", "), properties: properties(reentrance, hasKey: entry < 7), name: name)
    }

    private mutating func read(_ id: String) -> String {
        #"{"id": "\#(id)", "type": "readAudience", "audience": "gold", "incremental": \#(chance(1, of: 3)), "next": \#(ways())}"#
    }

    private mutating func properties(_ reentrance: String, hasKey: Bool) -> String {
        var parts = [reentrance, "\"globalTimeout\": \"\(one("PT3H", "P1D", "P3D"))\""]
        if chance(1, of: 4) { parts.append(#""exit": [{"event": "cancelled"}]"#) }
        if chance(1, of: 6) {
            parts.append(#""exit": [{"audience": "silver", "change": "entered"}, {"event": "delivered"}]"#)
        }
        if parts.count == 4 { parts.removeLast() }
        if chance(1, of: 3) {
            let filter = chance(1, of: 2) ? #", "filter": "@event{clicked.order.total} > 2""# : ""
            let within = chance(1, of: 2) ? ", \"within\": \(minutes(30...300))" : ""
            parts.append("\"goal\": {\"event\": \"clicked\"\(filter)\(within)}")
        }
        if chance(1, of: 5) { parts.append(#""endAt": "2026-01-02T03:00:00Z""#) }
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: parts.append(#""timezone": "Europe/Paris""#)
        case 1: parts.append(#""timezone": {"profile": "timeZone", "fallback": "America/New_York"}"#)
        default: break
        }
        if chance(1, of: 2) { parts.append(#""history": "full""#) }
        if hasKey, chance(1, of: 3) { parts.append(#""instanceKey": "@event{\#(entryEvent).order.id}""#) }
        return "{" + parts.joined(separator: ", ") + "}"
    }

    private var entryEvent = ""

    private mutating func event(_ id: String, isEntry: Bool) -> String {
        let event = PropertyTests.events.randomElement(using: &numbers) ?? "clicked"
        if isEntry { entryEvent = event }
        var node = #"{"id": "\#(id)", "type": "event", "event": "\#(event)", "next": \#(ways())"#
        if chance(1, of: 3) { node += #", "filter": "@event{\#(event).order.total} > 2""# }
        if !isEntry {
            if chance(1, of: 4), !entryEvent.isEmpty {
                node += #", "match": "@event{\#(event).order.id} == @event{\#(entryEvent).order.id}""#
            }
            if chance(1, of: 2) {
                node += ", \"timeout\": \(minutes(1...200))"
                if chance(2, of: 3) { node += ", \"onTimeout\": {\"next\": \(ways())}" }
            }
        }
        return node + "}"
    }

    private mutating func audience(_ id: String) -> String {
        #"{"id": "\#(id)", "type": "audience", "audience": "\#(one("gold", "silver"))", "change": "\#(one("entered", "exited", "any"))", "next": \#(ways())}"#
    }

    private mutating func onError() -> String { chance(1, of: 2) ? ", \"onError\": {\"next\": \(ways())}" : "" }

    private mutating func node(_ id: String) -> String {
        if messages.contains(id) {
            return
                ##"{"id": "\##(id)", "type": "\##(one("email", "sms", "push"))", "template": "t", "parameters": {"name": "#{profile.name}"}, "next": \##(ways())\##(onError())}"##
        }
        if listening.contains(id) { return listener(id) }
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0, 1:
            let text = chance(1, of: 4) ? "toString(#{loyalty.account.points, params: {memberId: 'x'}})" : "'hello'"
            return
                ##"{"id": "\##(id)", "type": "action", "action": "sms", "parameters": {"to": "#{profile.phone}", "text": "\##(text)"}, "next": \##(ways())\##(onError())}"##
        case 2:
            return
                ##"{"id": "\##(id)", "type": "updateProfile", "field": "\##(one("gold", "vip"))", "value": "\##(one("true", "false", "#{profile.vip}"))", "next": \##(ways())}"##
        case 3:
            let field = entryEvent.isEmpty ? "'k1'" : "@event{\(entryEvent).order.id}"
            return
                #"{"id": "\#(id)", "type": "jump", "journey": "\#(one("j0", "j1", "j2"))", "parameters": {"order.id": "\#(field)", "order.total": "\#(one("5", "1"))"}, "next": \#(ways())}"#
        case 4 where chance(1, of: 3): return #"{"id": "\#(id)", "type": "end"}"#
        default: return condition(id)
        }
    }

    private mutating func listener(_ id: String) -> String {
        switch Int.random(in: 0..<8, using: &numbers) {
        case 0..<3: return event(id, isEntry: false)
        case 3: return audience(id)
        case 4 where !messages.isEmpty:
            let to = messages.randomElement(using: &numbers) ?? ""
            let timeout = chance(1, of: 2) ? ", \"timeout\": \(minutes(1...90))" : ""
            return
                #"{"id": "\#(id)", "type": "reaction", "to": "\#(to)", "reaction": "\#(one("opened", "clicked"))", "next": \#(ways())\#(timeout)}"#
        case 5:
            return
                #"{"id": "\#(id)", "type": "wait", "at": {"time": "\#(one("02:30", "09:00", "00:00"))", "days": \#(one("[]", "[\"mon\", \"fri\"]"))}, "next": \#(ways())}"#
        case 6:
            return
                ##"{"id": "\##(id)", "type": "wait", "until": "\##(one("nowWithDelta(2, 'hours')", "#{profile.when}", "date('2026-01-01T12:00:00')"))", "next": \##(ways())}"##
        default: return "{\"id\": \"\(id)\", \"type\": \"wait\", \"for\": \(minutes(0...120)), \"next\": \(ways())}"
        }
    }

    private mutating func condition(_ id: String) -> String {
        var paths: [String] = []
        if chance(1, of: 4) {
            paths = [#"{"label": "x", "share": 40, "next": \#(ways())}"#, #"{"share": 60, "next": \#(ways())}"#]
        } else {
            for _ in 0..<Int.random(in: 1...3, using: &numbers) { paths.append("{\(test()), \"next\": \(ways())}") }
        }
        let otherwise = chance(2, of: 3) ? ", \"otherwise\": {\"next\": \(ways())}" : ""
        return
            #"{"id": "\#(id)", "type": "condition", "paths": [\#(paths.joined(separator: ", "))], "prefetch": \#(chance(1, of: 4)), "redraw": \#(chance(1, of: 3))\#(otherwise)\#(onError())}"#
    }

    private mutating func test() -> String {
        switch Int.random(in: 0..<9, using: &numbers) {
        case 0: return "\"cap\": \(Int.random(in: 1...3, using: &numbers))"
        case 1: return #""time": {"hours": ["\#(one("22:00", "00:00"))", "02:00"], "days": \#(one("[]", "[\"thu\"]"))}"#
        case 2: return #""date": {"from": "2026-01-01T06:00:00", "to": "2026-01-02"}"#
        case 3: return #""when": "inAudience('gold')""#
        case 4 where !entryEvent.isEmpty: return #""when": "@event{\#(entryEvent).order.total} > 3""#
        case 5: return ##""when": "#{profile.vip} == true""##
        case 6: return ##""when": "#{profile.vip} == true or #{loyalty.account.points, params: {memberId: 'a'}} > 5""##
        case 7: return ##""when": "#{loyalty.account.points, params: {memberId: #{profile.phone}}} > 5""##
        default: return ##""when": "#{loyalty.account.points, params: {memberId: 'b'}} > 2""##
        }
    }
}
