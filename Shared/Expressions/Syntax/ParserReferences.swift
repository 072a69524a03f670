extension Parser {
    /// `@event{Name.path, options}` and the like; the token that ends with the brace is the current one.
    mutating func reference(_ kind: ReferenceKind) throws(ExpressionError) -> Syntax {
        let start = token.span
        let first = try segmentAfterSymbol()
        var steps = [PathStep(kind: .field(first.name), span: first.span)]
        try restOfPath(into: &steps, inBraces: true)
        var defaultValue: Syntax?
        var parameters: [ParameterSyntax]?
        while try take(.comma) {
            let option = token
            guard case .identifier(let name) = option.kind else { throw unexpected(expected: "defaultValue or params") }
            try advance()
            switch name {
            case "defaultValue" where defaultValue == nil:
                try expect(.colon)
                defaultValue = try expression()
            case "params" where parameters == nil:
                try expect(.colon)
                parameters = try parameterList()
            default:
                throw scanner.error(
                    .unexpectedToken, option.span, "The options are defaultValue and params, each once.",
                    expected: "defaultValue or params",
                    suggestion: Suggestion.nearest(to: name, in: ["defaultValue", "params"]))
            }
        }
        let end = try expect(.closeBrace)
        let reference = ReferenceSyntax(
            root: .braces(kind), steps: steps, defaultValue: defaultValue, parameters: parameters ?? [])
        return Syntax(kind: .reference(reference), span: start.through(end))
    }

    private mutating func parameterList() throws(ExpressionError) -> [ParameterSyntax] {
        guard token.kind == .symbol(.openBrace) else { throw unexpected(expected: "{") }
        var parameters: [ParameterSyntax] = []
        try advance()
        if try take(.closeBrace) { return [] }
        repeat {
            let (name, span) = try segment()
            if parameters.contains(where: { $0.name == name }) {
                throw scanner.error(.unexpectedToken, span, "The parameter \(name) is given twice.")
            }
            try expect(.colon)
            parameters.append(ParameterSyntax(name: name, span: span, value: try expression()))
        } while try take(.comma)
        try expect(.closeBrace)
        return parameters
    }

    /// A path that stands outside braces: the current item's, or one that means the profile.
    mutating func path(
        from root: ReferenceSyntax.Root, firstStep: PathStep?, span: Span
    ) throws(ExpressionError) -> Syntax {
        var steps = firstStep.map { [$0] } ?? []
        try restOfPath(into: &steps, inBraces: false)
        let reference = ReferenceSyntax(root: root, steps: steps, defaultValue: nil, parameters: [])
        return Syntax(kind: .reference(reference), span: steps.last.map { span.through($0.span) } ?? span)
    }

    /// `.field`, `.all(…)`, `.first(…)`, `.last(…)`, `.at(…)`, `.entry(…)`, `.firstEntryKey()`, `.keys()` as often
    /// as they follow. Outside braces a `-` is the operator.
    private mutating func restOfPath(into steps: inout [PathStep], inBraces: Bool) throws(ExpressionError) {
        while token.kind == .symbol(.dot) {
            let (name, span) = try fieldName(inBraces: inBraces)
            if token.kind == .symbol(.openParenthesis) {
                steps.append(try method(name, span))
            } else {
                steps.append(PathStep(kind: .field(name), span: span))
            }
        }
    }

    private mutating func fieldName(inBraces: Bool) throws(ExpressionError) -> (name: String, span: Span) {
        if inBraces { return try segmentAfterSymbol() }
        try advance()
        let span = token.span
        switch token.kind {
        case .identifier(let name), .string(let name):
            try advance()
            return (name, span)
        default: return try segment()
        }
    }

    private mutating func method(_ name: String, _ nameSpan: Span) throws(ExpressionError) -> PathStep {
        try expect(.openParenthesis)
        let argument = token.kind == .symbol(.closeParenthesis) ? nil : try expression()
        let span = nameSpan.through(try expect(.closeParenthesis))
        switch (name, argument) {
        case ("all", let condition): return PathStep(kind: .pick(.all, condition: condition), span: span)
        case ("first", let condition): return PathStep(kind: .pick(.first, condition: condition), span: span)
        case ("last", let condition): return PathStep(kind: .pick(.last, condition: condition), span: span)
        case ("at", let index?): return PathStep(kind: .at(index), span: span)
        case ("entry", let key?): return PathStep(kind: .entry(key), span: span)
        case ("firstEntryKey", nil): return PathStep(kind: .firstEntryKey, span: span)
        case ("keys", nil): return PathStep(kind: .keys, span: span)
        case ("at", nil), ("entry", nil):
            throw scanner.error(.wrongArguments, span, "\(name) needs an argument.", expected: "\(name)(…)")
        case ("firstEntryKey", _), ("keys", _):
            throw scanner.error(.wrongArguments, span, "\(name) takes no argument.", suggestion: "\(name)()")
        default:
            let known = ["all", "first", "last", "at", "entry", "firstEntryKey", "keys"]
            throw scanner.error(
                .unknownFunction, nameSpan, "A path has no function \(name).",
                expected: known.joined(separator: ", "), suggestion: Suggestion.nearest(to: name, in: known))
        }
    }
}
