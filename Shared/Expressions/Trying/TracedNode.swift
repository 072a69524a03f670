import Models

/// A part of an expression that tells the context what it gave. Such nodes are in expressions that are tried only.
final class TracedNode: Node {
    private let operand: any Node
    private let place: Int

    init(_ operand: any Node, place: Int) {
        self.operand = operand
        self.place = place
    }

    func evaluate(_ run: inout Run) throws(Fault) -> Value? {
        let tracer = run.context as? TracingContext
        tracer?.begin(place)
        do {
            let value = try operand.evaluate(&run)
            if let value { tracer?.note(.value(value), place) }
            return value
        } catch {
            tracer?.note(.fault(error), place)
            throw error
        }
    }
}

/// The facts of an evaluation, and what its parts gave so far. It belongs to one evaluation.
final class TracingContext: EvaluationContext {
    enum Outcome {
        case value(Value)
        case fault(Fault)
    }

    private let facts: any EvaluationContext
    private(set) var outcomes: [Outcome?]
    /// How often each part was begun: conditions of paths are for each item.
    private(set) var begun: [Int]

    init(_ facts: any EvaluationContext, parts: Int) {
        self.facts = facts
        outcomes = Array(repeating: nil, count: parts)
        begun = Array(repeating: 0, count: parts)
    }

    func begin(_ place: Int) {
        begun[place] += 1
        outcomes[place] = nil
    }

    func note(_ outcome: Outcome, _ place: Int) {
        outcomes[place] = outcome
    }

    var now: Int64 { facts.now }
    var zone: Zone { facts.zone }
    var seed: UInt64 { facts.seed }
    var profile: JSONObject { facts.profile }
    func experienceEvents(of name: String?) -> [JSONValue] { facts.experienceEvents(of: name) }
    func event(_ name: String) -> JSONValue? { facts.event(name) }
    func action(_ name: String) -> JSONValue? { facts.action(name) }
    func lookup(_ key: String) -> LookupState { facts.lookup(key) }
    func journeyAttribute(_ attribute: JourneyAttribute) -> Value { facts.journeyAttribute(attribute) }
    func isMember(of audience: String) -> Bool { facts.isMember(of: audience) }
}
