import Models

/// What the result of a simulation should be, as far as it is said: a journey's own unit test.
///
/// JSON of the result's form with only the members that matter. A number is expected exactly; `{"min": 20, "max": 40}`
/// within bounds; `{"about": 300, "within": 20}` so near; everything else equal.
package struct SimulationExpectation: Sendable {
    private let expected: JSONValue

    package init(_ expected: JSONValue) { self.expected = expected }

    /// Where the result differs: one sentence each, the place as a JSON pointer in front; none where it is as expected.
    package func differences(from result: JSONValue) -> [Problem] {
        var problems: [Problem] = []
        compare(expected, result, "", &problems)
        return problems
    }

    private func compare(_ expected: JSONValue, _ found: JSONValue?, _ path: String, _ problems: inout [Problem]) {
        func differ(_ text: String) {
            let what = found.map { $0.isNull ? "nothing" : $0.text } ?? "nothing"
            problems.append(Problem(path: path, message: "expected \(text), found \(what)"))
        }
        guard case .object(let object) = expected else {
            if let found, Self.areEqual(expected, found) { return }
            // A count that the result leaves out is none.
            if found == nil, expected == .integer(0) { return }
            return differ(expected.text)
        }
        let keys = Set(object.keys)
        if !keys.isEmpty, keys.isSubset(of: ["min", "max"]) {
            let number = found?.decimalValue ?? (found == nil ? 0 : nil)
            let low = object["min"]?.decimalValue ?? -.infinity, high = object["max"]?.decimalValue ?? .infinity
            if let number, low <= number, number <= high { return }
            return differ("from \(object["min"]?.text ?? "any") to \(object["max"]?.text ?? "any")")
        }
        if keys == ["about", "within"], let about = object["about"]?.decimalValue,
            let within = object["within"]?.decimalValue
        {
            let number = found?.decimalValue ?? (found == nil ? 0 : nil)
            if let number, abs(number - about) <= within { return }
            return differ("\(object["about"]?.text ?? "") ± \(object["within"]?.text ?? "")")
        }
        for (key, value) in object {
            compare(value, found?[key], path + "/" + key, &problems)
        }
    }

    private static func areEqual(_ one: JSONValue, _ other: JSONValue) -> Bool {
        if let one = one.decimalValue, let other = other.decimalValue { return one == other }
        return one == other
    }
}
