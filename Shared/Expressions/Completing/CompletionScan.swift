import Models

/// Reads what stands left of the cursor, whatever it is, and tells what is open there.
///
/// Linear in the text. What makes no sense is passed over.
struct CompletionScan {
    enum Kind {
        case expression, parenthesis, list, condition
        case call(String)
        case braces(ReferenceKind)
        /// An argument in a path; `isItem` where it is a condition on the items.
        case method(String, isItem: Bool)
        case defaultValue, parameters, parameterValue
    }

    struct Frame {
        let kind: Kind
        /// The type that an operand has here, and that the one after the last operator has.
        var wanted: ValueType?
        var expected: ValueType?
        var pattern: TypePattern?
        var argument = 0
        /// Whether a value was just passed, and its type.
        var hasOperand = false
        /// Whether a comparison was begun, which and or or may follow.
        var isCompared = false
        var last: ValueType?
        /// Of the first argument.
        var first: ValueType?
        var walk: CompletionWalk?
        var needsName = false
        /// In braces: behind the path.
        var inOptions = false
        var given: Set<String> = []
        var branch: String?

        init(_ kind: Kind, wanted: ValueType? = nil) {
            self.kind = kind
            self.wanted = wanted
            expected = wanted
        }
    }

    let bytes: [UInt8]
    let scope: ExpressionScope
    var place = 0
    var frames: [Frame]
    var items: [(kind: CurrentItem, type: ValueType)] = []
    /// Deeper nesting is not looked into.
    static let depthMax = 200

    init(_ bytes: [UInt8], _ scope: ExpressionScope) {
        self.bytes = bytes
        self.scope = scope
        frames = [Frame(.expression, wanted: scope.expects)]
    }

    static func isWord(_ byte: UInt8) -> Bool { startsWord(byte) || isDigit(byte) }
    static func isSegment(_ byte: UInt8) -> Bool { isWord(byte) || byte == UInt8(ascii: "-") }
    static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    static func startsWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }

    var top: Frame {
        get { frames[frames.count - 1] }
        set { frames[frames.count - 1] = newValue }
    }

    var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

    // MARK: The loop

    mutating func situation() -> CompletionSituation {
        while true {
            if skipBlanks() { return made(.nothing, .init(start: bytes.count)) }
            if place >= bytes.count { break }
            if let found = step() { return found }
        }
        return atEnd()
    }

    private mutating func step() -> CompletionSituation? {
        switch top.kind {
        case .braces where !top.inOptions, .parameters: named()
        case .braces: option()
        default: top.needsName ? named() : token()
        }
    }

    /// Whether the text ends in a comment.
    mutating func skipBlanks() -> Bool {
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            case UInt8(ascii: "-") where place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "-"):
                guard let end = bytes[place...].firstIndex(of: 0x0A) else { return true }
                place = end
            default: return false
            }
        }
        return false
    }

    func made(_ place: CompletionSituation.Place, _ word: CompletionSituation.Word) -> CompletionSituation {
        var start = word.start
        switch word.ending {
        case .quotedSegment: start += 1
        default: break
        }
        return CompletionSituation(
            place: place, word: word, typed: String(decoding: bytes[min(start, bytes.count)...], as: UTF8.self),
            expected: top.expected, pattern: top.pattern, items: items, branch: top.branch)
    }

    private func atEnd() -> CompletionSituation {
        let word = CompletionSituation.Word(start: bytes.count)
        let segment = CompletionSituation.Word(start: bytes.count, ending: .segment)
        switch top.kind {
        case .braces where top.inOptions: return made(optionPlace, word)
        case .braces:
            guard top.needsName, let walk = top.walk else { return made(.nothing, word) }
            return made(.name(walk, inBraces: true), segment)
        case .parameters: return made(top.needsName ? parameterPlace : .nothing, segment)
        default:
            if top.needsName, let walk = top.walk { return made(.name(walk, inBraces: false), word) }
            return made(top.hasOperand ? .link(top.last, isCompared: top.isCompared) : .operand, word)
        }
    }

    var optionPlace: CompletionSituation.Place {
        if case .braces(.source) = top.kind { return .option(isSource: true, given: top.given) }
        return .option(isSource: false, given: top.given)
    }

    var parameterPlace: CompletionSituation.Place {
        .parameter(frames.count > 1 ? frames[frames.count - 2].walk?.group : nil, given: top.given)
    }

    // MARK: Strings

    /// The content of the string at the place; nil where it has no end.
    mutating func quoted() -> String? {
        let quote = byte
        var end = place + 1
        while end < bytes.count, bytes[end] != quote {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard end < bytes.count else { return nil }
        let content = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
        place = end + 1
        return content
    }

    mutating func read(_ belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }
}
