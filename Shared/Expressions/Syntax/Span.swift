/// A piece of an expression's text, in bytes of its UTF-8.
struct Span: Sendable, Hashable {
    var start: Int32
    var end: Int32

    init(_ start: Int, _ end: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.end = Int32(truncatingIfNeeded: end)
    }

    func through(_ other: Span) -> Span {
        Span(Int(start), Int(other.end))
    }
}

/// Where a piece of an expression stands for a person: line and column from 1, the column and the length in characters.
struct TextPosition {
    let line: Int
    let column: Int
    let length: Int
    let piece: String

    init(of span: Span, in bytes: [UInt8]) {
        var start = min(max(Int(span.start), 0), bytes.count)
        var end = min(max(Int(span.end), start), bytes.count)
        // Characters of several bytes are shown whole.
        while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        let before = bytes[..<start]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        column = String(decoding: bytes[lineStart..<start], as: UTF8.self).count + 1
        piece = String(decoding: bytes[start..<end], as: UTF8.self)
        length = piece.count
    }
}
