/// Goes from match to match through a text.
struct PatternSearch {
    let text: [UInt8]
    private let pattern: Pattern
    private let groups: Int
    /// Where the next match may begin; nil behind the last.
    private var start: Int? = 0

    /// - Parameter groups: the greatest number of a group that is asked for.
    init(_ pattern: Pattern, _ text: [UInt8], groups: Int) {
        self.pattern = pattern
        self.text = text
        self.groups = groups
    }

    /// The next match: where the whole, group 0, and the groups lie; nil where there is none. A match of nothing is
    /// followed by a search one character further.
    ///
    /// A search is counted for all of the rest of the text, which it may have to look at.
    mutating func next(_ run: inout Run) throws(FunctionFailure) -> [Range<Int>?]? {
        guard let from = start else { return nil }
        try run.spend(pattern.stepsOfSearch(bytes: text.count - from))
        guard let spans = pattern.match(in: text, from: from, groups: groups), let whole = spans[0] else {
            start = nil
            return nil
        }
        start = whole.isEmpty ? character(after: whole.upperBound) : whole.upperBound
        return spans
    }

    /// The begin of the character behind the one at a place; nil at the end.
    private func character(after place: Int) -> Int? {
        guard place < text.count else { return nil }
        var next = place + 1
        while next < text.count, text[next] & 0xC0 == 0x80 { next += 1 }
        return next
    }
}
