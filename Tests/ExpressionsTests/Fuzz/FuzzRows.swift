import Models

@testable import Expressions

/// Random rows, and random texts that have rows.
struct FuzzRows {
    private var grammar: FuzzGrammar

    init(_ world: FuzzWorld) {
        grammar = FuzzGrammar(world)
        grammar.mayDraw = false
    }

    // MARK: Rows

    mutating func group(depth: Int, _ random: inout FuzzGenerator) -> RowGroup {
        let members = (0...random.below(4)).map { _ -> RowGroup.Member in
            depth > 0 && random.chance(0.35)
                ? .group(group(depth: depth - 1, &random)) : .row(row(&random))
        }
        return RowGroup(isAnd: random.chance(0.5), isNegated: random.chance(0.3), members)
    }

    private mutating func row(_ random: inout FuzzGenerator) -> Row {
        let test = random.pick(RowOperator.allCases)
        if test == .inAudience { return Row("", test, .literal(.string(random.pick(FuzzFacts.texts)))) }
        let field = grammar.reference(of: random.pick(FuzzGrammar.types), depth: 1, &random) ?? "#{profile.a}"
        return Row(field, test, test.needsValue ? value(&random) : nil)
    }

    private mutating func value(_ random: inout FuzzGenerator) -> Row.Value {
        if random.chance(0.3) {
            let text = grammar.expression(of: random.pick(FuzzGrammar.types), depth: 2, &random)
            if let piece = RowReader.piece(text) { return piece.value }
        }
        switch random.below(5) {
        case 0: return .literal(.integer(FuzzFacts.integer(&random)))
        case 1: return .literal(.decimal(FuzzFacts.decimal(&random)))
        case 2: return .literal(.bool(random.chance(0.5)))
        case 3: return .literal(.array((0..<random.below(4)).map { _ in .string(random.pick(FuzzFacts.texts)) }))
        default: return .literal(.string(random.pick(FuzzFacts.texts)))
        }
    }

    // MARK: Texts

    /// Mostly with rows; with blanks and parentheses that rows do not have.
    mutating func text(depth: Int, _ random: inout FuzzGenerator) -> String {
        if depth > 0, random.chance(0.5) {
            let word = random.chance(0.5) ? " and " : "\n or "
            let inner = (0...random.below(3)).map { _ in text(depth: depth - 1, &random) }.joined(separator: word)
            return random.chance(0.3) ? "not (\(inner))" : "( \(inner) )"
        }
        let type = random.pick(FuzzWorld.scalars)
        let field = grammar.reference(of: type, depth: 1, &random) ?? "null"
        let other = grammar.expression(of: type, depth: 2, &random)
        switch random.below(9) {
        case 0...2:
            let symbol = random.pick(["==", "!=", "<", "<=", ">", ">="])
            return random.chance(0.3) ? "(\(other)) \(symbol) \(field)" : "(\(field)) \(symbol) ((\(other)))"
        case 3: return "\(field) " + random.pick(["is null", "is not null", "== null", "is integer", "!= null"])
        case 4: return grammar.reference(of: .boolean, depth: 1, &random) ?? "true == true"
        case 5: return "in(\(field), [\(other), \(other)])"
        case 6: return "in(\(other), (\(grammar.reference(of: .list(type), depth: 0, &random) ?? "[]")))"
        case 7:
            let one = grammar.reference(of: .string, depth: 0, &random) ?? "null"
            return random.pick(["contain", "startWith", "endWithIgnoreCase"]) + "(\(one), \"a\\n\")"
        default: return random.pick(["inAudience('vips')", "inSegment(\"new ones\")", "\(field) == false"])
        }
    }
}
