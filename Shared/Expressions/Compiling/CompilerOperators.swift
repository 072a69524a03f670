import Models

extension Compiler {
    mutating func list(_ items: [Syntax], _ span: Span) throws(ExpressionError) -> Piece {
        var pieces: [Piece] = []
        var type = ValueType.null
        for item in items {
            let piece = try self.piece(item)
            guard let joined = type.joined(with: piece.type) else {
                throw error(
                    .typeMismatch, piece.span,
                    "The items before are of type \(type); this one is of type \(piece.type).",
                    expected: type.description, suggestion: conversion(of: piece, to: type))
            }
            type = joined
            pieces.append(piece)
        }
        type = type.unlessNull
        let nodes = pieces.map {
            type != $0.type && type.hasDecimal ? ConformingNode($0.node, type, $0.span) : $0.node
        }
        return folded(ListNode(nodes, span), .list(type), from: pieces, span)
    }

    mutating func negation(_ operand: Syntax, _ span: Span) throws(ExpressionError) -> Piece {
        let operand = try piece(operand)
        switch operand.type {
        case .integer, .decimal, .duration, .any, .null: break
        default:
            throw error(
                .typeMismatch, operand.span, "This is of type \(operand.type); - needs a number or a duration.",
                expected: "numeric or duration", suggestion: conversion(of: operand, to: .decimal))
        }
        return folded(NegationNode(operand.node, span), operand.type, from: [operand], span)
    }

    mutating func junction(
        _ operands: [Syntax], decidedBy deciding: Bool, _ span: Span
    ) throws(ExpressionError) -> Piece {
        var pieces: [Piece] = []
        for operand in operands { pieces.append(try condition(operand)) }
        let node = JunctionNode(pieces.map(\.node), pieces.map(\.span), decidedBy: deciding)
        if pieces.contains(where: { $0.constant == nil }) {
            for piece in pieces {
                guard let constant = piece.constant else { continue }
                warn(.constantCondition, piece.span, "This is always \(constant.text ?? "null").")
            }
        }
        var piece = folded(node, .boolean, from: pieces, span)
        piece.isNeverTrue =
            deciding ? pieces.allSatisfy(Compiler.isNeverTrue) : pieces.contains(where: Compiler.isNeverTrue)
        return piece
    }

    mutating func conditional(
        _ condition: Syntax, _ then: Syntax, _ otherwise: Syntax, _ span: Span
    ) throws(ExpressionError) -> Piece {
        let condition = try self.condition(condition)
        if let constant = condition.constant {
            warn(.constantCondition, condition.span, "This is always \(constant.text ?? "null").")
        }
        var one = try piece(then)
        var other = try piece(otherwise)
        guard let type = one.type.joined(with: other.type) else {
            throw error(
                .typeMismatch, other.span, "then is of type \(one.type), else of type \(other.type).",
                expected: one.type.description, suggestion: conversion(of: other, to: one.type))
        }
        if type.hasDecimal {
            one = try conformed(one, to: type)
            other = try conformed(other, to: type)
        }
        let node = ConditionalNode(condition.node, then: one.node, otherwise: other.node, condition.span)
        return folded(node, type, from: [condition, one, other], span)
    }

    mutating func test(_ test: ValueTest, _ operand: Syntax, _ span: Span) throws(ExpressionError) -> Piece {
        let operand = try piece(operand)
        if test == .hasNull, !operand.type.fits(.list(.any)) {
            throw error(
                .typeMismatch, operand.span, "This is of type \(operand.type); has null asks about a list.",
                expected: "list", suggestion: "\(source(operand.span)) is null")
        }
        return folded(TestNode(test, operand.node, span), .boolean, from: [operand], span)
    }

    // MARK: Comparison

    mutating func comparison(
        _ symbol: ComparisonOperator, _ left: Syntax, _ right: Syntax, _ span: Span
    ) throws(ExpressionError) -> Piece {
        if symbol == .equal || symbol == .notEqual {
            let test = symbol == .equal ? ValueTest.isNull : .isNotNull
            if case .literal(.null) = right.kind { return try self.test(test, left, span) }
            if case .literal(.null) = left.kind { return try self.test(test, right, span) }
        }
        let one = try piece(left)
        let other = try piece(right)
        try checkComparable(symbol, one, other)
        note(symbol, left, right, [one, other], span)
        let node = ComparisonNode(symbol, one.node, other.node, span)
        var piece = folded(node, .boolean, from: [one, other], span)
        if symbol != .notEqual, one.constant == .null || other.constant == .null {
            warn(.neverTrue, span, "A comparison with null is never true.", suggestion: "is null")
            piece.isNeverTrue = true
        } else if contradicts(symbol, one, other, span) || contradicts(symbol.mirrored, other, one, span) {
            piece.isNeverTrue = true
        }
        return piece
    }

    /// Whether the schema leaves the field no value that holds, which is warned of.
    private mutating func contradicts(
        _ symbol: ComparisonOperator, _ field: Piece, _ other: Piece, _ span: Span
    ) -> Bool {
        guard let limits = field.limits, let constant = other.constant, !constant.isNull,
            let reason = limits.contradiction(symbol, constant)
        else { return false }
        let near = constant.text.flatMap { text in
            Suggestion.nearest(to: text, in: (limits.cases ?? []).compactMap(\.stringValue))
        }
        warn(.neverTrue, span, "This is never true: \(reason)", suggestion: near.map { "\"\($0)\"" })
        return true
    }

    private func checkComparable(_ symbol: ComparisonOperator, _ one: Piece, _ other: Piece) throws(ExpressionError) {
        guard one.type.joined(with: other.type) != nil else {
            // A text is made what it stands for rather than the other way round.
            let suggestion =
                one.type == .string
                ? conversion(of: one, to: other.type) : conversion(of: other, to: one.type)
            throw error(
                .typeMismatch, one.span.through(other.span),
                "\(one.type) and \(other.type) cannot be compared.", expected: one.type.description,
                suggestion: suggestion)
        }
        if symbol == .equal || symbol == .notEqual { return }
        for piece in [one, other] {
            switch piece.type {
            case .boolean, .list, .object:
                throw error(
                    .typeMismatch, piece.span, "Values of type \(piece.type) have no order.",
                    suggestion: symbol == .less || symbol == .greater ? "!=" : "==")
            default: break
            }
        }
    }

    // MARK: Arithmetic

    mutating func arithmetic(
        _ first: Syntax, _ rest: [ArithmeticLink], _ span: Span
    ) throws(ExpressionError) -> Piece {
        let start = try piece(first)
        var type = start.type
        var pieces = [start]
        var links: [ArithmeticNode.Link] = []
        for link in rest {
            let operand = try piece(link.operand)
            let soFar = start.span.through(operand.span)
            guard let result = Compiler.result(link.symbol, type, operand.type) else {
                throw error(
                    .typeMismatch, soFar, "\(link.symbol.rawValue) is not defined for \(type) and \(operand.type).",
                    suggestion: type.isNumeric
                        ? conversion(of: operand, to: type)
                        : (pieces.count == 1 && operand.type.isNumeric ? conversion(of: start, to: operand.type) : nil))
            }
            if link.symbol == .divide || link.symbol == .remainder,
                operand.constant == .integer(0) || operand.constant == .decimal(0)
            {
                warn(.divisionByZero, soFar, "A division by zero gives 0.")
            }
            type = result
            pieces.append(operand)
            links.append(ArithmeticNode.Link(symbol: link.symbol, operand: operand.node, span: soFar))
        }
        return folded(ArithmeticNode(start.node, links), type, from: pieces, span)
    }

    /// The type that an operator gives; nil where it is not defined.
    private static func result(_ symbol: ArithmeticOperator, _ one: ValueType, _ other: ValueType) -> ValueType? {
        if one.isNumeric, other.isNumeric { return symbol == .divide ? .decimal : one.joined(with: other) }
        if symbol == .add, one == .string || other == .string {
            return one.isScalar && other.isScalar ? .string : (one == .null || other == .null ? .string : nil)
        }
        let isOpen = one == .any || other == .any || one == .null || other == .null
        switch symbol {
        case .add, .subtract:
            let times: Set<ValueType> = [.dateTime, .dateTimeOnly]
            switch (one, other) {
            case (.duration, .duration): return .duration
            case (let time, .duration) where times.contains(time): return time
            case (.duration, let time) where times.contains(time) && symbol == .add: return time
            case (.dateTime, .dateTime) where symbol == .subtract: return .duration
            case (.dateTimeOnly, .dateTimeOnly) where symbol == .subtract: return .duration
            default: break
            }
            let allowed: Set<ValueType> = [.any, .null, .integer, .decimal, .duration, .dateTime, .dateTimeOnly]
            return isOpen && allowed.contains(one) && allowed.contains(other) ? .any : nil
        case .multiply, .divide, .remainder:
            let allowed: Set<ValueType> = [.any, .null, .integer, .decimal]
            guard isOpen, allowed.contains(one), allowed.contains(other) else { return nil }
            return symbol == .divide || one == .decimal || other == .decimal ? .decimal : .any
        }
    }
}
