/// Finds what an expression names, by its text alone: also where it does not compile.
///
/// `@event{Name…}`, `@{Name…}`, `@action{Name…}`, `#{Source…}`, `inAudience("name")`, `inSegment("name")`, the event of
/// `#{ExperiencePlatform.ExperienceEventFieldGroup.Name…}` and the profile's path of `#{profile.path}`, outside of
/// strings and comments. Time is linear in the text.
package struct ReferenceScan: Sendable {
    package private(set) var events: Set<String> = []
    package private(set) var actions: Set<String> = []
    package private(set) var sources: Set<String> = []
    package private(set) var audiences: Set<String> = []
    /// Of `#{profile.a.b}`: what follows, as far as names go. An empty path is the whole profile.
    package private(set) var profilePaths: Set<[String]> = []

    package init() {}

    /// Adds what the text names.
    package mutating func read(_ text: String?) {
        guard let text, !text.isEmpty else { return }
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = Self.string(in: bytes, at: &place)
            case UInt8(ascii: "-") where place + 1 < bytes.count && bytes[place + 1] == UInt8(ascii: "-"):
                while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { place += 1 }
            case UInt8(ascii: "#"):
                place += 1
                guard let name = Self.braced(in: bytes, at: &place) else { break }
                sources.insert(name)
                if name == "profile" { readProfile(bytes, place) }
                if name == "ExperiencePlatform" { readPlatform(bytes, place) }
            case UInt8(ascii: "@"):
                place += 1
                let kind = Self.word(in: bytes, at: &place)
                guard let name = Self.braced(in: bytes, at: &place) else { break }
                if kind.isEmpty || kind == "event" { events.insert(name) }
                if kind == "action" { actions.insert(name) }
            case let byte where Self.isWord(byte):
                let word = Self.word(in: bytes, at: &place)
                if word == "inAudience" || word == "inSegment" { readAudience(bytes, &place) }
            default: place += 1
            }
        }
    }

    /// The profile, or the event whose kept ones are read; `experienceevent` means those of all.
    private mutating func readPlatform(_ bytes: [UInt8], _ start: Int) {
        var place = start
        switch Self.segment(in: bytes, at: &place) {
        case "ProfileFieldGroup": readProfile(bytes, place)
        case "ExperienceEventFieldGroup":
            guard let name = Self.segment(in: bytes, at: &place), name != "experienceevent" else { return }
            events.insert(name)
        default: break
        }
    }

    private mutating func readProfile(_ bytes: [UInt8], _ start: Int) {
        var place = start
        var path: [String] = []
        while let name = Self.segment(in: bytes, at: &place) { path.append(name) }
        profilePaths.insert(path)
    }

    private mutating func readAudience(_ bytes: [UInt8], _ place: inout Int) {
        Self.skipBlanks(bytes, &place)
        guard place < bytes.count, bytes[place] == UInt8(ascii: "(") else { return }
        place += 1
        Self.skipBlanks(bytes, &place)
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'") else {
            return
        }
        audiences.insert(Self.string(in: bytes, at: &place))
    }

    /// The first segment after `{`, quoted or not.
    private static func braced(in bytes: [UInt8], at place: inout Int) -> String? {
        skipBlanks(bytes, &place)
        guard place < bytes.count, bytes[place] == UInt8(ascii: "{") else { return nil }
        place += 1
        return name(in: bytes, at: &place)
    }

    /// The next segment after a `.`, quoted or not.
    private static func segment(in bytes: [UInt8], at place: inout Int) -> String? {
        skipBlanks(bytes, &place)
        guard place < bytes.count, bytes[place] == UInt8(ascii: ".") else { return nil }
        place += 1
        return name(in: bytes, at: &place)
    }

    private static func name(in bytes: [UInt8], at place: inout Int) -> String? {
        skipBlanks(bytes, &place)
        guard place < bytes.count else { return nil }
        if bytes[place] == UInt8(ascii: "'") || bytes[place] == UInt8(ascii: "\"") {
            return string(in: bytes, at: &place)
        }
        let name = word(in: bytes, at: &place)
        return name.isEmpty ? nil : name
    }

    private static func word(in bytes: [UInt8], at place: inout Int) -> String {
        let start = place
        while place < bytes.count, isWord(bytes[place]) { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    /// The string that begins with the quote here, without its quotes; escapes are kept as they are.
    private static func string(in bytes: [UInt8], at place: inout Int) -> String {
        let quote = bytes[place]
        place += 1
        let start = place
        while place < bytes.count, bytes[place] != quote {
            place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
        }
        let end = min(place, bytes.count)
        place = end + 1
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func skipBlanks(_ bytes: [UInt8], _ place: inout Int) {
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
    }

    /// Names of things may have a `-` inside; a comment's `--` never follows a name without a blank.
    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), 0x80...0xFF:
            true
        default: false
        }
    }
}
