/// Text as it is kept: with a bound.
enum Shortened {
    static func text(_ text: String) -> String {
        guard text.utf8.count > Limits.keptTextMax else { return text }
        return String(text.prefix(Limits.keptTextMax)) + " …"
    }
}
