/// The `Retry-After` field of RFC 9110: seconds, or a date in one of the three forms that a recipient must read.
package enum RetryAfter {
    /// The time to wait from `now` (milliseconds since 1970), zero for a date gone by, `nil` for what is neither form.
    package static func delay(_ value: String, now: Int64) -> Duration? {
        let text = value.trimmingSpaces
        if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
            // More digits than these are centuries; any cap is below.
            return .seconds(Int64(text.prefix(10)) ?? 0)
        }
        guard let date = HTTPDate.milliseconds(text, now: now) else { return nil }
        return .milliseconds(max(date - now, 0))
    }
}

extension String {
    /// Without spaces and tabs at either end.
    var trimmingSpaces: Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
