/// `== != < <= > >=`. With null on one side every comparison is false but `!=`, which is true with exactly one null.
final class ComparisonNode: Node {
    private let symbol: ComparisonOperator
    private let left: any Node
    private let right: any Node
    private let span: Span

    init(_ symbol: ComparisonOperator, _ left: any Node, _ right: any Node, _ span: Span) {
        self.symbol = symbol
        self.left = left
        self.right = right
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        let left = try left.evaluate(&run)
        let right = try right.evaluate(&run)
        guard let left, let right else { return nil }
        switch (left, right) {
        case (.string(let one), .string(let other)):
            try run.step(span, count: min(one.utf8.count, other.utf8.count) / Run.textBytesPerStep)
        case (.list, .list), (.object, .object): try run.step(span, count: min(left.weight, right.weight))
        default: break
        }
        if left.isNull || right.isNull { return .boolean(symbol == .notEqual && left.isNull != right.isNull) }
        switch symbol {
        case .equal: return .boolean(left.isSame(as: right))
        case .notEqual: return .boolean(!left.isSame(as: right))
        case .less: return .boolean(try order(left, right) < 0)
        case .lessOrEqual: return .boolean(try order(left, right) <= 0)
        case .greater: return .boolean(try order(left, right) > 0)
        case .greaterOrEqual: return .boolean(try order(left, right) >= 0)
        }
    }

    private func order(_ left: Value, _ right: Value) throws(Fault) -> Int {
        if let order = left.order(to: right) { return order }
        if let read = left.conformed(toTypeOf: right), let order = read.order(to: right) { return order }
        if let read = right.conformed(toTypeOf: left), let order = left.order(to: read) { return order }
        throw Fault(
            code: .typeMismatch, span: span,
            message: "\(left.type) and \(right.type) have no order with each other.")
    }
}

/// `is null` and the other tests written after their operand.
final class TestNode: Node {
    private let test: ValueTest
    private let operand: any Node
    private let span: Span

    init(_ test: ValueTest, _ operand: any Node, _ span: Span) {
        self.test = test
        self.operand = operand
        self.span = span
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        try run.step(span)
        guard let value = try operand.evaluate(&run) else { return nil }
        switch (test, value) {
        case (.isNull, _): return .boolean(value.isNull)
        case (.isNotNull, _): return .boolean(!value.isNull)
        case (.isInteger, .integer), (.isNumeric, .integer), (.isDecimal, .decimal), (.isNumeric, .decimal):
            return .boolean(true)
        case (.isInteger, _), (.isNumeric, _), (.isDecimal, _): return .boolean(false)
        case (.hasNull, .list(let items)):
            try run.step(span, count: items.count)
            return .boolean(items.contains { $0.isNull })
        case (.hasNull, .null): return .null
        case (.hasNull, _):
            throw Fault(
                code: .typeMismatch, span: span, message: "has null asks about a list; this is of type \(value.type).")
        }
    }
}
