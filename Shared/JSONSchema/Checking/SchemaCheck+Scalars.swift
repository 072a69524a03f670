import Models

extension SchemaCheck {
    mutating func checkValues(_ rules: ValueRules, _ value: JSONValue) -> Bool {
        var isValid = true
        if let allowed = rules.allowed, !allowed.contains(where: { SchemaEquality.same($0, value) }) {
            isValid = false
            if !report(SchemaMessage.oneOf(allowed)) { return false }
        }
        if let constant = rules.constant, !SchemaEquality.same(constant, value) {
            isValid = false
            _ = report(SchemaMessage.oneOf([constant]))
        }
        return isValid
    }

    mutating func checkNumber(_ rules: NumberRules, _ value: JSONValue) -> Bool {
        var isValid = true
        if let bound = rules.minimum, SchemaEquality.compare(value, bound) < 0 {
            isValid = false
            if !report("must be \(bound.text) or more") { return false }
        }
        if let bound = rules.exclusiveMinimum, SchemaEquality.compare(value, bound) <= 0 {
            isValid = false
            if !report("must be more than \(bound.text)") { return false }
        }
        if let bound = rules.maximum, SchemaEquality.compare(value, bound) > 0 {
            isValid = false
            if !report("must be \(bound.text) or less") { return false }
        }
        if let bound = rules.exclusiveMaximum, SchemaEquality.compare(value, bound) >= 0 {
            isValid = false
            if !report("must be less than \(bound.text)") { return false }
        }
        if let divisor = rules.multipleOf, !divisor.divides(value) {
            isValid = false
            _ = report("must be a multiple of \(divisor.number.text)")
        }
        return isValid
    }

    mutating func checkString(_ rules: StringRules, _ text: String) -> Bool {
        var isValid = true
        // A character has one to four bytes, so most lengths are decided without counting.
        if let least = rules.minLength, text.utf8.count < least || text.unicodeScalars.count < least {
            isValid = false
            if !report(SchemaMessage.length(text, atLeast: least)) { return false }
        }
        if let most = rules.maxLength, text.utf8.count > most, text.unicodeScalars.count > most {
            isValid = false
            if !report(SchemaMessage.length(text, atMost: most)) { return false }
        }
        if let pattern = rules.pattern, !pattern.matches(text) {
            isValid = false
            if !report("must match the pattern \(pattern.pattern)") { return false }
        }
        if let format = rules.format, !format.holds(text) {
            isValid = false
            _ = report("must be \(format.phrase)")
        }
        return isValid
    }
}
