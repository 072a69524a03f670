import Models

/// Reads what stands left of the cursor, whatever it is, and tells what is open there.
///
/// Linear in the text. What makes no sense is passed over.
struct CompletionScan {
    private enum Kind {
        case expression, parenthesis, list, condition
        case call(String)
        case braces(ReferenceKind)
        /// An argument in a path; `isItem` where it is a condition on the items.
        case method(String, isItem: Bool)
        case defaultValue, parameters, parameterValue
    }

    private struct Frame {
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

    private let bytes: [UInt8]
    private let scope: ExpressionScope
    private var place = 0
    private var frames: [Frame]
    private var items: [(kind: CurrentItem, type: ValueType)] = []
    /// Deeper nesting is not looked into.
    private static let depthMax = 200

    init(_ bytes: [UInt8], _ scope: ExpressionScope) {
        self.bytes = bytes
        self.scope = scope
        frames = [Frame(.expression, wanted: scope.expects)]
    }

    static func isWord(_ byte: UInt8) -> Bool { startsWord(byte) || isDigit(byte) }
    static func isSegment(_ byte: UInt8) -> Bool { isWord(byte) || byte == UInt8(ascii: "-") }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func startsWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }

    private var top: Frame {
        get { frames[frames.count - 1] }
        set { frames[frames.count - 1] = newValue }
    }

    private var byte: UInt8 { place < bytes.count ? bytes[place] : 0 }

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
    private mutating func skipBlanks() -> Bool {
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

    private func made(_ place: CompletionSituation.Place, _ word: CompletionSituation.Word) -> CompletionSituation {
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

    private var optionPlace: CompletionSituation.Place {
        if case .braces(.source) = top.kind { return .option(isSource: true, given: top.given) }
        return .option(isSource: false, given: top.given)
    }

    private var parameterPlace: CompletionSituation.Place {
        .parameter(frames.count > 1 ? frames[frames.count - 2].walk?.group : nil, given: top.given)
    }

    // MARK: Strings

    /// The content of the string at the place; nil where it has no end.
    private mutating func quoted() -> String? {
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

    private mutating func read(_ belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }
}

// MARK: - Names of paths, options, parameters

extension CompletionScan {
    private mutating func named() -> CompletionSituation? {
        guard top.needsName else {
            behindName()
            return nil
        }
        let start = place
        let inBraces: Bool
        switch top.kind {
        case .braces, .parameters: inBraces = true
        default: inBraces = false
        }
        let name: String
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            let quote = byte
            guard let content = quoted() else {
                return made(namePlace, .init(start: start, ending: .quotedSegment(quote)))
            }
            name = content
        } else {
            name = read(inBraces ? Self.isSegment : Self.isWord)
            if place >= bytes.count {
                return made(namePlace, .init(start: start, ending: inBraces ? .segment : .word))
            }
        }
        if place == start {
            top.needsName = false
            behindName()
            return nil
        }
        top.needsName = false
        if case .parameters = top.kind {
            top.given.insert(name)
            return nil
        }
        let isOpen = bytes[place...].first { $0 != 0x20 } == UInt8(ascii: "(")
        if isOpen { return method(name) }
        let scope = scope
        top.walk?.field(name, in: scope)
        if !inBraces { passed(top.walk?.type) }
        return nil
    }

    private var namePlace: CompletionSituation.Place {
        if case .parameters = top.kind { return parameterPlace }
        guard let walk = top.walk else { return .nothing }
        if case .braces = top.kind { return .name(walk, inBraces: true) }
        return .name(walk, inBraces: false)
    }

    private mutating func method(_ name: String) -> CompletionSituation? {
        while byte != UInt8(ascii: "(") { place += 1 }
        place += 1
        let isItem = ["all", "first", "last"].contains(name)
        guard frames.count < Self.depthMax else { return made(.nothing, .init(start: bytes.count)) }
        let walk = top.walk
        if isItem, let walk { items.append((walk.item, walk.itemType ?? .any)) }
        let wanted: ValueType = isItem ? .boolean : (name == "at" ? .integer : .string)
        frames.append(Frame(.method(name, isItem: isItem && walk != nil), wanted: wanted))
        return nil
    }

    private mutating func behindName() {
        let sign = byte
        place += 1
        switch (top.kind, sign) {
        case (.braces, UInt8(ascii: ".")): top.needsName = true
        case (.braces, UInt8(ascii: ",")): top.inOptions = true
        case (.parameters, UInt8(ascii: ":")): push(Frame(.parameterValue))
        case (.parameters, UInt8(ascii: ",")): top.needsName = true
        case (.parameters, UInt8(ascii: "}")): pop()
        case (.braces, UInt8(ascii: "}")): closeBraces()
        default: break
        }
    }

    /// `, defaultValue: …` and `, params: {…}`.
    private mutating func option() -> CompletionSituation? {
        let start = place
        if byte == UInt8(ascii: "}") {
            place += 1
            closeBraces()
            return nil
        }
        let word = read(Self.isWord)
        if place >= bytes.count, !word.isEmpty { return made(optionPlace, .init(start: start)) }
        guard !word.isEmpty else {
            place += 1
            return nil
        }
        _ = skipBlanks()
        guard byte == UInt8(ascii: ":") else { return nil }
        place += 1
        top.given.insert(word)
        if word == "params" {
            _ = skipBlanks()
            guard byte == UInt8(ascii: "{") else { return nil }
            place += 1
            var frame = Frame(.parameters)
            frame.needsName = true
            push(frame)
        } else {
            push(Frame(.defaultValue, wanted: top.walk?.type))
        }
        return nil
    }

    private mutating func push(_ frame: Frame) {
        // Too deep to be looked into: what follows is read as if it stood beside.
        if frames.count < Self.depthMax { frames.append(frame) }
    }

    private mutating func pop() {
        if frames.count > 1 { frames.removeLast() }
    }

    private mutating func closeBraces() {
        let type = top.walk?.type
        pop()
        passed(type)
    }

    /// A value was passed.
    private mutating func passed(_ type: ValueType?) {
        top.hasOperand = true
        top.last = type
        if top.argument == 0, top.first == nil { top.first = type }
    }
}

// MARK: - Words and signs

extension CompletionScan {
    private mutating func token() -> CompletionSituation? {
        let start = place
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let quote = byte
            guard quoted() != nil else {
                return made(.text(quote: quote, of: owner), .init(start: start + 1, ending: .text(quote)))
            }
            passed(.string)
        case UInt8(ascii: "@"), UInt8(ascii: "#"): return reference()
        case let first where Self.startsWord(first):
            let word = read(Self.isWord)
            if place >= bytes.count {
                return made(
                    top.hasOperand ? .link(top.last, isCompared: top.isCompared) : .operand, .init(start: start))
            }
            self.word(word)
        case let first where Self.isDigit(first):
            let digits = read { Self.isWord($0) || $0 == UInt8(ascii: ".") }
            if place >= bytes.count { return made(.nothing, .init(start: start)) }
            passed(digits.contains(".") ? .decimal : .integer)
        default: sign()
        }
        return nil
    }

    /// The path in whose `entry("…` the cursor is.
    private var owner: CompletionWalk? {
        guard case .method("entry", _) = top.kind, frames.count > 1 else { return nil }
        return frames[frames.count - 2].walk
    }

    private mutating func reference() -> CompletionSituation? {
        let start = place
        let isSource = byte == UInt8(ascii: "#")
        place += 1
        let word = isSource ? "" : read(Self.isWord)
        if place >= bytes.count { return made(.operand, .init(start: start, ending: .reference)) }
        guard byte == UInt8(ascii: "{") else { return nil }
        place += 1
        let kind: ReferenceKind =
            switch word {
            case "action": .action
            case "journey": .journey
            default: isSource ? .source : .event
            }
        var frame = Frame(.braces(kind))
        frame.walk = CompletionWalk(stage: .roots(kind))
        frame.needsName = true
        frame.expected = top.expected
        push(frame)
        return nil
    }

    private mutating func word(_ word: String) {
        let isCall = bytes[place...].first { $0 != 0x20 } == UInt8(ascii: "(")
        switch word {
        case "and", "or", "not":
            top.hasOperand = false
            top.isCompared = false
            top.expected = .boolean
            top.pattern = nil
        case "is", "has", "numeric", "integer", "decimal": top.isCompared = true
        case "if" where isCall:
            skipToParenthesis()
            push(Frame(.condition, wanted: .boolean))
        case "then", "else":
            top.hasOperand = false
            top.isCompared = false
            top.branch = word == "then" ? "else" : nil
            top.expected = top.wanted
        case "null": passed(nil)
        case "true", "false": passed(.boolean)
        case _ where isCall:
            skipToParenthesis()
            var frame = Frame(.call(word))
            let form = FunctionTable.named(word)?.forms.first { !$0.parameters.isEmpty }
            frame.pattern = form?.parameters.first?.pattern
            frame.expected = frame.pattern?.wanted
            push(frame)
        default:
            if let item = CurrentItem(rawValue: word) {
                let type = items.last { $0.kind == item }?.type
                top.walk = CompletionWalk(stage: type.map { .value($0) } ?? .unknown, item: item)
            } else if scope.barePathsAreProfile {
                top.walk = CompletionWalk(stage: .value(.object(scope.profile)), noted: ["profile"])
                let scope = scope
                top.walk?.field(word, in: scope)
            } else {
                top.walk = CompletionWalk(stage: .unknown)
            }
            passed(top.walk?.type)
        }
    }

    private mutating func skipToParenthesis() {
        while byte != UInt8(ascii: "(") { place += 1 }
        place += 1
    }

    private mutating func sign() {
        let sign = byte
        place += 1
        switch sign {
        case UInt8(ascii: "("): push(Frame(.parenthesis, wanted: top.expected))
        case UInt8(ascii: "["): push(Frame(.list, wanted: listItem))
        case UInt8(ascii: ")"), UInt8(ascii: "]"): close()
        case UInt8(ascii: ","): comma()
        case UInt8(ascii: "}"): closeInside()
        case UInt8(ascii: "."):
            if top.walk != nil, top.hasOperand { top.needsName = true }
        case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "%"):
            if top.hasOperand { top.expected = top.last }
            if "=!<>".utf8.contains(sign) { top.isCompared = true }
            top.hasOperand = false
            top.walk = nil
            top.pattern = nil
        default: break
        }
    }

    private var listItem: ValueType? {
        if case .call("in") = top.kind, top.argument == 1 { return top.first }
        if case .list(let item)? = top.expected { return item }
        return nil
    }

    /// A parenthesis or a bracket closes.
    private mutating func close() {
        let closed = top
        switch closed.kind {
        case .parenthesis:
            pop()
            passed(closed.isCompared ? .boolean : closed.last)
        case .list:
            pop()
            passed(closed.last.map { .list($0) })
        case .condition:
            pop()
            top.hasOperand = true
            top.last = nil
            top.branch = "then"
        case .call(let name):
            pop()
            if case .type(let type)? = FunctionTable.named(name)?.forms.first?.result {
                passed(type)
            } else {
                passed(nil)
            }
        case .method(let name, let isItem):
            if isItem { items.removeLast() }
            pop()
            top.walk?.method(name)
            if case .braces = top.kind {} else { passed(top.walk?.type) }
        case .expression, .braces, .defaultValue, .parameters, .parameterValue: break
        }
    }

    private mutating func comma() {
        switch top.kind {
        case .call(let name):
            top.argument += 1
            top.hasOperand = false
            top.isCompared = false
            top.walk = nil
            let argument = top.argument
            let form = FunctionTable.named(name)?.forms.first { $0.parameters.count > argument || $0.isVariadic }
            top.pattern = form.flatMap { $0.parameters.isEmpty ? nil : $0.pattern(at: argument) }
            top.expected = top.pattern?.wanted
        case .list:
            if top.wanted == nil { top.wanted = top.last }
            top.expected = top.wanted
            top.hasOperand = false
            top.walk = nil
        case .defaultValue: pop()
        case .parameterValue:
            pop()
            top.needsName = true
        default: break
        }
    }

    /// A brace closes inside an option.
    private mutating func closeInside() {
        let isOpener = { (frame: Frame) in
            switch frame.kind {
            case .braces, .parameters: true
            default: false
            }
        }
        guard let opener = frames.lastIndex(where: isOpener) else { return }
        while frames.count > opener + 1 {
            if case .method(_, isItem: true) = top.kind { items.removeLast() }
            pop()
        }
        if case .parameters = top.kind { pop() } else { closeBraces() }
    }
}

extension TypePattern {
    /// The type that an argument has, as far as there is one.
    var wanted: ValueType? {
        switch self {
        case .one(let type): type
        case .among(let types, _): types.allSatisfy(\.isNumeric) ? .decimal : nil
        case .list(.anything): .list(.any)
        case .list(let item): item.wanted.map { .list($0) }
        case .anything: nil
        default: .string
        }
    }
}
