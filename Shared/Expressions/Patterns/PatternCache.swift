import Synchronization

/// The patterns that one place of an expression computed last, so that they are not compiled again each time.
///
/// What an evaluation costs does not depend on it: the steps of a compilation are counted whether it happens or not.
final class PatternCache: Sendable {
    /// With ``Pattern/memoryBytesMax`` it bounds the memory of one place; patterns that are computed are few.
    static let countMax = 8

    /// The last used first.
    private let kept = Mutex<[(text: String, pattern: Pattern)]>([])

    func pattern(_ text: String) throws(PatternRefusal) -> Pattern {
        let known = kept.withLock { kept -> Pattern? in
            guard let place = kept.firstIndex(where: { $0.text == text }) else { return nil }
            let entry = kept.remove(at: place)
            kept.insert(entry, at: 0)
            return entry.pattern
        }
        if let known { return known }
        let pattern = try Pattern(text)
        kept.withLock { kept in
            kept.insert((text, pattern), at: 0)
            if kept.count > Self.countMax { kept.removeLast() }
        }
        return pattern
    }
}
