extension LinearRegex {
    /// A text that matches where the pattern's assertions allow it: the first alternatives, the fewest repetitions,
    /// and `extra` more of what may come as often as it likes. At most 4,096 characters.
    func sampleText(extra: Int) -> String {
        var text = String.UnicodeScalarView()
        Self.write(syntax, extra: extra, to: &text)
        return String(text)
    }

    private static let sampleLengthMax = 4_096

    private static func write(_ node: LinearRegexNode, extra: Int, to text: inout String.UnicodeScalarView) {
        guard text.count < sampleLengthMax else { return }
        switch node {
        case .empty, .start, .end, .wordBoundary: break
        case .one(let set): if let scalar = representative(of: set) { text.append(scalar) }
        case .sequence(let parts): for part in parts { write(part, extra: extra, to: &text) }
        case .choice(let alternatives): if let first = alternatives.first { write(first, extra: extra, to: &text) }
        case .repeated(let part, let min, let max):
            for _ in 0..<(max.map { Swift.min($0, min + extra) } ?? min + extra) {
                let before = text.count
                write(part, extra: extra, to: &text)
                if text.count == before { break }
            }
        }
    }

    /// A letter or digit of the set if it has one, else its first character that can be seen.
    private static func representative(of set: LinearRegexClass) -> Unicode.Scalar? {
        let likely: [UInt32] = [0x61, 0x41, 0x31, 0x30] + Array(0x62...0x7A) + Array(0x42...0x5A) + Array(0x21...0x7E)
        if let code = likely.first(where: set.contains) { return Unicode.Scalar(code) }
        let rest = set.ranges.first.map { $0.lowerBound...$0.upperBound } ?? 0xA1...0x2FFF
        return rest.lazy.filter(set.contains).compactMap(Unicode.Scalar.init).first
    }
}
