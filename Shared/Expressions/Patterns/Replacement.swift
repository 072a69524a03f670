/// What is put in place of a match: text in which `$1` or `${name}` stands for what a group matched, `$0` for the whole
/// match, `\$` for a dollar and `\\` for a backslash.
struct Replacement: Sendable {
    enum Part: Sendable, Equatable {
        case text([UInt8])
        case group(Int)
    }

    let parts: [Part]
    /// The greatest number of a group that stands in it.
    let lastGroup: Int

    /// - Parameter pattern: whose groups it may name.
    init(_ text: String, for pattern: Pattern) throws(PatternRefusal) {
        var reader = ReplacementReader(bytes: Array(text.utf8), pattern: pattern)
        parts = try reader.parts()
        lastGroup = parts.reduce(0) { if case .group(let number) = $1 { max($0, number) } else { $0 } }
    }
}

private struct ReplacementReader {
    let bytes: [UInt8]
    let pattern: Pattern
    private var place = 0
    private var text: [UInt8] = []

    init(bytes: [UInt8], pattern: Pattern) {
        self.bytes = bytes
        self.pattern = pattern
    }

    mutating func parts() throws(PatternRefusal) -> [Replacement.Part] {
        var parts: [Replacement.Part] = []
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): try escape()
            case UInt8(ascii: "$"):
                let number = try group()
                if !text.isEmpty { parts.append(.text(text)) }
                text = []
                parts.append(.group(number))
            case let byte:
                text.append(byte)
                place += 1
            }
        }
        if !text.isEmpty { parts.append(.text(text)) }
        return parts
    }

    private mutating func escape() throws(PatternRefusal) {
        let next = place + 1 < bytes.count ? bytes[place + 1] : 0
        guard next == UInt8(ascii: "$") || next == UInt8(ascii: "\\") else {
            let isGroup = isDigit(next)
            throw PatternRefusal(
                "In a replacement a backslash stands before $ or another backslash only.",
                piece: place..<min(place + 2, bytes.count),
                suggestion: isGroup ? "$\(Character(Unicode.Scalar(next)))" : "\\\\")
        }
        text.append(next)
        place += 2
    }

    /// `$12` is group 12 where the pattern has it, else group 1 and the character 2.
    private mutating func group() throws(PatternRefusal) -> Int {
        let start = place
        place += 1
        if place < bytes.count, bytes[place] == UInt8(ascii: "{") { return try namedGroup(start) }
        guard place < bytes.count, isDigit(bytes[place]) else {
            throw PatternRefusal(
                "In a replacement $ is followed by the number of a group; a dollar is written \\$.",
                piece: start..<start + 1, suggestion: "\\$")
        }
        var number = Int(bytes[place] - 0x30)
        place += 1
        guard number <= pattern.groupCount else {
            throw PatternRefusal(
                "The pattern has \(pattern.groupCount) groups in parentheses, so there is no group \(number).",
                piece: start..<place, suggestion: pattern.groupCount == 0 ? "$0" : "$\(pattern.groupCount)")
        }
        while place < bytes.count, isDigit(bytes[place]) {
            let longer = number * 10 + Int(bytes[place] - 0x30)
            if longer > pattern.groupCount { break }
            number = longer
            place += 1
        }
        return number
    }

    private mutating func namedGroup(_ start: Int) throws(PatternRefusal) -> Int {
        guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) else {
            throw PatternRefusal("The name of a group ends with }.", piece: start..<bytes.count)
        }
        let name = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
        place = end + 1
        guard let number = pattern.group(named: name) else {
            throw PatternRefusal("The pattern has no group named \(name).", piece: start..<place)
        }
        return number
    }

    private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
