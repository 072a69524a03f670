/// A parsed expression, before anything about it is known but its form.
struct Syntax: Sendable {
    indirect enum Kind: Sendable {
        case literal(Value)
        case list([Syntax])
        case reference(ReferenceSyntax)
        case call(name: String, nameSpan: Span, arguments: [Syntax])
        case negation(Syntax)
        case not(Syntax)
        /// A chain of operators of one precedence, from left to right.
        case arithmetic(first: Syntax, rest: [ArithmeticLink])
        case comparison(ComparisonOperator, Syntax, Syntax)
        case test(ValueTest, Syntax)
        case and([Syntax])
        case or([Syntax])
        case conditional(condition: Syntax, then: Syntax, otherwise: Syntax)
    }

    let kind: Kind
    let span: Span
}

struct ArithmeticLink: Sendable {
    let symbol: ArithmeticOperator
    let operand: Syntax
}

enum ComparisonOperator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// The operator with its sides swapped.
    var mirrored: ComparisonOperator {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}

/// A test written after its operand.
enum ValueTest: String, Sendable {
    case isNull = "is null"
    case isNotNull = "is not null"
    case hasNull = "has null"
    case isNumeric = "is numeric"
    case isInteger = "is integer"
    case isDecimal = "is decimal"
}

/// The item that a condition inside a path speaks about.
enum CurrentItem: String, Sendable, CaseIterable {
    case event = "currentEventField"
    case source = "currentDataPackField"
    case action = "currentActionField"
}

struct ReferenceSyntax: Sendable {
    enum Root: Sendable {
        case braces(ReferenceKind)
        /// A path without braces, by which audiences mean the profile.
        case bare
        case item(CurrentItem)
    }

    let root: Root
    let steps: [PathStep]
    let defaultValue: Syntax?
    let parameters: [ParameterSyntax]
}

struct ParameterSyntax: Sendable {
    let name: String
    let span: Span
    let value: Syntax
}

struct PathStep: Sendable {
    enum Kind: Sendable {
        case field(String)
        case pick(Pick, condition: Syntax?)
        case at(Syntax)
        case entry(Syntax)
        case firstEntryKey
        case keys
    }

    enum Pick: String, Sendable {
        case all, first, last
    }

    let kind: Kind
    let span: Span
}
