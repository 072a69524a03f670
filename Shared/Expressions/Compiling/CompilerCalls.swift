extension Compiler {
    mutating func call(
        _ name: String, _ nameSpan: Span, _ arguments: [Syntax], _ span: Span
    ) throws(ExpressionError) -> Piece {
        if name == "date" { return try dateLiteral(arguments, span) }
        guard let entry = FunctionTable.named(name) else {
            throw error(
                .unknownFunction, nameSpan, "There is no function \(name).",
                suggestion: Suggestion.nearest(to: name, in: FunctionTable.names))
        }
        var pieces: [Piece] = []
        for argument in arguments { pieces.append(try piece(argument)) }
        let forms = try self.forms(of: entry, for: pieces, span)
        let prepared = try prepared(forms[0], pieces)
        note(entry)
        let types = pieces.map(\.type)
        let first = forms[0].resultType(of: types)
        let type = forms.dropFirst().reduce(first) { $0.joined(with: $1.resultType(of: types)) ?? .any }
        sites += entry.dependence == .seed ? 1 : 0
        let node = CallNode(entry, forms, pieces.map(\.node), type, prepared: prepared, site: sites, span)
        // Where the result is one of the arguments, an integer among decimals is still an integer.
        let isMixed = type.hasDecimal && forms.contains(where: \.givesArgument) && types.contains { $0 != type }
        let conforming: any Node = isMixed ? ConformingNode(node, type, span) : node
        var piece = folded(conforming, type, from: pieces, isPure: entry.dependence == .arguments, span)
        piece.isNeverTrue = entry.name == "in" && noneIsAllowed(pieces, span)
        return piece
    }

    /// Whether the schema allows a field none of the constants of a list, which is warned of.
    private mutating func noneIsAllowed(_ pieces: [Piece], _ span: Span) -> Bool {
        guard let limits = pieces[0].limits, case .list(let items)? = pieces[1].constant, !items.isEmpty else {
            return false
        }
        let reasons = items.map { limits.contradiction(.equal, $0) }
        guard let reason = reasons[0], reasons.allSatisfy({ $0 != nil }) else { return false }
        warn(.neverTrue, span, "This is never true: \(reason)")
        return true
    }

    private mutating func note(_ entry: FunctionEntry) {
        switch entry.dependence {
        case .time: references.usesNow = true
        case .seed: references.usesRandom = true
        case .arguments, .audiences, .zone: break
        }
    }

    /// The forms that the arguments fit, those that fit for certain first.
    private func forms(
        of entry: FunctionEntry, for pieces: [Piece], _ span: Span
    ) throws(ExpressionError) -> [Signature] {
        let counted = entry.forms.filter { $0.takes(count: pieces.count) }
        guard !counted.isEmpty else {
            let count = pieces.count == 1 ? "1 argument" : "\(pieces.count) arguments"
            throw error(
                .wrongArguments, span, "\(entry.name) does not take \(count).",
                expected: entry.signatures.joined(separator: "; "), suggestion: entry.example)
        }
        var certain: [Signature] = []
        var possible: [Signature] = []
        for form in counted {
            var match = TypePattern.Match.yes
            for (place, piece) in pieces.enumerated() {
                switch form.pattern(at: place).match(piece.type) {
                case .no: match = .no
                case .depends where match == .yes: match = .depends
                default: break
                }
            }
            if match == .yes { certain.append(form) }
            if match == .depends { possible.append(form) }
        }
        // With a null literal several forms are certain, and any of them is right.
        if let form = certain.first, possible.isEmpty || !pieces.contains(where: { $0.type == .any }) { return [form] }
        let found = certain + possible
        if found.isEmpty { throw misfit(entry, counted, pieces, span) }
        return found
    }

    /// The first argument that fits no form.
    private func misfit(
        _ entry: FunctionEntry, _ forms: [Signature], _ pieces: [Piece], _ span: Span
    ) -> ExpressionError {
        let expected = entry.signatures.joined(separator: "; ")
        for (place, piece) in pieces.enumerated() {
            let patterns = forms.map { $0.pattern(at: place) }
            guard patterns.allSatisfy({ $0.match(piece.type) == .no }) else { continue }
            var suggestion: String?
            for case .one(let type) in patterns where suggestion == nil {
                suggestion = conversion(of: piece, to: type)
            }
            return error(
                .typeMismatch, piece.span,
                "Argument \(place + 1) of \(entry.name) cannot be of type \(piece.type).", expected: expected,
                suggestion: suggestion)
        }
        let types = pieces.map(\.type.description).joined(separator: ", ")
        return error(
            .typeMismatch, span, "\(entry.name) does not take (\(types)) together.", expected: expected,
            suggestion: entry.example)
    }

    /// Zones, units and audiences are constants, and they exist. Constant patterns are compiled.
    private mutating func prepared(
        _ form: Signature, _ pieces: [Piece]
    ) throws(ExpressionError) -> PreparedArguments {
        var prepared = PreparedArguments()
        for (place, piece) in pieces.enumerated() {
            let pattern = form.pattern(at: place)
            switch pattern {
            case .zone, .timeUnit, .audience: break
            case .pattern:
                prepared.pattern = try self.pattern(piece)
                prepared.patterns = prepared.pattern == nil ? PatternCache() : nil
                continue
            case .replacement:
                prepared.replacement = try replacement(piece, for: prepared.pattern)
                continue
            default: continue
            }
            guard let constant = piece.constant, case .string(let text) = constant else {
                throw error(
                    .notConstant, piece.span, "This must be a text in quotes, not something computed.",
                    expected: pattern.description)
            }
            switch pattern {
            case .zone:
                guard let zone = Zone(identifier: text) else {
                    throw error(
                        .unknownZone, piece.span, "There is no time zone \(text).",
                        expected: "such as Europe/Paris or UTC",
                        suggestion: Zone.nearestIdentifier(to: text).map { "\"\($0)\"" })
                }
                prepared.zone = zone
            case .timeUnit where TimeUnit(rawValue: text) == nil:
                let known = TimeUnit.allCases.map(\.rawValue)
                throw error(
                    .wrongArguments, piece.span, "There is no unit of time \(text).",
                    expected: known.joined(separator: ", "),
                    suggestion: Suggestion.nearest(to: text, in: known).map { "\"\($0)\"" })
            case .audience: noteAudience(text, piece.span)
            default: break
            }
        }
        return prepared
    }

    /// An audience may be made later than the expression; until then nobody is a member.
    private mutating func noteAudience(_ name: String, _ span: Span) {
        if let known = scope.audiences, !known.contains(name) {
            warn(
                .unknownAudience, span, "There is no audience \(name), so nobody is a member.",
                suggestion: Suggestion.nearest(to: name, in: known).map { "\"\($0)\"" })
        }
        references.audiences.appendIfNew(name)
    }

    /// `date("…")`, whose type is that of what the text says.
    private func dateLiteral(_ arguments: [Syntax], _ span: Span) throws(ExpressionError) -> Piece {
        guard arguments.count == 1, case .literal(.string(let text)) = arguments[0].kind else {
            throw error(
                .notConstant, span, "date takes one text in quotes.", expected: "date(\"2021-02-19T08:00:00Z\")",
                suggestion: arguments.count == 1 ? "toDateTime(\(source(arguments[0].span)))" : nil)
        }
        let value: Value
        if let date = ISO8601.parseDate(text) {
            value = .dateOnly(date)
        } else if let local = ISO8601.parseLocalDateTime(text) {
            value = .dateTimeOnly(local)
        } else if let dateTime = ISO8601.parseDateTime(text) {
            value = .dateTime(dateTime)
        } else {
            throw error(
                .invalidDate, arguments[0].span, "This is no date that exists.",
                expected: "\"2021-02-19\", \"2021-02-19T08:00:00\" or \"2021-02-19T08:00:00Z\"")
        }
        return Piece(node: ConstantNode(value), type: value.type, constant: value, span: span)
    }
}

extension Signature {
    /// Whether the result is one of the arguments, of the type that covers all.
    fileprivate var givesArgument: Bool {
        if case .joined = result { true } else { false }
    }
}
