extension Compiler {
    /// A regular expression that is constant, compiled; nil for one that is computed.
    func pattern(_ piece: Piece) throws(ExpressionError) -> Pattern? {
        guard case .string(let text)? = piece.constant else { return nil }
        do {
            return try Pattern(text)
        } catch {
            throw refused(error, .badPattern, piece)
        }
    }

    /// What is put in place of the matches of a pattern; nil unless both are constant.
    func replacement(_ piece: Piece, for pattern: Pattern?) throws(ExpressionError) -> Replacement? {
        guard let pattern, case .string(let text)? = piece.constant else { return nil }
        do {
            return try Replacement(text, for: pattern)
        } catch {
            throw refused(error, .badReplacement, piece)
        }
    }

    private func refused(_ refusal: PatternRefusal, _ code: ExpressionError.Code, _ piece: Piece) -> ExpressionError {
        let span = refusal.piece.map { self.span(of: $0, in: piece.span) } ?? piece.span
        return error(
            code, span, refusal.message, expected: code == .badPattern ? "a regular expression as RE2 has them" : nil,
            suggestion: refusal.suggestion)
    }

    /// Where some bytes of a string's value stand in its literal; the whole piece where it is not a literal.
    private func span(of piece: Range<Int>, in literal: Span) -> Span {
        let end = Int(literal.end) - 1
        var place = Int(literal.start)
        guard place < end, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'"),
            bytes[place] == bytes[end]
        else { return literal }
        place += 1
        var valueBytes = 0
        var start: Int?
        while place < end {
            if valueBytes >= piece.lowerBound, start == nil { start = place }
            if valueBytes >= piece.upperBound { break }
            if bytes[place] == bytes[Int(literal.start)] { return literal }
            let (length, count) = Self.character(at: place, in: bytes)
            place += length
            valueBytes += count
        }
        guard let start, start < place else { return literal }
        return Span(start, min(place, end))
    }

    /// How many bytes of a literal's text one of its characters takes, and how many of its value.
    private static func character(at place: Int, in bytes: [UInt8]) -> (length: Int, valueBytes: Int) {
        guard bytes[place] == UInt8(ascii: "\\") else { return (1, 1) }
        guard place + 5 < bytes.count, bytes[place + 1] == UInt8(ascii: "u") else { return (2, 1) }
        let digits = String(decoding: bytes[(place + 2)..<(place + 6)], as: UTF8.self)
        let code = UInt32(digits, radix: 16) ?? 0
        if (0xD800...0xDBFF).contains(code) { return (12, 4) }
        return (6, code < 0x80 ? 1 : (code < 0x800 ? 2 : 3))
    }
}
