/// Reads an expression by recursive descent, one function for each precedence.
struct Parser {
    /// Bytes of an expression at most.
    static let bytesMax = 16 * 1024
    /// Parentheses, calls, lists, conditions in paths and prefix operators inside each other at most.
    static let depthMax = 64

    private(set) var scanner: Scanner
    private(set) var token: Token
    private var depth = 0

    static func parse(_ text: String) throws(ExpressionError) -> Syntax {
        try parseWithComment(text).syntax
    }

    /// Says beside the expression where its first comment begins, if it has one.
    static func parseWithComment(_ text: String) throws(ExpressionError) -> (syntax: Syntax, comment: Int?) {
        var parser = try Parser(text)
        let syntax = try parser.expression()
        if parser.token.kind != .end { throw parser.unexpected(expected: "an operator or the end") }
        return (syntax, parser.scanner.firstComment)
    }

    private init(_ text: String) throws(ExpressionError) {
        scanner = Scanner(text)
        token = Token(kind: .end, span: Span(0, 0))
        guard scanner.bytes.count <= Self.bytesMax else {
            throw ExpressionError(
                .tooLong, at: Span(0, 0), in: scanner.bytes, "An expression has at most 16 KiB of text.")
        }
        token = try scanner.next()
    }

    // MARK: Tokens

    mutating func advance() throws(ExpressionError) {
        token = try scanner.next()
    }

    /// Goes on if the current token is this symbol.
    mutating func take(_ symbol: Token.Symbol) throws(ExpressionError) -> Bool {
        guard token.kind == .symbol(symbol) else { return false }
        try advance()
        return true
    }

    mutating func take(word: String) throws(ExpressionError) -> Bool {
        guard token.kind == .identifier(word) else { return false }
        try advance()
        return true
    }

    /// The symbol must stand here; gives its place.
    @discardableResult
    mutating func expect(_ symbol: Token.Symbol) throws(ExpressionError) -> Span {
        let span = token.span
        guard try take(symbol) else { throw unexpected(expected: symbol.rawValue) }
        return span
    }

    /// Reads the current token again as a segment of a path.
    mutating func segment() throws(ExpressionError) -> (name: String, span: Span) {
        scanner.rewind(to: token.span)
        let segment = try scanner.segment()
        try advance()
        return segment
    }

    /// The brace or the dot was just passed and is the last thing scanned: what follows is a segment.
    mutating func segmentAfterSymbol() throws(ExpressionError) -> (name: String, span: Span) {
        let segment = try scanner.segment()
        try advance()
        return segment
    }

    func unexpected(expected: String) -> ExpressionError {
        if token.kind == .end {
            return scanner.error(.unexpectedEnd, token.span, "The expression ends too early.", expected: expected)
        }
        var suggestion: String?
        if case .identifier(let word) = token.kind {
            suggestion = Suggestion.nearest(to: word, in: Parser.operatorWords)
        }
        return scanner.error(
            .unexpectedToken, token.span, "Here \(token.kind.shown) does not fit.", expected: expected,
            suggestion: suggestion)
    }

    static let operatorWords = [
        "and", "or", "not", "is", "has", "then", "else", "null", "numeric", "integer", "decimal",
    ]
    static let reserved: Set<String> = ["and", "or", "not", "is", "has", "if", "then", "else", "true", "false", "null"]

    mutating func nested<Result>(
        _ read: (inout Parser) throws(ExpressionError) -> Result
    ) throws(ExpressionError) -> Result {
        guard depth < Self.depthMax else {
            throw scanner.error(.tooDeep, token.span, "An expression is at most \(Self.depthMax) levels deep.")
        }
        depth += 1
        defer { depth -= 1 }
        return try read(&self)
    }
}

// MARK: - Precedences, loosest first

extension Parser {
    mutating func expression() throws(ExpressionError) -> Syntax {
        try nested { (parser) throws(ExpressionError) in try parser.disjunction() }
    }

    private mutating func disjunction() throws(ExpressionError) -> Syntax {
        let first = try conjunction()
        guard token.kind == .identifier("or") else { return first }
        var operands = [first]
        while try take(word: "or") { operands.append(try conjunction()) }
        return Syntax(kind: .or(operands), span: first.span.through(operands[operands.count - 1].span))
    }

    private mutating func conjunction() throws(ExpressionError) -> Syntax {
        let first = try inversion()
        guard token.kind == .identifier("and") else { return first }
        var operands = [first]
        while try take(word: "and") { operands.append(try inversion()) }
        return Syntax(kind: .and(operands), span: first.span.through(operands[operands.count - 1].span))
    }

    private mutating func inversion() throws(ExpressionError) -> Syntax {
        let start = token.span
        guard try take(word: "not") else { return try comparison() }
        let operand = try nested { (parser) throws(ExpressionError) in try parser.inversion() }
        return Syntax(kind: .not(operand), span: start.through(operand.span))
    }

    private mutating func comparison() throws(ExpressionError) -> Syntax {
        var left = try sum()
        var links = 0
        while true {
            if let symbol = comparisonOperator {
                try advance()
                let right = try sum()
                left = Syntax(kind: .comparison(symbol, left, right), span: left.span.through(right.span))
            } else if let (test, end) = try valueTest() {
                left = Syntax(kind: .test(test, left), span: left.span.through(end))
            } else {
                return left
            }
            // A chain of comparisons nests to the left, so it counts as depth.
            links += 1
            guard depth + links <= Self.depthMax else {
                throw scanner.error(.tooDeep, token.span, "An expression is at most \(Self.depthMax) levels deep.")
            }
        }
    }

    private var comparisonOperator: ComparisonOperator? {
        guard case .symbol(let symbol) = token.kind else { return nil }
        switch symbol {
        case .equal: return .equal
        case .notEqual: return .notEqual
        case .less: return .less
        case .lessOrEqual: return .lessOrEqual
        case .greater: return .greater
        case .greaterOrEqual: return .greaterOrEqual
        default: return nil
        }
    }

    private mutating func valueTest() throws(ExpressionError) -> (ValueTest, Span)? {
        let isHas = token.kind == .identifier("has")
        guard isHas || token.kind == .identifier("is") else { return nil }
        try advance()
        let isNot = try isHas ? false : take(word: "not")
        let span = token.span
        let test: ValueTest
        switch token.kind {
        case .identifier("null"): test = isHas ? .hasNull : (isNot ? .isNotNull : .isNull)
        case .identifier("numeric") where !isHas && !isNot: test = .isNumeric
        case .identifier("integer") where !isHas && !isNot: test = .isInteger
        case .identifier("decimal") where !isHas && !isNot: test = .isDecimal
        default: throw unexpected(expected: isHas || isNot ? "null" : "null, not null, numeric, integer or decimal")
        }
        try advance()
        return (test, span)
    }

    private mutating func sum() throws(ExpressionError) -> Syntax {
        try chain([.plus: .add, .minus: .subtract]) { (parser) throws(ExpressionError) in try parser.product() }
    }

    private mutating func product() throws(ExpressionError) -> Syntax {
        try chain([.times: .multiply, .slash: .divide, .percent: .remainder]) { (parser) throws(ExpressionError) in
            try parser.unary()
        }
    }

    private mutating func chain(
        _ symbols: KeyValuePairs<Token.Symbol, ArithmeticOperator>,
        _ operand: (inout Parser) throws(ExpressionError) -> Syntax
    ) throws(ExpressionError) -> Syntax {
        let first = try operand(&self)
        var rest: [ArithmeticLink] = []
        while case .symbol(let symbol) = token.kind, let found = symbols.first(where: { $0.key == symbol }) {
            try advance()
            rest.append(ArithmeticLink(symbol: found.value, operand: try operand(&self)))
        }
        guard let last = rest.last else { return first }
        return Syntax(kind: .arithmetic(first: first, rest: rest), span: first.span.through(last.operand.span))
    }

    private mutating func unary() throws(ExpressionError) -> Syntax {
        let start = token.span
        guard try take(.minus) else { return try primary() }
        switch token.kind {
        case .integer(let magnitude):
            // -9223372036854775808 is an integer although its magnitude is none.
            let span = start.through(token.span)
            try advance()
            let value = magnitude == UInt64(Int64.max) + 1 ? Int64.min : -Int64(magnitude)
            return Syntax(kind: .literal(.integer(value)), span: span)
        case .decimal(let value):
            let span = start.through(token.span)
            try advance()
            return Syntax(kind: .literal(.decimal(-value)), span: span)
        default:
            let operand = try nested { (parser) throws(ExpressionError) in try parser.unary() }
            return Syntax(kind: .negation(operand), span: start.through(operand.span))
        }
    }
}

// MARK: - What is tightest

extension Parser {
    private mutating func primary() throws(ExpressionError) -> Syntax {
        let span = token.span
        switch token.kind {
        case .integer(let magnitude):
            guard let value = Int64(exactly: magnitude) else {
                throw scanner.error(
                    .numberOutOfRange, span, "Integers go to 9223372036854775807.", suggestion: "\(magnitude).0")
            }
            try advance()
            return Syntax(kind: .literal(.integer(value)), span: span)
        case .decimal(let value):
            try advance()
            return Syntax(kind: .literal(.decimal(value)), span: span)
        case .string(let value):
            try advance()
            return Syntax(kind: .literal(.string(value)), span: span)
        case .symbol(.openParenthesis):
            try advance()
            let inner = try expression()
            let end = try expect(.closeParenthesis)
            return Syntax(kind: inner.kind, span: span.through(end))
        case .symbol(.openBracket): return try list()
        case .reference(let kind): return try reference(kind)
        case .identifier(let word): return try word == "if" ? conditional() : named(word)
        default: throw unexpected(expected: "a value")
        }
    }

    private mutating func list() throws(ExpressionError) -> Syntax {
        let start = try expect(.openBracket)
        let items = try commaSeparated(until: .closeBracket)
        let end = try expect(.closeBracket)
        return Syntax(kind: .list(items), span: start.through(end))
    }

    private mutating func commaSeparated(until end: Token.Symbol) throws(ExpressionError) -> [Syntax] {
        if token.kind == .symbol(end) { return [] }
        var items = [try expression()]
        while try take(.comma) { items.append(try expression()) }
        return items
    }

    private mutating func conditional() throws(ExpressionError) -> Syntax {
        let start = token.span
        try advance()
        try expect(.openParenthesis)
        let condition = try expression()
        try expect(.closeParenthesis)
        guard try take(word: "then") else { throw unexpected(expected: "then") }
        let then = try nested { (parser) throws(ExpressionError) in try parser.unary() }
        guard try take(word: "else") else { throw unexpected(expected: "else") }
        let otherwise = try nested { (parser) throws(ExpressionError) in try parser.unary() }
        return Syntax(
            kind: .conditional(condition: condition, then: then, otherwise: otherwise),
            span: start.through(otherwise.span))
    }

    /// A constant, a call, the current item or a path without braces.
    private mutating func named(_ word: String) throws(ExpressionError) -> Syntax {
        let span = token.span
        switch word {
        case "true", "false":
            try advance()
            return Syntax(kind: .literal(.boolean(word == "true")), span: span)
        case "null":
            try advance()
            return Syntax(kind: .literal(.null), span: span)
        default: break
        }
        if Parser.reserved.contains(word) {
            throw scanner.error(
                .unexpectedToken, span, "Here \(word) does not fit.", expected: "a value",
                suggestion: word == "not" ? "(not …)" : nil)
        }
        try advance()
        if try take(.openParenthesis) {
            let arguments = try commaSeparated(until: .closeParenthesis)
            let end = try expect(.closeParenthesis)
            return Syntax(kind: .call(name: word, nameSpan: span, arguments: arguments), span: span.through(end))
        }
        if let item = CurrentItem(rawValue: word) { return try path(from: .item(item), firstStep: nil, span: span) }
        return try path(from: .bare, firstStep: PathStep(kind: .field(word), span: span), span: span)
    }
}
