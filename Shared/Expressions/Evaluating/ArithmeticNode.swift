/// A chain of `+ -` or of `* / %` from left to right. Null on either side of an operator gives null.
final class ArithmeticNode: Node {
    struct Link: Sendable {
        let symbol: ArithmeticOperator
        let operand: any Node
        /// From the chain's begin to this operand.
        let span: Span
    }

    private let first: any Node
    private let rest: [Link]

    init(_ first: any Node, _ rest: [Link]) {
        self.first = first
        self.rest = rest
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        var result = try first.evaluate(&run)
        for link in rest {
            try run.step(link.span)
            guard let operand = try link.operand.evaluate(&run), let value = result else {
                result = nil
                continue
            }
            if value.isNull || operand.isNull {
                result = .null
                continue
            }
            try ArithmeticNode.checkLength(value, operand, link.span)
            let next: Value
            do {
                next = try link.symbol.apply(value, operand)
            } catch {
                throw ArithmeticNode.fault(error, link.symbol.rawValue, value, operand, link.span)
            }
            if case .string(let text) = next {
                try run.step(link.span, count: text.utf8.count / Run.textBytesPerStep)
            }
            result = next
        }
        return result
    }

    /// Two long texts are not joined; what `+` writes of other values is short.
    private static func checkLength(_ one: Value, _ other: Value, _ span: Span) throws(Fault) {
        guard case .string(let one) = one, case .string(let other) = other,
            one.utf8.count + other.utf8.count > Run.textBytesMax
        else { return }
        throw Fault(
            code: .tooLong, span: span, message: "The text would be longer than \(Run.textBytesMax / 1024) KiB.")
    }

    private static func fault(
        _ failure: ArithmeticFailure, _ symbol: String, _ one: Value, _ other: Value, _ span: Span
    ) -> Fault {
        switch failure {
        case .overflow:
            Fault(code: .overflow, span: span, message: "The result of \(symbol) is out of the range of its type.")
        case .types:
            Fault(
                code: .typeMismatch, span: span,
                message: "\(symbol) is not defined for \(one.type) and \(other.type).")
        }
    }
}

/// The unary minus.
final class NegationNode: Node {
    private let operand: any Node
    private let span: Span

    init(_ operand: any Node, _ span: Span) {
        self.operand = operand
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        guard let value = try operand.evaluate(&run) else { return nil }
        if value.isNull { return .null }
        do {
            return try value.negated()
        } catch {
            throw error == .overflow
                ? Fault(code: .overflow, span: span, message: "The result of - is out of the range of its type.")
                : Fault(code: .typeMismatch, span: span, message: "- is not defined for \(value.type).")
        }
    }
}
