import Models

extension SchemaCheck {
    mutating func checkArray(
        _ rules: ArrayRules, _ items: [JSONValue], _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var isValid = checkSize(rules, items)
        if !isValid, !goesOn { return false }
        for (place, item) in items.enumerated() {
            guard let node = place < rules.prefix.count ? rules.prefix[place] : rules.items else { break }
            if place >= rules.prefix.count, tree.nodes[node].always == false {
                isValid = false
                let most = SchemaMessage.count(rules.prefix.count, "item")
                _ = report("must have at most \(most), but has \(items.count)")
                break
            }
            if !check(node, item: place, item) {
                isValid = false
                if !goesOn { return false }
            }
        }
        if tracking {
            marks.markItems(before: min(rules.prefix.count, items.count))
            if rules.items != nil { marks.markAllItems() }
        }
        if let contains = rules.contains, !checkContains(contains, rules, items, &marks, tracking) { isValid = false }
        return isValid
    }

    private mutating func checkSize(_ rules: ArrayRules, _ items: [JSONValue]) -> Bool {
        var isValid = true
        if let least = rules.minItems, items.count < least {
            isValid = false
            if !report("must have at least \(SchemaMessage.count(least, "item")), but has \(items.count)") {
                return false
            }
        }
        if let most = rules.maxItems, items.count > most {
            isValid = false
            if !report("must have at most \(SchemaMessage.count(most, "item")), but has \(items.count)") {
                return false
            }
        }
        if rules.isUnique, let (first, second) = SchemaEquality.repetition(in: items) {
            isValid = false
            _ = report("must hold every item once, but items \(first) and \(second) are the same: remove one")
        }
        return isValid
    }

    private mutating func checkContains(
        _ node: Int, _ rules: ArrayRules, _ items: [JSONValue], _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var found = 0
        for (place, item) in items.enumerated() {
            var none = SchemaMarks()
            guard quietly(node, item, &none, tracking: false) else { continue }
            found += 1
            if tracking { marks.markItem(place) }
            if !tracking, rules.maxContains == nil, found >= rules.minContains { return true }
        }
        if found < rules.minContains {
            let least = SchemaMessage.count(rules.minContains, "item")
            _ = report("must hold at least \(least) of the kind that \"contains\" describes, but holds \(found)")
            return false
        }
        if let most = rules.maxContains, found > most {
            let most = SchemaMessage.count(most, "item")
            _ = report("must hold at most \(most) of the kind that \"contains\" describes, but holds \(found)")
            return false
        }
        return true
    }

    mutating func checkUnevaluated(_ node: Int, _ items: [JSONValue], _ marks: inout SchemaMarks) -> Bool {
        var isValid = true
        for (place, item) in items.enumerated() where !marks.hasItem(place) {
            if !check(node, item: place, item) {
                isValid = false
                if !goesOn { return false }
            }
        }
        marks.markAllItems()
        return isValid
    }
}
