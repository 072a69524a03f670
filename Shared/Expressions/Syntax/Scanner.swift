/// Cuts an expression's text into tokens. Inside the braces of a reference other words are words (`first-name`), so the
/// parser asks for path segments there.
struct Scanner {
    let bytes: [UInt8]
    private(set) var place = 0
    /// Where the first comment begins that was passed.
    private(set) var firstComment: Int?

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// Whether nothing but blanks and comments follows.
    var isAtEnd: Bool {
        var copy = self
        copy.skipBlanks()
        return copy.place == bytes.count
    }

    /// Goes back to read the same bytes in another way.
    mutating func rewind(to span: Span) {
        place = Int(span.start)
    }

    func error(
        _ code: ExpressionError.Code, _ span: Span, _ message: String, expected: String? = nil,
        suggestion: String? = nil
    ) -> ExpressionError {
        ExpressionError(code, at: span, in: bytes, message, expected: expected, suggestion: suggestion)
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        place + offset < bytes.count ? bytes[place + offset] : 0
    }

    private mutating func skipBlanks() {
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                place += 1
            case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
                firstComment = firstComment ?? place
                while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
            default: return
            }
        }
    }
}

// MARK: - Tokens

extension Scanner {
    mutating func next() throws(ExpressionError) -> Token {
        skipBlanks()
        guard place < bytes.count else { return Token(kind: .end, span: Span(place, place)) }
        let start = place
        let first = bytes[place]
        if Scanner.startsName(first) {
            let name = name { Scanner.startsName($0) || Scanner.isDigit($0) }
            return Token(kind: .identifier(name), span: Span(start, place))
        }
        if Scanner.isDigit(first) { return try number() }
        switch first {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return Token(kind: .string(try quoted()), span: Span(start, place))
        case UInt8(ascii: "@"), UInt8(ascii: "#"): return try referenceStart()
        default: return try symbol()
        }
    }

    private mutating func name(_ belongs: (UInt8) -> Bool) -> String {
        let start = place
        while place < bytes.count, belongs(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private static func startsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private mutating func number() throws(ExpressionError) -> Token {
        let start = place
        var isDecimal = false
        while Scanner.isDigit(byte()) { place += 1 }
        if byte() == UInt8(ascii: "."), Scanner.isDigit(byte(1)) {
            isDecimal = true
            place += 1
            while Scanner.isDigit(byte()) { place += 1 }
        }
        let signs = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
        if byte() | 0x20 == UInt8(ascii: "e"), Scanner.isDigit(byte(1 + signs)) {
            isDecimal = true
            place += 1 + signs
            while Scanner.isDigit(byte()) { place += 1 }
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        let span = Span(start, place)
        if Scanner.startsName(byte()) {
            throw error(
                .unexpectedToken, Span(start, place + 1), "A name may not start with a digit.",
                suggestion: "put it in quotes")
        }
        if isDecimal {
            guard let value = Double(text), value.isFinite else {
                throw error(.numberOutOfRange, span, "The number is larger than a decimal can be.")
            }
            return Token(kind: .decimal(value), span: span)
        }
        guard let value = UInt64(text), value <= UInt64(Int64.max) + 1 else {
            throw error(
                .numberOutOfRange, span, "Integers go to 9223372036854775807.", suggestion: text.prefix(64) + ".0")
        }
        return Token(kind: .integer(value), span: span)
    }

    private mutating func referenceStart() throws(ExpressionError) -> Token {
        let start = place
        let isSource = bytes[place] == UInt8(ascii: "#")
        place += 1
        let word = isSource ? "" : name { Scanner.startsName($0) || Scanner.isDigit($0) }
        let kind: ReferenceKind? =
            switch word {
            case "": isSource ? .source : .event
            case "event": .event
            case "action": .action
            case "journey": .journey
            default: nil
            }
        guard let kind else {
            let near = Suggestion.nearest(to: word, in: ["event", "action", "journey"])
            throw error(
                .unexpectedToken, Span(start, place), "References begin with @event{, @action{, @journey{ or #{.",
                suggestion: near.map { "@\($0){" })
        }
        guard byte() == UInt8(ascii: "{") else {
            throw error(
                .unexpectedToken, Span(start, place), "An opening brace must follow.", expected: "{",
                suggestion: String(decoding: bytes[start..<place], as: UTF8.self) + "{")
        }
        place += 1
        return Token(kind: .reference(kind), span: Span(start, place))
    }

    /// How other languages write operators.
    private static let foreignOperators = ["&&": "and", "||": "or", "<>": "!="]

    private mutating func symbol() throws(ExpressionError) -> Token {
        let start = place
        let two = String(decoding: bytes[place..<min(place + 2, bytes.count)], as: UTF8.self)
        if two.utf8.count == 2, let symbol = Token.Symbol(rawValue: two) {
            place += 2
            return Token(kind: .symbol(symbol), span: Span(start, place))
        }
        if let word = Scanner.foreignOperators[two] {
            throw error(
                .unexpectedCharacter, Span(start, start + 2), "This operator is written \(word).", suggestion: word)
        }
        let one = String(decoding: bytes[place..<place + 1], as: UTF8.self)
        if let symbol = Token.Symbol(rawValue: one) {
            place += 1
            return Token(kind: .symbol(symbol), span: Span(start, place))
        }
        let suggestion = ["=": "==", "!": "not"][one]
        throw error(
            .unexpectedCharacter, Span(start, start + 1), "This character has no meaning here.", suggestion: suggestion)
    }
}

// MARK: - Strings

extension Scanner {
    /// The content of a string in `"` or `'`, whose quote is at the current place.
    private mutating func quoted() throws(ExpressionError) -> String {
        let start = place
        let quote = bytes[place]
        place += 1
        var content: [UInt8] = []
        while true {
            guard place < bytes.count else {
                throw error(
                    .unterminatedString, Span(start, bytes.count), "The string has no end.",
                    expected: quote == UInt8(ascii: "'") ? "'" : "\"")
            }
            let byte = bytes[place]
            place += 1
            if byte == quote { return String(decoding: content, as: UTF8.self) }
            if byte == UInt8(ascii: "\\") { try escape(into: &content) } else { content.append(byte) }
        }
    }

    private mutating func escape(into content: inout [UInt8]) throws(ExpressionError) {
        let start = place - 1
        let letter = byte()
        place = min(place + 1, bytes.count)
        switch letter {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "'"): content.append(letter)
        case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "t"): content.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "r"): content.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "u"):
            guard var code = hexadecimal() else {
                throw error(
                    .unknownEscape, Span(start, place), "Four hexadecimal digits follow \\u.", suggestion: "\\u00e9")
            }
            // Characters beyond the first plane are two escapes, as in JSON.
            if (0xD800...0xDBFF).contains(code), byte() == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "u") {
                place += 2
                let low = hexadecimal() ?? 0
                code = (0xDC00...0xDFFF).contains(low) ? 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) : 0xD800
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw error(.unknownEscape, Span(start, place), "This is half of a surrogate pair.")
            }
            content.append(contentsOf: Array(String(scalar).utf8))
        default:
            while place < bytes.count, bytes[place] & 0xC0 == 0x80 { place += 1 }
            throw error(
                .unknownEscape, Span(start, place), "There is no such escape.",
                expected: "\\\\ \\\" \\' \\n \\t \\r \\uXXXX", suggestion: "\\\\")
        }
    }

    private mutating func hexadecimal() -> UInt32? {
        var value: UInt32 = 0
        for offset in 0..<4 {
            guard let digit = Character(Unicode.Scalar(byte(offset))).hexDigitValue else { return nil }
            value = value << 4 + UInt32(digit)
        }
        place += 4
        return value
    }
}

// MARK: - Paths

extension Scanner {
    /// One segment of a path: a name of letters, digits, `_` and `-` that starts with a letter or `_`, or a quoted one.
    mutating func segment() throws(ExpressionError) -> (name: String, span: Span) {
        skipBlanks()
        let start = place
        let first = byte()
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
            let name = try quoted()
            return (name, Span(start, place))
        }
        let name = name { Scanner.startsName($0) || Scanner.isDigit($0) || $0 == UInt8(ascii: "-") }
        let span = Span(start, place)
        if name.isEmpty {
            throw error(
                place == bytes.count ? .unexpectedEnd : .unexpectedToken, Span(start, min(start + 1, bytes.count)),
                "The name of a field belongs here; one with other characters is put in quotes.", expected: "a field")
        }
        guard Scanner.startsName(first) else {
            throw error(
                .unexpectedToken, span, "A field that starts with a digit or with - is put in quotes.",
                suggestion: "'\(name)'")
        }
        return (name, span)
    }

    /// Segments with dots between.
    mutating func fieldPath() throws(ExpressionError) -> [String] {
        var path = [try segment().name]
        while true {
            skipBlanks()
            guard byte() == UInt8(ascii: ".") else { return path }
            place += 1
            path.append(try segment().name)
        }
    }
}
