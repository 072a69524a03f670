import Models

extension SchemaCheck {
    mutating func checkCombination(
        _ rules: CombinationRules, _ value: JSONValue, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var isValid = true
        if let reference = rules.reference, !check(reference, value, &marks, tracking: tracking) {
            isValid = false
            if !goesOn { return false }
        }
        if let dynamic = rules.dynamic, !check(target(of: dynamic), value, &marks, tracking: tracking) {
            isValid = false
            if !goesOn { return false }
        }
        for part in rules.allOf where !check(part, value, &marks, tracking: tracking) {
            isValid = false
            if !goesOn { return false }
        }
        if !rules.anyOf.isEmpty, !checkAnyOf(rules.anyOf, value, &marks, tracking) {
            isValid = false
            if !goesOn { return false }
        }
        if !rules.oneOf.isEmpty, !checkOneOf(rules.oneOf, value, &marks, tracking) {
            isValid = false
            if !goesOn { return false }
        }
        if let not = rules.not {
            var none = SchemaMarks()
            if quietly(not, value, &none, tracking: false) {
                isValid = false
                if !report("must not be of the kind that the schema excludes here (\"not\")") { return false }
            }
        }
        if let condition = rules.condition, !checkIf(condition, rules, value, &marks, tracking) { isValid = false }
        return isValid
    }

    private mutating func checkIf(
        _ condition: Int, _ rules: CombinationRules, _ value: JSONValue, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        // The condition marks only where it holds, which is when its marks are merged.
        let holds = quietly(condition, value, &marks, tracking: tracking)
        guard let next = holds ? rules.consequence : rules.alternative else { return true }
        return check(next, value, &marks, tracking: tracking)
    }

    private mutating func checkAnyOf(
        _ parts: [Int], _ value: JSONValue, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var isValid = false
        // Each that holds marks what it looked at, so with tracking none may be left out.
        for part in parts where quietly(part, value, &marks, tracking: tracking) {
            isValid = true
            if !tracking { return true }
        }
        if isValid { return true }
        if goesOn { reportNearest(parts, value, keyword: "anyOf") }
        return false
    }

    private mutating func checkOneOf(
        _ parts: [Int], _ value: JSONValue, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var fitting: [Int] = []
        for (place, part) in parts.enumerated() where quietly(part, value, &marks, tracking: tracking) {
            fitting.append(place + 1)
            if fitting.count == 2, !goesOn { return false }
        }
        if fitting.count == 1 { return true }
        if fitting.isEmpty {
            if goesOn { reportNearest(parts, value, keyword: "oneOf") }
        } else {
            let list = fitting.prefix(SchemaBounds.listedMax).map(String.init).joined(separator: ", ")
            _ = report("must fit exactly one of \(parts.count) alternatives (\"oneOf\"), but fits numbers \(list)")
        }
        return false
    }

    /// Says what keeps the value from the alternative that it fits best: one that takes its type, with the fewest
    /// problems.
    private mutating func reportNearest(_ parts: [Int], _ value: JSONValue, keyword: String) {
        var nearest: (number: Int, problems: [Problem])?
        for (place, part) in parts.prefix(SchemaBounds.listedMax).enumerated() {
            let found = problems(of: part, value)
            let best = nearest?.problems.filter(\.path.isEmpty).count ?? .max
            let own = found.filter(\.path.isEmpty).count
            if own < best || (own == best && found.count < (nearest?.problems.count ?? .max)) {
                nearest = (place + 1, found)
            }
        }
        if parts.count == 1, let found = nearest?.problems, let first = found.first {
            _ = report("does not fit (\"\(keyword)\"): \(SchemaMessage.inside(first))")
        } else if let nearest, let first = nearest.problems.first {
            let head = "fits none of \(parts.count) alternatives (\"\(keyword)\")"
            _ = report("\(head); for the nearest, number \(nearest.number): \(SchemaMessage.inside(first))")
        } else {
            _ = report("fits none of \(parts.count) alternatives (\"\(keyword)\")")
        }
    }
}
