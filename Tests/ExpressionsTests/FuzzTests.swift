import Models
import Testing

@testable import Expressions

@Suite("Fuzz")
struct FuzzTests {
    /// SplitMix64: the same seed makes the same expressions.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    static let seeds: [UInt64] = [1, 2, 3, UInt64.random(in: 0...UInt64.max)]

    @Test("No mutation of an expression crashes, and every refusal points into the text", arguments: seeds)
    func mutations(seed: UInt64) throws {
        var random = Generator(state: seed)
        let scope = try World.scope()
        let context = EvaluationValues(values: World.values, now: World.now)
        let seedTexts =
            OperatorTests.literals + OperatorTests.arithmetic + OperatorTests.logic + ReferenceTests.fields
            + ReferenceTests.collections + FunctionTests.lists + TimeTests.functions
        let pieces = [
            "(", ")", "[", "]", "{", "}", "@event{", "#{", ".", ",", "\"", "'", "\\", "-", "--", "null", "not ", "é",
            "\n", "9", "if (", " and ", "all(",
        ]
        for _ in 0..<2000 {
            var text = Array(seedTexts.randomElement(using: &random)?.text ?? "")
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text.insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: place)
                case 1 where place < text.count: text.remove(at: place)
                default: text.insert(contentsOf: text.suffix(Int.random(in: 0...5, using: &random)), at: place)
                }
            }
            let source = String(text)
            do {
                _ = try Expression.compile(source, in: scope).evaluate(in: context)
            } catch let error as ExpressionError {
                let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
                #expect((1...lines.count).contains(error.line), "seed \(seed): \(source)")
                #expect(source.contains(error.text), "seed \(seed): \(source)")
            } catch is EvaluationFailure {
                continue
            }
        }
    }

    @Test("A well-typed expression gives its checked type, null or an evaluation error", arguments: seeds)
    func wellTyped(seed: UInt64) throws {
        var random = Generator(state: seed)
        let scope = try World.scope()
        let context = EvaluationValues(values: World.values, now: World.now)
        for _ in 0..<2000 {
            let wanted = Grammar.types.randomElement(using: &random) ?? .integer
            let text = Grammar.expression(of: wanted, depth: 4, &random)
            let compiled: CompiledExpression
            do {
                compiled = try Expression.compile(text, in: scope)
            } catch {
                Issue.record("seed \(seed): \(text): \(error)")
                continue
            }
            do throws(EvaluationFailure) {
                let value = try compiled.evaluate(in: context)
                let isOfType = compiled.type == .any || value.isNull || value.type.fits(compiled.type)
                #expect(isOfType, "seed \(seed): \(text) is \(compiled.type) and gives \(value)")
                let fitsWanted = compiled.type.fits(wanted)
                #expect(fitsWanted, "seed \(seed): \(text) is \(compiled.type), not \(wanted)")
            } catch {
                guard case .error = error else { Issue.record("seed \(seed): \(text) asks for look-ups"); continue }
            }
        }
    }
}

/// Writes random expressions of a type.
private enum Grammar {
    typealias Generator = FuzzTests.Generator

    static let types: [ValueType] = [
        .integer, .decimal, .string, .boolean, .dateTime, .dateTimeOnly, .dateOnly, .duration, .list(.integer),
        .list(.string),
    ]

    /// `%i` and the like stand for expressions of a type.
    static let forms: [ValueType: [String]] = [
        .integer: [
            "42", "-7", "9223372036854775807", "%i + %i", "(%i * %i)", "%i % %i", "-%i", "length(%s)", "count(%I)",
            "if (%b) then (%i) else (%i)", "toInteger(%f)", "@event{order.count}", "#{profile.points}", "round(%f)",
            "sum(%I)", "max(%I)", "getListItem(%I, %i)", "coalesce(%i, null)", "getHour(%t)", "indexOf(%s, %s)",
            "abs(%i)",
            "@event{order.missing, defaultValue: 3}", "#{profile.numbers.at(%i)}", "dateDiff(%t, %t, \"months\")",
        ],
        .decimal: [
            "2.5", "%i / %i", "%f * %f", "%f - %i", "avg(%I)", "@event{order.total}", "random()", "toDecimal(%s)",
            "if (%b) then (%f) else (%i)", "max(%f, %f)", "%f % %i", "power(2, %i % 10)",
        ],
        .string: [
            "\"a\"", "'b c'", "%s + %s", "%s + %i", "%f + %s", "concat(%s, %s)", "lower(%s)", "substr(%s, %i, %i)",
            "toString(%t)",
            "toString(%d)", "#{profile.tier}", "@journey{journeyUID}", "getListItem(%S, %i)", "toJSON(%I)",
            "urlEncode(%s)",
            "padLeft(%s, 5, \"0\")", "formatDate(%t, \"yyyy\")", "uuid()",
        ],
        .boolean: [
            "true", "false", "%i == %f", "%i < %i", "%s != %s", "(%b and %b)", "(%b or %b)", "(not %b)", "%s is null",
            "%t >= %t", "%d < %d",
            "in(%i, %I)", "in(%s, %S)", "contain(%s, %s)", "inLastHours(%t, %i)", "toBool(%i)", "isEmpty(%s)",
            "%I has null", "@event{order.gift}",
            "%i is integer", "%o == %o", "%l > %l", "inAudience(\"vips\")", "(if (%b) then (%b) else (%b))",
        ],
        .dateTime: [
            "now()", "date(\"2021-02-19T08:00:00Z\")", "%t + %d", "%t - %d", "toDateTime(%i)", "setHours(%t, %i % 30)",
            "updateTimeZone(%t, \"Asia/Tokyo\")", "nowWithDelta(%i % 100, \"months\")",
            "toDateTime(\"Europe/Paris\", %l)", "max(%t, %t)",
        ],
        .dateTimeOnly: ["date(\"2021-02-19T08:00:00\")", "toDateTimeOnly(%t)", "%l + %d", "setDays(%l, %i % 32)"],
        .dateOnly: [
            "date(\"2021-02-19\")", "toDateOnly(%t)", "toDateOnly(%i, %i, %i)", "toDateOnly(#{profile.birthday})",
        ],
        .duration: ["toDuration(\"PT1H\")", "toDuration(%i)", "%d + %d", "-%d", "%t - %t", "sum([%d, %d])"],
        .list(.integer): [
            "[%i, %i]", "#{profile.numbers}", "limit(%I, %i)", "distinct(%I)", "sort(%I, %b)", "intersect(%I, %I)",
            "#{profile.numbers.all(currentDataPackField > %i)}",
            "@event{order.items.all(currentEventField.price > %f).none, defaultValue: [%i]}",
        ],
        .list(.string): [
            "[%s, %s]", "@event{order.items.sku}", "distinct(%S)", "@event{order.prices.keys()}", "[%s, null]",
        ],
    ]

    static let letters: [Character: ValueType] = [
        "i": .integer, "f": .decimal, "s": .string, "b": .boolean, "t": .dateTime, "l": .dateTimeOnly, "o": .dateOnly,
        "d": .duration,
        "I": .list(.integer), "S": .list(.string),
    ]

    static func expression(of type: ValueType, depth: Int, _ random: inout Generator) -> String {
        let all = forms[type] ?? []
        let leaves = all.filter { !$0.contains("%") }
        guard let form = (depth > 0 ? all : leaves).randomElement(using: &random) else { return "null" }
        var text = ""
        var rest = Substring(form)
        while let sign = rest.firstIndex(of: "%") {
            text += rest[..<sign]
            let letter = rest.index(after: sign)
            if letter < rest.endIndex, let type = letters[rest[letter]] {
                text += "(" + expression(of: type, depth: depth - 1, &random) + ")"
                rest = rest[rest.index(after: letter)...]
            } else {
                text += "%"
                rest = rest[letter...]
            }
        }
        return text + rest
    }
}
