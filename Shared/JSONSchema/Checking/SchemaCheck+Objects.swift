import Models

extension SchemaCheck {
    mutating func checkObject(
        _ rules: ObjectRules, _ object: JSONObject, _ value: JSONValue, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var isValid = true
        if rules.looksAtMembers, !checkMembers(rules, object, &marks, tracking) {
            isValid = false
            if !goesOn { return false }
        }
        if let least = rules.minProperties, object.count < least {
            isValid = false
            if !report("must have at least \(SchemaMessage.count(least, "member")), but has \(object.count)") {
                return false
            }
        }
        if let most = rules.maxProperties, object.count > most {
            isValid = false
            if !report("must have at most \(SchemaMessage.count(most, "member")), but has \(object.count)") {
                return false
            }
        }
        for (name, needs) in rules.dependentRequired where object.contains(name) {
            for need in needs where !object.contains(need) {
                isValid = false
                if !report(at: need, "is missing and needed where \"\(name)\" is given: add it") { return false }
            }
        }
        for (name, node) in rules.dependentSchemas where object.contains(name) {
            if !check(node, value, &marks, tracking: tracking) {
                isValid = false
                if !goesOn { return false }
            }
        }
        return isValid
    }

    private mutating func checkMembers(
        _ rules: ObjectRules, _ object: JSONObject, _ marks: inout SchemaMarks, _ tracking: Bool
    ) -> Bool {
        var isValid = true
        var seen: UInt64 = 0
        var last = -1
        var number = 0
        for (name, value) in object {
            var isKnown = false
            if let place = rules.place(of: name, after: &last) {
                if place < 64 { seen |= 1 << UInt64(place) }
                if let node = rules.properties[place].node {
                    isKnown = true
                    if !check(node, member: name, value) { isValid = false }
                }
            }
            if !rules.patterns.isEmpty || (!isKnown && rules.additional != nil) || rules.names != nil {
                if !checkOther(rules, name, value, &isKnown) { isValid = false }
            }
            if !isValid, !goesOn { return false }
            if tracking, isKnown { marks.markMember(number) }
            number += 1
        }
        if let mask = rules.requiredMask {
            if seen & mask == mask { return isValid }
        } else if rules.properties.allSatisfy({ !$0.isRequired || object.contains($0.name) }) {
            return isValid
        }
        for property in rules.properties where property.isRequired && !object.contains(property.name) {
            let types = property.node.map { tree.nodes[$0].types } ?? []
            if !report(at: property.name, SchemaMessage.missing(types)) { return false }
        }
        return false
    }

    /// `patternProperties`, `additionalProperties` and `propertyNames` for one member.
    private mutating func checkOther(
        _ rules: ObjectRules, _ name: String, _ value: JSONValue, _ isKnown: inout Bool
    ) -> Bool {
        var isValid = true
        for (regex, node) in rules.patterns where regex.matches(name) {
            isKnown = true
            if !check(node, member: name, value) { isValid = false }
        }
        if let additional = rules.additional, !isKnown {
            isKnown = true
            if tree.nodes[additional].always == false {
                isValid = false
                _ = report(at: name, SchemaMessage.unknown(name, known: rules.properties.map(\.name)))
            } else if !check(additional, member: name, value) {
                isValid = false
            }
        }
        if let names = rules.names {
            var none = SchemaMarks()
            if !quietly(names, .string(name), &none, tracking: false) {
                isValid = false
                if goesOn {
                    let reason = problems(of: names, .string(name)).first?.message ?? "is not allowed"
                    _ = report(at: name, "is no name that a member may have here: it \(reason)")
                }
            }
        }
        return isValid
    }

    mutating func checkUnevaluated(_ node: Int, _ object: JSONObject, _ marks: inout SchemaMarks) -> Bool {
        var isValid = true
        for (place, member) in object.enumerated() where !marks.hasMember(place) {
            if tree.nodes[node].always == false {
                isValid = false
                if !report(at: member.key, SchemaMessage.unknown(member.key, known: [])) { return false }
            } else if !check(node, member: member.key, member.value) {
                isValid = false
                if !goesOn { return false }
            }
        }
        marks.markAllMembers()
        return isValid
    }
}
