import Models

/// Checks a parsed expression against its scope and turns it into nodes, in one walk.
struct Compiler {
    /// A checked piece.
    struct Piece {
        var node: any Node
        var type: ValueType
        /// Its value where it depends on nothing.
        var constant: Value?
        var span: Span
        /// What a schema says of its values beyond their type.
        var limits: ValueLimits?
        /// Whether it can be seen that no values make it true.
        var isNeverTrue = false
    }

    let bytes: [UInt8]
    let scope: ExpressionScope
    var references = References()
    var warnings: [ExpressionWarning] = []
    /// The items of the conditions around, the outermost first.
    var items: [(kind: CurrentItem, type: ValueType)] = []
    /// Places that draw random numbers so far.
    var sites = 0
    var equalities: [Span: RequiredEquality] = [:]
    /// The parts so far, where each is to tell what it gives.
    var traced: [TriedExpression.Plan]?

    init(_ text: String, _ scope: ExpressionScope) {
        bytes = Array(text.utf8)
        self.scope = scope
    }

    mutating func expression(_ syntax: Syntax, _ text: String) throws(ExpressionError) -> CompiledExpression {
        var piece = try self.piece(syntax)
        if let expected = scope.expects { piece = try conformed(piece, to: expected) }
        if piece.type == .boolean, let constant = piece.constant {
            warn(.constantCondition, syntax.span, "This is always \(constant.text ?? "null").")
        }
        return CompiledExpression(
            text: text, type: piece.type, warnings: warnings, references: references, constant: piece.constant,
            isNeverTrue: Compiler.isNeverTrue(piece), requiredEqualities: required(by: syntax), root: piece.node)
    }

    mutating func piece(_ syntax: Syntax) throws(ExpressionError) -> Piece {
        noted(try checked(syntax), syntax)
    }

    private mutating func checked(_ syntax: Syntax) throws(ExpressionError) -> Piece {
        switch syntax.kind {
        case .literal(let value):
            return Piece(node: ConstantNode(value), type: value.type, constant: value, span: syntax.span)
        case .list(let items): return try list(items, syntax.span)
        case .reference(let reference): return try self.reference(reference, syntax.span)
        case .call(let name, let nameSpan, let arguments):
            return try call(name, nameSpan, arguments, syntax.span)
        case .negation(let operand): return try negation(operand, syntax.span)
        case .not(let operand):
            let operand = try condition(operand)
            return folded(NotNode(operand.node, operand.span), .boolean, from: [operand], syntax.span)
        case .arithmetic(let first, let rest): return try arithmetic(first, rest, syntax.span)
        case .comparison(let symbol, let left, let right): return try comparison(symbol, left, right, syntax.span)
        case .test(let test, let operand): return try self.test(test, operand, syntax.span)
        case .and(let operands): return try junction(operands, decidedBy: false, syntax.span)
        case .or(let operands): return try junction(operands, decidedBy: true, syntax.span)
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise, syntax.span)
        }
    }

    /// Whether no values make a condition true, as far as its text and the schemas tell.
    static func isNeverTrue(_ piece: Piece) -> Bool {
        piece.isNeverTrue || piece.constant.map { !$0.isTrue } ?? false
    }

    // MARK: Errors and warnings

    func error(
        _ code: ExpressionError.Code, _ span: Span, _ message: String, expected: String? = nil,
        suggestion: String? = nil
    ) -> ExpressionError {
        ExpressionError(code, at: span, in: bytes, message, expected: expected, suggestion: suggestion)
    }

    mutating func warn(
        _ code: ExpressionWarning.Code, _ span: Span, _ message: String, suggestion: String? = nil
    ) {
        let position = TextPosition(of: span, in: bytes)
        warnings.appendIfNew(
            ExpressionWarning(
                code: code, line: position.line, column: position.column, length: position.length,
                text: position.piece, message: message, suggestion: suggestion))
    }

    /// The source text of a piece, for suggestions.
    func source(_ span: Span) -> String {
        String(decoding: bytes[Int(span.start)..<Int(span.end)], as: UTF8.self)
    }

    // MARK: Constants

    /// A piece whose value is computed now if all that it is made of is constant.
    mutating func folded(
        _ node: any Node, _ type: ValueType, from parts: [Piece], isPure: Bool = true, _ span: Span
    ) -> Piece {
        let open = Piece(node: node, type: type, constant: nil, span: span)
        guard isPure, parts.allSatisfy({ $0.constant != nil }) else { return open }
        var run = Run(context: NoFacts())
        do {
            guard let value = try node.evaluate(&run) else { return open }
            if value.isNull {
                warn(.alwaysNull, span, "This is always null.")
                return Piece(node: kept(node, value), type: type, constant: value, span: span)
            }
            let known = type == .any ? value.type : type
            return Piece(node: kept(node, value), type: known, constant: value, span: span)
        } catch {
            warn(.alwaysFails, span, error.message)
            return open
        }
    }

    /// What is constant is not computed again, unless its parts are to tell what they give.
    private func kept(_ node: any Node, _ value: Value) -> any Node {
        traced == nil ? ConstantNode(value) : node
    }

    /// The piece as one of the type: converted where it may need to be, refused where it cannot be.
    mutating func conformed(_ piece: Piece, to type: ValueType) throws(ExpressionError) -> Piece {
        guard piece.type.fits(type) else {
            throw error(
                .typeMismatch, piece.span, "This is of type \(piece.type); \(type) is needed here.",
                expected: type.description, suggestion: conversion(of: piece, to: type))
        }
        if type == .any || piece.type == type || piece.type == .null { return piece }
        if case .object = type, case .object = piece.type { return piece }
        let node = ConformingNode(piece.node, type, piece.span)
        return folded(node, type, from: [piece], piece.span)
    }

    /// The call that would make the type of the piece, as a suggestion.
    func conversion(of piece: Piece, to type: ValueType) -> String? {
        let function: String
        switch (type, piece.type) {
        case (_, .list), (_, .object): return nil
        case (.integer, .duration), (.integer, .dateOnly), (.integer, .dateTimeOnly), (.decimal, .duration),
            (.decimal, .dateOnly), (.decimal, .dateTimeOnly):
            return nil
        case (.dateTime, .string), (.dateTimeOnly, .string), (.dateOnly, .string):
            if case .string(let text)? = piece.constant,
                ISO8601.parseLocalDateTime(text) != nil
                    || ISO8601.parseDateTime(text) != nil
            {
                return "date(\"\(text)\")"
            }
            function = "to\(type.description.prefix(1).uppercased())\(type.description.dropFirst())"
        case (.string, _): function = "toString"
        case (.integer, _): function = "toInteger"
        case (.decimal, _): function = "toDecimal"
        case (.boolean, .string), (.boolean, .integer), (.boolean, .decimal): function = "toBool"
        case (.duration, .string), (.duration, .integer): function = "toDuration"
        case (.dateTimeOnly, .dateTime): function = "toDateTimeOnly"
        case (.dateOnly, .dateTime), (.dateOnly, .dateTimeOnly): function = "toDateOnly"
        default: return nil
        }
        return "\(function)(\(source(piece.span)))"
    }

    /// A piece that says yes or no.
    mutating func condition(_ syntax: Syntax) throws(ExpressionError) -> Piece {
        let piece = try self.piece(syntax)
        guard piece.type.fits(.boolean) else {
            throw error(
                .typeMismatch, piece.span, "This is of type \(piece.type); a condition needs true or false.",
                expected: "boolean", suggestion: conversion(of: piece, to: .boolean))
        }
        return piece
    }
}

/// The context of constants, which read nothing.
private struct NoFacts: EvaluationContext {
    var now: Int64 { 0 }
    var profile: JSONObject { [:] }
}

// MARK: - Required equalities

extension Compiler {
    /// The equalities among the parts of a top-level conjunction.
    func required(by syntax: Syntax) -> [RequiredEquality] {
        switch syntax.kind {
        case .and(let operands): operands.flatMap { required(by: $0) }
        case .comparison: equalities[syntax.span].map { [$0] } ?? []
        default: []
        }
    }

    mutating func note(_ symbol: ComparisonOperator, _ left: Syntax, _ right: Syntax, _ pieces: [Piece], _ span: Span) {
        guard symbol == .equal, items.isEmpty else { return }
        for (field, other) in [(left, pieces[1]), (right, pieces[0])] {
            guard let constant = other.constant, case .reference(let reference) = field.kind,
                case .braces(.event) = reference.root, reference.defaultValue == nil,
                let path = Compiler.fields(reference.steps), path.count > 1
            else { continue }
            equalities[span] = RequiredEquality(event: path[0], path: Array(path[1...]), constant: constant)
        }
    }

    /// The names of the steps, if all are fields.
    static func fields(_ steps: [PathStep]) -> [String]? {
        var names: [String] = []
        for step in steps {
            guard case .field(let name) = step.kind else { return nil }
            names.append(name)
        }
        return names
    }
}
