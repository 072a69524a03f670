/// Names of paths, options, parameters.
extension CompletionScan {
    mutating func named() -> CompletionSituation? {
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
            if inBraces { behindName() }
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
    mutating func option() -> CompletionSituation? {
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

    mutating func push(_ frame: Frame) {
        // Too deep to be looked into: what follows is read as if it stood beside.
        if frames.count < Self.depthMax { frames.append(frame) }
    }

    mutating func pop() {
        if frames.count > 1 { frames.removeLast() }
    }

    mutating func closeBraces() {
        let type = top.walk?.type
        pop()
        passed(type)
    }

    /// A value was passed.
    mutating func passed(_ type: ValueType?) {
        top.hasOperand = true
        top.last = type
        if top.argument == 0, top.first == nil { top.first = type }
    }
}
