/// The syntax tree of a pattern.
indirect enum LinearRegexNode: Sendable {
    case empty
    case one(LinearRegexClass)
    case sequence([LinearRegexNode])
    case choice([LinearRegexNode])
    /// Without a maximum: as often as it comes.
    case repeated(LinearRegexNode, min: Int, max: Int?)
    case start
    case end
    case wordBoundary(isNegated: Bool)
}

/// Reads a pattern of ECMA-262 into its tree, one pass, without going back.
struct LinearRegexParser {
    struct Parsed {
        let node: LinearRegexNode
        /// The first thing in the pattern that is right in ECMA-262 and not in ``LinearRegex``.
        let unsupported: LinearRegexError?
    }

    var scalars: [Unicode.Scalar]
    var place = 0
    private var depth = 0
    private var unsupported: LinearRegexError?

    static func parse(_ pattern: String) throws(LinearRegexError) -> Parsed {
        guard pattern.utf8.count <= LinearRegex.Bounds.patternBytesMax else {
            let reason = "the pattern is longer than \(LinearRegex.Bounds.patternBytesMax) bytes"
            throw LinearRegexError(kind: .tooLarge, offset: 0, reason: reason)
        }
        var parser = LinearRegexParser(scalars: Array(pattern.unicodeScalars))
        let node = try parser.choice()
        if parser.place < parser.scalars.count {
            throw parser.syntax("a ) closes no group: write \\) for the character")
        }
        return Parsed(node: node, unsupported: parser.unsupported)
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    // MARK: Reading

    var current: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        place += 1
        return true
    }

    mutating func take(_ word: String) -> Bool {
        guard scalars[place...].starts(with: word.unicodeScalars) else { return false }
        place += word.unicodeScalars.count
        return true
    }

    func syntax(_ reason: String, at offset: Int? = nil) -> LinearRegexError {
        LinearRegexError(kind: .syntax, offset: offset ?? place, reason: reason)
    }

    mutating func refuse(_ what: String, at offset: Int) {
        if unsupported != nil { return }
        unsupported = LinearRegexError(kind: .unsupported, offset: offset, reason: what)
    }

    // MARK: Grammar

    private mutating func choice() throws(LinearRegexError) -> LinearRegexNode {
        var alternatives = [try sequence()]
        while take("|" as Unicode.Scalar) { alternatives.append(try sequence()) }
        return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
    }

    private mutating func sequence() throws(LinearRegexError) -> LinearRegexNode {
        var parts: [LinearRegexNode] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            let start = place
            let (part, isAssertion) = try term()
            parts.append(try quantified(part, isAssertion: isAssertion, from: start))
        }
        return parts.count == 1 ? parts[0] : (parts.isEmpty ? .empty : .sequence(parts))
    }

    private mutating func term() throws(LinearRegexError) -> (LinearRegexNode, isAssertion: Bool) {
        let scalar = scalars[place]
        place += 1
        switch scalar {
        case "^": return (.start, true)
        case "$": return (.end, true)
        case ".": return (.one(LinearRegexClass(ranges: LinearRegexClass.lineEnds, isNegated: true)), false)
        case "(": return try group()
        case "[": return (.one(try classInBrackets()), false)
        case "\\": return try escape()
        case "*", "+", "?": throw syntax("there is nothing before \(scalar) to repeat", at: place - 1)
        case "{": throw syntax("there is nothing before { to repeat: write \\{ for the character", at: place - 1)
        default: return (.one(LinearRegexClass(ranges: [scalar.value...scalar.value])), false)
        }
    }

    private mutating func group() throws(LinearRegexError) -> (LinearRegexNode, isAssertion: Bool) {
        let start = place - 1
        depth += 1
        defer { depth -= 1 }
        guard depth <= LinearRegex.Bounds.depthMax else {
            throw LinearRegexError(kind: .tooLarge, offset: start, reason: "groups are nested too deep")
        }
        var isAssertion = false
        if take("?=") || take("?!") || take("?<=") || take("?<!") {
            isAssertion = true
            let reason = "look-ahead and look-behind cannot be matched in linear time: say it without (?= (?! (?<= (?<!"
            refuse(reason, at: start)
        } else if take("?<") {
            try groupName()
        } else if take("?" as Unicode.Scalar), !take(":" as Unicode.Scalar) {
            throw syntax("after (? may stand : = ! <= <! or <name>")
        }
        let node = try choice()
        guard take(")" as Unicode.Scalar) else { throw syntax("a group is not closed: ) is missing", at: start) }
        return (isAssertion ? .empty : node, isAssertion)
    }

    mutating func groupName() throws(LinearRegexError) {
        let start = place
        while let scalar = current, scalar != ">" {
            let isFirst = place == start
            let properties = scalar.properties
            guard
                isFirst
                    ? properties.isIDStart || scalar == "_" || scalar == "$"
                    : properties.isIDContinue || scalar == "$"
            else { throw syntax("a group's name is made of letters, digits, _ and $") }
            place += 1
        }
        guard place > start, take(">" as Unicode.Scalar) else { throw syntax("a group's name ends with >", at: start) }
    }

    // MARK: Quantifiers

    private mutating func quantified(
        _ node: LinearRegexNode, isAssertion: Bool, from start: Int
    ) throws(LinearRegexError) -> LinearRegexNode {
        guard let (min, max) = try quantifier() else { return node }
        if isAssertion { throw syntax("this cannot be repeated", at: start) }
        // Lazy or greedy is the same where nothing is captured.
        _ = take("?" as Unicode.Scalar)
        return .repeated(node, min: min, max: max)
    }

    private mutating func quantifier() throws(LinearRegexError) -> (Int, Int?)? {
        if take("*" as Unicode.Scalar) { return (0, nil) }
        if take("+" as Unicode.Scalar) { return (1, nil) }
        if take("?" as Unicode.Scalar) { return (0, 1) }
        let start = place
        guard take("{" as Unicode.Scalar) else { return nil }
        guard let low = try count() else {
            throw syntax("{ must be followed by a number, as in {2,5}: write \\{ for the character", at: start)
        }
        var high: Int? = low
        if take("," as Unicode.Scalar) { high = try count() }
        guard take("}" as Unicode.Scalar) else { throw syntax("} is missing", at: start) }
        if let high, high < low { throw syntax("the numbers in {\(low),\(high)} are the wrong way round", at: start) }
        return (low, high)
    }

    private mutating func count() throws(LinearRegexError) -> Int? {
        let start = place
        var value = 0
        while let scalar = current, ("0"..."9").contains(scalar) {
            value = min(value * 10 + Int(scalar.value - 0x30), LinearRegex.Bounds.repetitionsMax + 1)
            place += 1
        }
        guard value <= LinearRegex.Bounds.repetitionsMax else {
            let reason = "no more than \(LinearRegex.Bounds.repetitionsMax) repetitions are taken: use maxLength"
            throw LinearRegexError(kind: .tooLarge, offset: start, reason: reason)
        }
        return place > start ? value : nil
    }
}
