/// The labels of one series, in the order of their names.
struct MetricLabels: Sendable, Hashable {
    let pairs: [(name: String, value: String)]

    init(_ pairs: [(String, String)]) {
        self.pairs = pairs.map { (MetricName.valid($0.0), $0.1) }.sorted { $0.name < $1.name }
    }

    /// Where the counts go that have no series of their own any more.
    static let overflow = MetricLabels([("overflow", "true")])

    static func == (one: MetricLabels, other: MetricLabels) -> Bool {
        one.pairs.count == other.pairs.count && zip(one.pairs, other.pairs).allSatisfy { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) {
        for pair in pairs {
            hasher.combine(pair.name)
            hasher.combine(pair.value)
        }
    }

    /// `{a="1",b="2"}`, or nothing.
    func text(adding more: [(String, String)] = []) -> String {
        let all = pairs.map { ($0.name, $0.value) } + more
        if all.isEmpty { return "" }
        return "{" + all.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

/// Names as Prometheus takes them: letters, digits and `_`.
enum MetricName {
    static func valid(_ name: String) -> String {
        let valid = String(
            name.unicodeScalars.map { scalar in
                let isValid = scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_" || "0"..."9" ~= scalar)
                return isValid ? Character(scalar) : "_"
            })
        return valid.first.map { $0.isNumber ? "_" + valid : valid } ?? "_"
    }
}
