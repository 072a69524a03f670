import Models

/// How a look-up, an action or a message is answered in a simulation.
///
/// `{"data": …, "fails": 5, "error": "http_503", "takes": "PT0.2S", "cases": [{"where": {"memberId": "42"}, …}]}`:
/// the first case whose parameters are those of the request counts, and for what it does not say the mock itself.
/// `data` (for actions `response`) is a generator; without it the answer is the sample of the definition.
package struct SimulationMock: Sendable {
    struct Answer: Sendable {
        var data: Generator?
        /// How many in a hundred fail.
        var fails: Double?
        var error: String?
        var takes: SimulationSpan?
    }

    struct Reaction: Sendable {
        let kind: Models.Reaction.Kind
        /// How many in a hundred of those that were sent.
        let percent: Double
        let after: SimulationSpan
    }

    private var answer: Answer
    private var cases: [(where: JSONObject, answer: Answer)] = []
    /// Of a message.
    private(set) var reactions: [Reaction] = []

    /// What is answered where nothing is said: the sample, after a tenth of a second.
    static let usual = SimulationMock()
    static let takesUsually = SimulationSpan(milliseconds: 100)

    private init() { answer = Answer() }

    /// - Parameter dataKey: `data` or `response`; nil for messages, which have none but may have `reactions`.
    init(_ value: JSONValue, path: String, dataKey: String?, _ problems: inout [Problem]) {
        var reader = ObjectReader(value, path: path)
        answer = Self.answer(&reader, dataKey)
        var cases: [(where: JSONObject, answer: Answer)] = []
        for (place, item) in (reader.array("cases", countMax: 10_000) ?? []).enumerated() {
            var part = ObjectReader(item, path: reader.pointer("cases") + "/\(place)")
            let parameters = part.required("where") { $0.object("where") } ?? JSONObject()
            cases.append((parameters, Self.answer(&part, dataKey)))
            part.refuseUnknown()
            reader.report(part.problems)
        }
        if dataKey == nil { reactions = Self.reactions(&reader) }
        reader.refuseUnknown()
        problems += reader.problems
        self.cases = cases
    }

    private static func answer(_ reader: inout ObjectReader, _ dataKey: String?) -> Answer {
        var problems: [Problem] = []
        let data = dataKey.flatMap { key in
            reader.value(key).map { Generator($0, path: reader.pointer(key), &problems) }
        }
        let takes = reader.value("takes").map { SimulationSpan($0, path: reader.pointer("takes"), &problems) }
        let answer = Answer(
            data: data, fails: reader.number("fails", in: 0...100), error: reader.string("error"), takes: takes)
        reader.report(problems)
        return answer
    }

    private static func reactions(_ reader: inout ObjectReader) -> [Reaction] {
        guard let object = reader.object("reactions") else { return [] }
        return object.compactMap { name, value in
            let path = reader.pointer("reactions") + "/\(name)"
            guard let kind = Models.Reaction.Kind(rawValue: name) else {
                let known = Models.Reaction.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                reader.report("reactions", "\(name) is no reaction; there are \(known)")
                return nil
            }
            var part = ObjectReader(value, path: path), problems: [Problem] = []
            let after = part.value("after").map { SimulationSpan($0, path: part.pointer("after"), &problems) }
            let reaction = Reaction(
                kind: kind, percent: part.number("percent", in: 0...100) ?? 100,
                after: after ?? SimulationSpan(milliseconds: 0))
            part.refuseUnknown()
            reader.report(part.problems + problems)
            return reaction
        }
    }

    /// The answer to a request with these parameters.
    func answer(to parameters: JSONObject) -> Answer {
        guard
            let found = cases.first(where: { item in item.where.allSatisfy { parameters[$0.key] == $0.value } })?.answer
        else { return answer }
        return Answer(
            data: found.data ?? answer.data, fails: found.fails ?? answer.fails, error: found.error ?? answer.error,
            takes: found.takes ?? answer.takes)
    }
}

/// All answers of a simulation, by the name of what is asked.
package struct SimulationMocks: Sendable {
    /// By `source.group`.
    private(set) var sources: [String: SimulationMock] = [:]
    private(set) var actions: [String: SimulationMock] = [:]
    /// By node, or by channel for all its messages.
    private(set) var messages: [String: SimulationMock] = [:]

    package init() {}

    /// `{"sources": {"loyalty.account": …}, "actions": {"smsGateway": …}, "messages": {"email": …}}`
    init(_ value: JSONValue, path: String, _ problems: inout [Problem]) {
        var reader = ObjectReader(value, path: path)
        sources = Self.mocks(&reader, "sources", dataKey: "data", &problems)
        actions = Self.mocks(&reader, "actions", dataKey: "response", &problems)
        messages = Self.mocks(&reader, "messages", dataKey: nil, &problems)
        reader.refuseUnknown()
        problems += reader.problems
    }

    private static func mocks(
        _ reader: inout ObjectReader, _ key: String, dataKey: String?, _ problems: inout [Problem]
    ) -> [String: SimulationMock] {
        var mocks: [String: SimulationMock] = [:]
        for (name, value) in reader.object(key) ?? JSONObject() {
            mocks[name] = SimulationMock(
                value, path: reader.pointer(key) + "/\(name)", dataKey: dataKey, &problems)
        }
        return mocks
    }
}
