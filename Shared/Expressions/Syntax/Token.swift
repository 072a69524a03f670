/// A word of the language with its place.
struct Token {
    enum Kind: Equatable {
        case end
        case identifier(String)
        /// Up to 2⁶³, whose negative is an integer.
        case integer(UInt64)
        case decimal(Double)
        case string(String)
        case symbol(Symbol)
        case reference(ReferenceKind)
    }

    enum Symbol: String {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case slash = "/"
        case percent = "%"
        case equal = "=="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case comma = ","
        case colon = ":"
        case dot = "."
    }

    let kind: Kind
    let span: Span
}

/// What stands before the brace of a reference.
enum ReferenceKind: Equatable {
    /// `@event{` or `@{`
    case event
    /// `#{`
    case source
    /// `@action{`
    case action
    /// `@journey{`
    case journey
}

extension Token.Kind {
    /// As a message shows it.
    var shown: String {
        switch self {
        case .end: "the end"
        case .identifier(let name): name
        case .integer(let value): String(value)
        case .decimal(let value): "\(value)"
        case .string: "a string"
        case .symbol(let symbol): symbol.rawValue
        case .reference(.event): "@event{"
        case .reference(.source): "#{"
        case .reference(.action): "@action{"
        case .reference(.journey): "@journey{"
        }
    }
}
