import Models

/// A duration, or two between which one is drawn evenly. In JSON `"PT1H"` or `{"from": "PT0S", "to": "P1D"}`.
package struct SimulationSpan: Sendable, Hashable {
    /// Both ends included, in milliseconds.
    let range: ClosedRange<Int64>

    init(milliseconds: Int64) { range = milliseconds...milliseconds }

    /// - Parameter value: what stands at the path; what is wrong is added to the problems.
    init(_ value: JSONValue, path: String, _ problems: inout [Problem]) {
        let from: Int64?, to: Int64?
        if let object = value.objectValue {
            for key in object.keys where !["from", "to"].contains(key) {
                problems.append(Problem(path: "\(path)/\(key)", message: "is not known here; known are from, to"))
            }
            from = ISODuration.milliseconds(object["from"]?.stringValue ?? "PT0S")
            to = object["to"]?.stringValue.flatMap(ISODuration.milliseconds)
        } else {
            from = value.stringValue.flatMap(ISODuration.milliseconds)
            to = from
        }
        guard let from, let to, 0 <= from, from <= to else {
            problems.append(
                Problem(path: path, message: "expected a duration such as PT1H, or {from, to} with two, not negative"))
            range = 0...0
            return
        }
        range = from...to
    }

    func draw(_ random: inout SeededRandom) -> Int64 {
        range.lowerBound == range.upperBound ? range.lowerBound : .random(in: range, using: &random)
    }
}
