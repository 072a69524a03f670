import Expressions
import Models

/// Compiling nodes one by one.
extension PlanCompiler {
    mutating func node(at place: Int) -> PlanNode {
        let node = document.nodes[place]
        var expressions: [CompiledExpression] = []
        let step = compiled(node, place, &expressions)
        return PlanNode(
            of: node, next: targets(node.way), step: step, isInLoop: inLoop[place],
            lookupFields: Self.lookupFields(of: expressions))
    }

    func targets(_ way: JourneyNode.Way) -> [Int] { way.next.compactMap { indexes[$0] } }

    private mutating func compiled(
        _ node: JourneyNode, _ place: Int, _ expressions: inout [CompiledExpression]
    ) -> PlanStep {
        switch node.body {
        case .event(let step): return .event(compiled(step, node, place))
        case .audience(let audience, let change): return .audience(compiled(audience, change, place))
        case .reaction(let step): return compiled(step, node, place)
        case .condition(let step): return .condition(compiled(step, place, &expressions))
        case .wait(let step): return compiled(step, place, &expressions)
        case .action(let step): return .action(compiled(step, place, &expressions))
        case .message(let step): return .action(compiled(step, node.type, place, &expressions))
        case .updateProfile(let field, let value, let onError):
            return compiled(update: field, value, onError, place, &expressions)
        case .jump(let journey, let parameters):
            return .jump(compiled(jump: journey, parameters, place, &expressions))
        case .businessEvent(let event):
            compileBusinessEvent(event, node, place)
            return .businessEvent(event)
        case .readAudience(let step):
            compile(step, place)
            return .readAudience
        case .end: return .end
        case .unknown where node.type.isEmpty: return .end
        case .unknown:
            report(
                .malformed, node: place, field: "/type", "There is no node type \(quoted(node.type)).",
                "Use one of \(JourneyNode.types.joined(separator: ", ")).")
            return .end
        }
    }

    private mutating func compiled(_ step: JourneyNode.Event, _ node: JourneyNode, _ place: Int) -> EventStep {
        _ = isPersonsEvent(step.event, node: place, field: "/event")
        if place == 0 { parts.entry = .event(step.event) }
        let use = Use(expects: .boolean, ownEvent: step.event, mayLookUp: false)
        checkTimeout(step.timeoutMilliseconds, step.onTimeout, place)
        return EventStep(
            event: step.event,
            filter: step.filter.flatMap { expression($0, node: place, field: "/filter", use) }.map(PlanExpression.init),
            match: step.match.flatMap { expression($0, node: place, field: "/match", use) }.map(PlanExpression.init),
            timeoutMilliseconds: step.timeoutMilliseconds, onTimeout: targets(step.onTimeout ?? node.way),
            timeoutPath: step.onTimeout == nil ? "next" : "onTimeout")
    }

    mutating func checkTimeout(_ milliseconds: Int64?, _ onTimeout: JourneyNode.Way?, _ place: Int) {
        if milliseconds == 0, place != 0 {
            report(
                .noWait, .warning, node: place, field: "/timeout",
                "The node waits for no time, so it can hear at most what came while the node before was busy.",
                "Give it a longer timeout.")
        }
        guard onTimeout != nil, milliseconds == nil, place != 0 else { return }
        report(
            .malformed, node: place, field: "/onTimeout", "Without a timeout nothing leads to onTimeout.",
            "Give the node a timeout, or remove onTimeout.")
    }

    private mutating func compiled(
        _ step: JourneyNode.Wait, _ place: Int, _ expressions: inout [CompiledExpression]
    ) -> PlanStep {
        switch step {
        case .elapsed(let milliseconds): return .wait(.elapsed(milliseconds: milliseconds))
        case .at(let time, let days):
            let time = timeOfDay(time, node: place, field: "/at/time")
            return .wait(.at(millisecondOfDay: time ?? 0, days: dayBits(days, node: place, field: "/at/days")))
        case .until(let text):
            guard let compiled = expression(text, node: place, field: "/until", Use(mayLookUp: !isBranch(place)))
            else { return .wait(.elapsed(milliseconds: 0)) }
            switch compiled.type {
            case .dateTime, .dateTimeOnly, .any, .null: break
            default:
                report(
                    .malformed, node: place, field: "/until",
                    "The expression gives \(compiled.type), not a point in time.",
                    "Let it give a dateTime or a dateTimeOnly, by toDateTime or toDateTimeOnly.")
            }
            checkIsAhead(compiled, place)
            expressions.append(compiled)
            return .wait(.until(PlanExpression(compiled)))
        case .none: return .wait(.elapsed(milliseconds: 0))
        }
    }

    /// A constant time that is past at publication is waited for by nobody.
    private mutating func checkIsAhead(_ compiled: CompiledExpression, _ place: Int) {
        guard let now else { return }
        let time: Int64
        switch compiled.constant {
        case .dateTime(let constant)?: time = constant.instant
        case .dateTimeOnly(let local)?: time = parts.zone.orFallback.instant(of: local)
        default: return
        }
        guard time <= now else { return }
        report(
            .noWait, .warning, node: place, field: "/until",
            "The wait ends at \(Timestamp.text(time)), which is past, so nobody waits here.",
            "Choose a later time, or remove the node.")
    }

    /// Whether the node is one of several that are listened to at once: there nothing can be looked up first.
    private func isBranch(_ place: Int) -> Bool { branches.contains(place) }

    // MARK: Times of day

    mutating func timeOfDay(_ text: String, node: Int, field: String) -> Int64? {
        if let time = ISO8601.parseTimeOfDay(text) { return time }
        if !text.isEmpty {
            report(
                .invalidTime, node: node, field: field, "\(quoted(text)) is not a time of the day.",
                "Write 09:00 or 17:30.")
        }
        return nil
    }

    /// Bits 1 (Monday) to 7 (Sunday); all where no day is named.
    mutating func dayBits(_ days: [String], node: Int, field: String) -> UInt8 {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var bits: UInt8 = 0
        for day in days {
            if let place = names.firstIndex(of: day) {
                bits |= 1 << UInt8(place + 1)
            } else {
                report(
                    .invalidDay, node: node, field: field, "\(quoted(day)) is not a day.",
                    "Use \(names.joined(separator: ", ")).")
            }
        }
        return days.isEmpty ? 0b1111_1110 : bits
    }
}
