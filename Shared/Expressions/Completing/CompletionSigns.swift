/// Words and signs between values.
extension CompletionScan {
    mutating func token() -> CompletionSituation? {
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
