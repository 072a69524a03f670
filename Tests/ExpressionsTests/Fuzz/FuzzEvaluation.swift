import Models

@testable import Expressions

/// Evaluates an expression until its look-ups are answered, and judges what it gives.
struct FuzzEvaluation {
    let compiled: CompiledExpression
    private var facts: FuzzFacts

    init(_ compiled: CompiledExpression, _ facts: FuzzFacts) {
        self.compiled = compiled
        self.facts = facts
    }

    /// How the first round ends.
    var end: String {
        do throws(EvaluationFailure) {
            let value = try compiled.evaluate(in: facts.values)
            return value.isNull ? "null" : "value"
        } catch {
            switch error {
            case .error(let error): return error.code.rawValue
            case .needsLookups: return "look-ups"
            }
        }
    }

    /// What is wrong, or nil.
    func failure(_ random: inout FuzzGenerator) -> String? {
        var facts = facts
        for _ in 0..<40 {
            do throws(EvaluationFailure) {
                let value = try compiled.evaluate(in: facts.values)
                guard Self.isOf(value, compiled.type, strictly: facts.wild == 0) else {
                    return "\(compiled.text.debugDescription) is \(compiled.type) and gives \(value)"
                }
                let again = try? compiled.evaluate(in: facts.values)
                return again == value
                    ? nil : "\(compiled.text.debugDescription) gives \(value), then \(String(describing: again))"
            } catch {
                switch error {
                case .error(let error):
                    return FuzzText.misplaced(error.line, error.column, error.text, in: compiled.text)
                        .map { "\(compiled.text.debugDescription): \(error): \($0)" }
                case .needsLookups(let requests):
                    if requests.isEmpty { return "\(compiled.text.debugDescription) asks for nothing" }
                    for request in requests {
                        if facts.values.lookups[request.key] != nil {
                            return "\(compiled.text.debugDescription) asks again for \(request.key)"
                        }
                        facts.values.lookups[request.key] = facts.answer(to: request, &random)
                    }
                }
            }
        }
        return "\(compiled.text.debugDescription) asks without end"
    }

    /// Whether a value is of the checked type. Where data is of other types than declared, an integer field may hold
    /// any number.
    static func isOf(_ value: Value, _ type: ValueType, strictly: Bool, isOpen: Bool = false) -> Bool {
        switch (value, type) {
        case (.null, _), (_, .any): return true
        case (.decimal(let value), .integer): return !strictly && value.isFinite
        case (.decimal(let value), .decimal): return value.isFinite
        case (.integer, .decimal): return isOpen
        case (.list(let items), .list(let item)):
            return items.allSatisfy { isOf($0, item, strictly: strictly, isOpen: isOpen) }
        default: return value.isOf(type)
        }
    }

    /// What an expression gives depends only on what it says that it reads: the engine keeps nothing else.
    func unread() -> String? {
        guard compiled.references.lookups.isEmpty else { return nil }
        var kept = facts.values
        for (name, event) in kept.events {
            let paths = compiled.references.eventFields.filter { $0.event == name }.map(\.path)
            kept.events[name] = Self.restricted(event, to: paths)
        }
        for (name, response) in kept.actions {
            let paths = compiled.references.actions.filter { $0.action == name }.map(\.path)
            kept.actions[name] = Self.restricted(response, to: paths)
        }
        let all = Self.outcome { () throws(EvaluationFailure) in try compiled.evaluate(in: facts.values) }
        let some = Self.outcome { () throws(EvaluationFailure) in try compiled.evaluate(in: kept) }
        if all != some { return "\(compiled.text.debugDescription) gives \(all), of what it reads alone \(some)" }
        guard all == "\(Value.boolean(true))" else { return nil }
        for equality in compiled.requiredEqualities {
            let field = equality.path.reduce(facts.values.events[equality.event]) { $0?[$1] }
            if !equality.matches(field) { return "\(compiled.text.debugDescription) is true without \(equality)" }
        }
        return nil
    }

    private static func restricted(_ json: JSONValue, to paths: [[String]]) -> JSONValue {
        if paths.contains([]) { return json }
        switch json {
        case .array(let items): return .array(items.map { restricted($0, to: paths) })
        case .object(let object):
            var kept: JSONObject = [:]
            for (name, value) in object {
                let rests = paths.filter { $0[0] == name }.map { Array($0.dropFirst()) }
                if !rests.isEmpty { kept[name] = restricted(value, to: rests) }
            }
            return .object(kept)
        default: return .null
        }
    }

    /// Trying gives the same as evaluating, and each part its type.
    static func parts(_ text: String, _ scope: ExpressionScope, _ facts: FuzzFacts) -> String? {
        guard let compiled = try? Expression.compile(text, in: scope), let tried = try? TriedExpression(text, in: scope)
        else { return "\(text.debugDescription) can be compiled, but not tried" }
        let one = outcome { () throws(EvaluationFailure) in try compiled.evaluate(in: facts.values) }
        let (result, parts) = tried.evaluate(in: facts.values)
        let other = outcome { () throws(EvaluationFailure) in try result.get() }
        if one != other { return "\(text.debugDescription) gives \(one), when tried \(other)" }
        for part in parts {
            guard case .value(let value) = part.outcome else { continue }
            // Where the type is known at run time only, it is said of an integer among decimals too.
            if !isOf(value, part.type, strictly: false, isOpen: true) {
                return "\(text.debugDescription): \(part.text) is \(part.type) and gives \(value)"
            }
        }
        return nil
    }

    /// What two expressions give with the same answers. Where several operands fail it is the first that says why, so
    /// an error is as good as another.
    static func outcomes(
        _ one: CompiledExpression, _ other: CompiledExpression, _ facts: FuzzFacts, _ random: inout FuzzGenerator
    ) -> (String, String) {
        var facts = facts
        for _ in 0..<40 {
            var missing: [LookupRequest] = []
            for compiled in [one, other] {
                do throws(EvaluationFailure) { _ = try compiled.evaluate(in: facts.values) } catch {
                    if case .needsLookups(let requests) = error { missing += requests }
                }
            }
            if missing.isEmpty { break }
            for request in missing where facts.values.lookups[request.key] == nil {
                facts.values.lookups[request.key] = facts.answer(to: request, &random)
            }
        }
        let outcomes = [one, other].map { compiled in
            let outcome = outcome { () throws(EvaluationFailure) in try compiled.evaluate(in: facts.values) }
            return outcome.hasPrefix("error ") ? "error" : outcome
        }
        return (outcomes[0], outcomes[1])
    }

    private static func outcome(_ evaluate: () throws(EvaluationFailure) -> Value) -> String {
        do throws(EvaluationFailure) { return "\(try evaluate())" } catch {
            switch error {
            case .error(let error): return "error \(error.code)"
            case .needsLookups(let requests): return "asks \(requests.map(\.key))"
            }
        }
    }
}
