import Models

@testable import Expressions

/// Texts that are expressions in part.
enum FuzzText {
    static let pieces = [
        "(", ")", "[", "]", "{", "}", "@event{", "@{", "#{", "@action{", "@journey{", ".", ",", ":", "\"", "'", "\\",
        "-", "--", "null", "not ", "é", "\n", "9", "if (", " then ", " else ", " and ", " or ", "all(", "first(",
        "at(", "entry(", "keys()", "defaultValue: ", "params: {", "currentEventField", "is not null", "has null",
        "==", "!=", "<=", "\u{0}", "\u{301}", "👩‍👩‍👧", "\r\n", "1e9", "1.5", "\\u12", "\\uD83D", "date(\"",
        "profile", "e.", "toDuration(\"P\")", "true", "%", "*", "/", "+", "&&", "=", "!", "9223372036854775808",
    ]

    static func text(_ world: FuzzWorld, _ random: inout FuzzGenerator) -> String {
        if random.chance(0.2) { return (0..<random.below(30)).map { _ in random.pick(pieces) }.joined() }
        var text: String
        if random.chance(0.3) {
            text = random.pick(FunctionTable.all).example
        } else {
            var grammar = FuzzGrammar(world)
            text = grammar.expression(of: random.pick(FuzzGrammar.types), depth: 3, &random)
        }
        for _ in 0..<Int.random(in: 1...4, using: &random) { text = mutated(text, &random) }
        if random.chance(0.002) { text = String(repeating: random.pick(pieces), count: 3_000) + text }
        return text
    }

    private static func mutated(_ text: String, _ random: inout FuzzGenerator) -> String {
        var scalars = Array(text.unicodeScalars)
        let place = Int.random(in: 0...scalars.count, using: &random)
        switch random.below(5) {
        case 0, 1: scalars.insert(contentsOf: random.pick(pieces).unicodeScalars, at: place)
        case 2 where place < scalars.count: scalars.remove(at: place)
        case 3:
            let end = min(place + random.below(6), scalars.count)
            scalars.insert(contentsOf: scalars[place..<end], at: random.below(scalars.count + 1))
        default: scalars.removeSubrange(place..<min(place + random.below(12), scalars.count))
        }
        var mutated = String.UnicodeScalarView()
        mutated.append(contentsOf: scalars)
        return String(mutated)
    }

    /// What is wrong with a place in the text; nil where it is in it.
    static func misplaced(_ line: Int, _ column: Int, _ piece: String, in text: String) -> String? {
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard (1...lines.count).contains(line) else { return "line \(line) of \(lines.count)" }
        let length = String(decoding: lines[line - 1], as: UTF8.self).count
        guard (1...length + 1).contains(column) else { return "column \(column) of \(length)" }
        let (bytes, wanted) = (Array(text.utf8), Array(piece.utf8))
        guard wanted.count <= bytes.count else { return "the piece is longer than the text" }
        let isInside =
            wanted.isEmpty
            || (0...bytes.count - wanted.count).contains { start in
                bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted)
            }
        return isInside ? nil : "the piece \(piece.debugDescription) is not in the text"
    }
}
