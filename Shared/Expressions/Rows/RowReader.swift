import Models

/// Why an expression has no simple form. It is a valid expression all the same, unless ``isBroken``.
package struct RowRefusal: Error, Sendable, Hashable {
    package let reason: String
    /// From 1.
    package let line: Int
    /// From 1, in characters.
    package let column: Int
    /// In characters.
    package let length: Int
    /// Whether the text is no expression at all.
    package let isBroken: Bool

    /// `{reason, line, column, length}`
    package var json: JSONValue {
        [
            "reason": .string(reason), "line": JSONValue(line), "column": JSONValue(column),
            "length": JSONValue(length),
        ]
    }
}

extension RowGroup {
    /// The simple form of an expression, which compiles to the same meaning.
    package init(_ text: String) throws(RowRefusal) {
        let parsed: (syntax: Syntax, comment: Int?)
        do { parsed = try Parser.parseWithComment(text) } catch {
            throw RowRefusal(
                reason: error.message, line: error.line, column: error.column, length: error.length, isBroken: true)
        }
        let reader = RowReader(text)
        if let comment = parsed.comment {
            throw reader.refusal("A comment has no place in rows.", Span(comment, comment + 2))
        }
        self = try reader.root(parsed.syntax)
    }
}

/// Finds the rows in a parsed expression.
struct RowReader {
    private let bytes: [UInt8]

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    func refusal(_ reason: String, _ span: Span) -> RowRefusal {
        let position = TextPosition(of: span, in: bytes)
        return RowRefusal(
            reason: reason, line: position.line, column: position.column, length: position.length, isBroken: false)
    }

    func root(_ syntax: Syntax) throws(RowRefusal) -> RowGroup {
        switch try member(syntax) {
        case .group(let group): group
        case let row: RowGroup([row])
        }
    }

    private func member(_ syntax: Syntax) throws(RowRefusal) -> RowGroup.Member {
        switch syntax.kind {
        case .and(let operands): return .group(RowGroup(isAnd: true, try members(operands)))
        case .or(let operands): return .group(RowGroup(isAnd: false, try members(operands)))
        case .not(let operand):
            let inner = try member(operand)
            if case .group(var group) = inner, !group.isNegated {
                group.isNegated = true
                return .group(group)
            }
            return .group(RowGroup(isNegated: true, [inner]))
        default: return .row(try row(syntax))
        }
    }

    private func members(_ operands: [Syntax]) throws(RowRefusal) -> [RowGroup.Member] {
        var members: [RowGroup.Member] = []
        for operand in operands { members.append(try member(operand)) }
        return members
    }

    // MARK: Rows

    private func row(_ syntax: Syntax) throws(RowRefusal) -> Row {
        switch syntax.kind {
        case .reference: return Row(text(syntax), .isTrue)
        case .comparison(let symbol, let left, let right): return try comparison(symbol, left, right)
        case .test(let test, let operand): return Row(try field(operand), RowOperator(test))
        case .call(let name, let nameSpan, let arguments): return try call(name, nameSpan, arguments, syntax.span)
        case .conditional: throw refusal("if has no place in rows.", syntax.span)
        case .literal: throw refusal("A row compares a field; this is a constant.", syntax.span)
        case .list, .negation, .arithmetic:
            throw refusal("A row compares a field; this is something computed.", syntax.span)
        case .and, .or, .not: throw refusal("A row compares a field.", syntax.span)
        }
    }

    private func comparison(_ symbol: ComparisonOperator, _ left: Syntax, _ right: Syntax) throws(RowRefusal) -> Row {
        guard case .reference = left.kind else {
            // A constant on the left: the same the other way round.
            guard case .reference = right.kind else {
                throw refusal("A row compares a field; this is something computed.", left.span)
            }
            return comparison(symbol.mirrored, text(right), left)
        }
        return comparison(symbol, text(left), right)
    }

    private func comparison(_ symbol: ComparisonOperator, _ field: String, _ other: Syntax) -> Row {
        switch (symbol, other.kind) {
        case (.equal, .literal(.null)): Row(field, .isNull)
        case (.notEqual, .literal(.null)): Row(field, .isNotNull)
        case (.equal, .literal(.boolean(false))): Row(field, .isFalse)
        default: Row(field, RowOperator(symbol), value(other))
        }
    }

    private func call(
        _ name: String, _ nameSpan: Span, _ arguments: [Syntax], _ span: Span
    ) throws(RowRefusal) -> Row {
        if name == "inAudience" || name == "inSegment", arguments.count == 1,
            case .literal(.string(let audience)) = arguments[0].kind
        {
            return Row("", .inAudience, .literal(.string(audience)))
        }
        guard let test = RowOperator.byFunction[name] else {
            throw refusal("\(name) is no operator of rows.", nameSpan)
        }
        guard arguments.count == (test.needsValue ? 2 : 1) else {
            throw refusal("\(name) has other arguments in a row.", span)
        }
        if test == .in, case .reference = arguments[1].kind {
            if case .reference = arguments[0].kind {
            } else {
                return Row(text(arguments[1]), .includes, value(arguments[0]))
            }
        }
        return Row(try field(arguments[0]), test, test.needsValue ? value(arguments[1]) : nil)
    }

    private func field(_ syntax: Syntax) throws(RowRefusal) -> String {
        if case .reference = syntax.kind { return text(syntax) }
        throw refusal("A row compares a field; this is something computed.", syntax.span)
    }

    // MARK: Text

    private func value(_ syntax: Syntax) -> Row.Value {
        if let json = RowReader.literal(syntax) { return .literal(json) }
        return .expression(text(syntax))
    }

    /// The source of a piece, without parentheses around it.
    private func text(_ syntax: Syntax) -> String {
        RowReader.piece(String(decoding: bytes[Int(syntax.span.start)..<Int(syntax.span.end)], as: UTF8.self))?.text
            ?? ""
    }

    private static func literal(_ syntax: Syntax) -> JSONValue? {
        switch syntax.kind {
        case .literal(.string(let text)): return .string(text)
        case .literal(.integer(let value)): return .integer(value)
        case .literal(.decimal(let value)): return .decimal(value)
        case .literal(.boolean(let value)): return .bool(value)
        case .list(let items):
            var values: [JSONValue] = []
            for item in items {
                if case .list = item.kind { return nil }
                guard let value = literal(item) else { return nil }
                values.append(value)
            }
            return .array(values)
        default: return nil
        }
    }

    /// A text that is one expression without comments, with its blanks and parentheses taken off.
    struct Piece {
        let text: String
        let syntax: Syntax
        var value: Row.Value { RowReader.literal(syntax).map(Row.Value.literal) ?? .expression(text) }
    }

    static func piece(_ text: String) -> Piece? {
        let trimmed = RowReader.trimmed(text)
        guard let parsed = try? Parser.parseWithComment(trimmed), parsed.comment == nil else { return nil }
        if trimmed.utf8.first == UInt8(ascii: "("), trimmed.utf8.last == UInt8(ascii: ")"),
            let inner = piece(String(trimmed.dropFirst().dropLast()))
        {
            return inner
        }
        return Piece(text: trimmed, syntax: parsed.syntax)
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        let rest = text.utf8.drop(while: isBlank)
        guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(decoding: rest[...last], as: UTF8.self)
    }

    /// Whether the text needs parentheses beside a comparison.
    static func bindsLooser(_ text: String) -> Bool {
        switch (try? Parser.parse(text))?.kind {
        case .comparison, .test, .and, .or, .not: true
        default: false
        }
    }
}

// MARK: - Normal form

extension RowGroup {
    /// The one form of all groups with the same text, which ``init(_:)`` gives: a group of one member has the operator
    /// `and` and is there only to be negated or as the root; `equals` null or false are operators of their own.
    package var normalized: RowGroup {
        switch RowGroup.normalized(.group(self)) {
        case .group(let group): group
        case let row: RowGroup([row])
        }
    }

    private static func normalized(_ member: Member) -> Member {
        guard case .group(var group) = member else {
            if case .row(let row) = member { return .row(row.normalized) }
            return member
        }
        group.members = group.members.map(normalized)
        guard group.members.count == 1 else { return .group(group) }
        if !group.isNegated { return group.members[0] }
        if case .group(var inner) = group.members[0], !inner.isNegated {
            inner.isNegated = true
            return .group(inner)
        }
        return .group(RowGroup(isNegated: true, group.members))
    }
}

extension Row {
    fileprivate var normalized: Row {
        switch (test, value) {
        case (.equals, .literal(.bool(false))?): return Row(field, .isFalse)
        case (.equals, .expression("null")?): return Row(field, .isNull)
        case (.notEquals, .expression("null")?): return Row(field, .isNotNull)
        case (.includes, .expression(let text)?):
            guard let piece = RowReader.piece(text), case .reference = piece.syntax.kind else { return self }
            return Row(text, .in, .expression(field))
        default: return self
        }
    }
}
