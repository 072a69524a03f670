/// A compiled piece of an expression. Nodes never change, so one compiled expression serves every thread.
protocol Node: AnyObject, Sendable {
    /// The value, or nil while it depends on a look-up, which the run then has been asked for.
    func evaluate(_ run: inout Run) throws(Fault) -> Value?
}

final class ConstantNode: Node {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? { value }
}

final class ListNode: Node {
    let items: [any Node]
    let span: Span

    init(_ items: [any Node], _ span: Span) {
        self.items = items
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span, count: items.count)
        var values: [Value] = []
        values.reserveCapacity(items.count)
        var isKnown = true
        for item in items {
            if let value = try item.evaluate(&run) { values.append(value) } else { isKnown = false }
        }
        return isKnown ? .list(values) : nil
    }
}

/// Gives a value the type that the checker promised where it may still be another: an integer where decimals are
/// mixed in, or what only the run time knows.
final class ConformingNode: Node {
    let operand: any Node
    let type: ValueType
    let span: Span

    init(_ operand: any Node, _ type: ValueType, _ span: Span) {
        self.operand = operand
        self.type = type
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        guard let value = try operand.evaluate(&run) else { return nil }
        guard let conformed = value.conformed(to: type) else {
            throw Fault(
                code: .typeMismatch, span: span, message: "The value is of type \(value.type); \(type) is needed.")
        }
        return conformed
    }
}

final class JourneyNode: Node {
    let attribute: JourneyAttribute
    let fallback: (any Node)?

    init(_ attribute: JourneyAttribute, fallback: (any Node)?) {
        self.attribute = attribute
        self.fallback = fallback
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        if let unknown = run.unknown, unknown.covers(attribute) { return nil }
        let value = run.context.journeyAttribute(attribute)
        if value.isNull, let fallback { return try fallback.evaluate(&run) }
        return value
    }
}
