import Models
import Testing

@testable import Expressions

/// Bounded by the number of cases, about a second each in a debug build; see ``FuzzRun`` for the long run.
@Suite("Fuzz")
struct FuzzPropertyTests {
    // MARK: Any text

    @Test("No text crashes or hangs, and every refusal points into the text")
    func texts() {
        var worlds = FuzzWorld.Cache()
        FuzzRun("texts", cases: 3_000).run { seed, random in
            let world = worlds.world(ofCase: seed)
            let text = FuzzText.text(world, &random)
            var scope = world.scope
            scope.barePathsAreProfile = random.chance(0.2)
            do throws(ExpressionError) {
                let compiled = try Expression.compile(text, in: scope)
                let facts = random.pick(world.wildFacts)
                if let failure = FuzzEvaluation(compiled, facts).failure(&random) { return failure }
            } catch {
                if let failure = FuzzText.misplaced(error.line, error.column, error.text, in: text) {
                    return "\(text.debugDescription): \(error): \(failure)"
                }
            }
            let cursor = random.below(text.utf16.count + 2)
            let completion = Completion(text, cursor: cursor, in: scope)
            guard 0 <= completion.from, completion.from <= completion.to, completion.to <= text.utf16.count else {
                return "\(text.debugDescription): completes \(completion.from) to \(completion.to) at \(cursor)"
            }
            do throws(RowRefusal) {
                _ = try RowGroup(text)
            } catch {
                if let failure = FuzzText.misplaced(error.line, error.column, "", in: text) {
                    return "\(text.debugDescription): \(error.reason): \(failure)"
                }
            }
            return nil
        }
    }

    // MARK: Well-typed expressions

    @Test("What was checked gives its type, null or an error, for any data, and twice the same")
    func wellTyped() {
        var accepted = 0
        var tried = 0
        var ends: [String: Int] = [:]
        var worlds = FuzzWorld.Cache()
        FuzzRun("well-typed", cases: 3_000).run { seed, random in
            let world = worlds.world(ofCase: seed)
            var grammar = FuzzGrammar(world)
            let wanted = random.pick(FuzzGrammar.types)
            let text = grammar.expression(of: wanted, depth: 4, &random)
            var scope = world.scope
            if random.chance(0.3) { scope.expects = wanted }
            tried += 1
            do throws(ExpressionError) {
                let compiled = try Expression.compile(text, in: scope)
                accepted += 1
                for facts in [random.pick(world.strictFacts), random.pick(world.wildFacts)] {
                    let evaluation = FuzzEvaluation(compiled, facts)
                    ends[evaluation.end, default: 0] += 1
                    if let failure = evaluation.failure(&random) ?? evaluation.unread() { return failure }
                    if random.chance(0.2), let failure = FuzzEvaluation.parts(text, scope, facts) { return failure }
                }
            } catch {
                if let failure = FuzzText.misplaced(error.line, error.column, error.text, in: text) {
                    return "\(text.debugDescription): \(error): \(failure)"
                }
            }
            return nil
        }
        print("fuzz well-typed: \(accepted) of \(tried) are well typed; they end as \(ends.sorted { $0.key < $1.key })")
        #expect(accepted * 2 >= tried, "only \(accepted) of \(tried) expressions were well typed")
    }

    // MARK: Rows

    @Test("Rows become text and the same rows again")
    func rows() {
        var worlds = FuzzWorld.Cache()
        FuzzRun("rows", cases: 2_000).run { seed, random in
            var maker = FuzzRows(worlds.world(ofCase: seed))
            let rows = maker.group(depth: 3, &random)
            let text = rows.text
            do {
                guard try RowGroup(text) == rows.normalized else {
                    return "\(rows.json.text) is \(text), which is \(try RowGroup(text).json.text)"
                }
                let read = try RowGroup(json: JSONValue.parse(rows.json.text))
                return read.normalized == rows.normalized ? nil : "\(rows.json.text) reads as \(read.json.text)"
            } catch {
                return "\(rows.json.text) is \(text): \(error)"
            }
        }
    }

    @Test("An expression and the rows made of it mean the same")
    func meaning() {
        var withRows = 0
        var worlds = FuzzWorld.Cache()
        FuzzRun("meaning of rows", cases: 2_000).run { seed, random in
            let world = worlds.world(ofCase: seed)
            var maker = FuzzRows(world)
            let text = maker.text(depth: 3, &random)
            guard let one = try? Expression.compile(text, in: world.scope), let rows = try? RowGroup(text) else {
                return nil
            }
            withRows += 1
            let other: CompiledExpression
            do { other = try Expression.compile(rows.text, in: world.scope) } catch {
                return "\(text) has the rows \(rows.text), which are refused: \(error)"
            }
            let facts = random.pick(random.chance(0.5) ? world.strictFacts : world.wildFacts)
            let (first, second) = FuzzEvaluation.outcomes(one, other, facts, &random)
            return first == second ? nil : "\(text) gives \(first), its rows \(rows.text) give \(second)"
        }
        #expect(withRows > 0)
    }
}
