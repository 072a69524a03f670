/// `and` (stops at the first false) or `or` (stops at the first true).
///
/// Null is neither: `null and true` is null, `null and false` is false. An operand that waits for a look-up does not
/// stop the rest: one of them may decide without it.
final class JunctionNode: Node {
    private let operands: [any Node]
    private let spans: [Span]
    /// false for `and`, true for `or`.
    private let deciding: Bool

    init(_ operands: [any Node], _ spans: [Span], decidedBy deciding: Bool) {
        self.operands = operands
        self.spans = spans
        self.deciding = deciding
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(spans[0])
        var hasNull = false
        for place in operands.indices {
            let requestCount = run.requests.count
            guard let value = try operands[place].evaluate(&run) else {
                return try undecided(after: place, requestCount, &run)
            }
            switch value {
            case .boolean(deciding): return value
            case .boolean: break
            case .null: hasNull = true
            default: throw JunctionNode.notBoolean(value, spans[place])
            }
        }
        return hasNull ? .null : .boolean(!deciding)
    }

    /// The rest, once one operand waits for a look-up. An error there counts only if that one does not decide, so it is
    /// left to the next round.
    private func undecided(after place: Int, _ requestCount: Int, _ run: inout Run) throws(Fault) -> Value? {
        let itemCount = run.items.count
        for operand in operands[(place + 1)...] {
            do {
                if case .boolean(deciding)? = try operand.evaluate(&run) {
                    run.dropRequests(from: requestCount)
                    return .boolean(deciding)
                }
            } catch {
                if error.code == .tooManySteps || error.code == .tooManyLookups { throw error }
                run.items.removeSubrange(itemCount...)
                return nil
            }
        }
        return nil
    }

    static func notBoolean(_ value: Value, _ span: Span) -> Fault {
        Fault(
            code: .typeMismatch, span: span,
            message: "The value is of type \(value.type); a condition needs true or false.")
    }
}

final class NotNode: Node {
    private let operand: any Node
    private let span: Span

    init(_ operand: any Node, _ span: Span) {
        self.operand = operand
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        switch try operand.evaluate(&run) {
        case nil: return nil
        case .boolean(let value)?: return .boolean(!value)
        case .null?: return .null
        case let value?: throw JunctionNode.notBoolean(value, span)
        }
    }
}

/// `if (…) then (…) else (…)`. While the condition waits for a look-up, what both branches need is asked for with it.
final class ConditionalNode: Node {
    private let condition: any Node
    private let then: any Node
    private let otherwise: any Node
    private let span: Span

    init(_ condition: any Node, then: any Node, otherwise: any Node, _ span: Span) {
        self.condition = condition
        self.then = then
        self.otherwise = otherwise
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        let requestCount = run.requests.count
        switch try condition.evaluate(&run) {
        case nil: return try undecided(requestCount, &run)
        case .boolean(true)?: return try then.evaluate(&run)
        case .boolean(false)?, .null?: return try otherwise.evaluate(&run)
        case let value?: throw JunctionNode.notBoolean(value, span)
        }
    }

    private func undecided(_ requestCount: Int, _ run: inout Run) throws(Fault) -> Value? {
        let one = try attempt(then, &run)
        let other = try attempt(otherwise, &run)
        if let value = one.value, value == other.value {
            run.dropRequests(from: requestCount)
            return value
        }
        for request in one.requests where other.requests.contains(request) { try run.ask(for: request, span) }
        return nil
    }

    private func attempt(
        _ branch: any Node, _ run: inout Run
    ) throws(Fault) -> (value: Value?, requests: [LookupRequest]) {
        let requestCount = run.requests.count
        let itemCount = run.items.count
        do {
            let value = try branch.evaluate(&run)
            return (value, run.takeRequests(from: requestCount))
        } catch {
            if error.code == .tooManySteps || error.code == .tooManyLookups { throw error }
            run.items.removeSubrange(itemCount...)
            run.dropRequests(from: requestCount)
            return (nil, [])
        }
    }
}
