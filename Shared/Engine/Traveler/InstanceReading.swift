import Expressions
import Models

extension Instance {
    /// Reads what ``bytes`` wrote, with the plan of its journey and version.
    init(id: String, object: JSONObject, plan: Plan) throws(MalformedElement) {
        guard let entered = object["entered"]?.integerValue else { throw MalformedElement("entered is missing") }
        self.init(
            id: id, seed: InstanceID.seed(of: id), plan: plan, entered: entered, key: object["key"]?.stringValue ?? "")
        if let phase = object["phase"] {
            guard let known = phase.stringValue.flatMap(Phase.init) else {
                throw MalformedElement("the phase is unknown")
            }
            self.phase = known
        }
        node = try Self.index(of: object["node"]?.stringValue, plan)
        for branch in object["branches"]?.arrayValue ?? [] {
            branches.append(try Self.index(of: branch.stringValue, plan))
        }
        due = object["due"]?.integerValue
        dueBranch = Int(object["dueBranch"]?.integerValue ?? 0)
        guard (0..<max(1, branches.count)).contains(dueBranch) else {
            throw MalformedElement("there is no such branch")
        }
        steps = object["steps"]?.integerValue ?? 0
        round = object["round"]?.integerValue ?? 0
        path = Int(object["path"]?.integerValue ?? 0)
        for (node, count) in object["visits"]?.objectValue ?? JSONObject() {
            visits[try Self.index(of: node, plan)] = count.integerValue ?? 1
        }
        for node in object["spared"]?.arrayValue ?? [] { spared.insert(try Self.index(of: node.stringValue, plan)) }
        for (key, group) in object["asked"]?.objectValue ?? JSONObject() {
            asked.append((key, group.stringValue ?? ""))
        }
        for (key, answer) in object["answers"]?.objectValue ?? JSONObject() {
            keep(answer: answer["data"].map(Answer.data) ?? .failed(answer["error"]?.stringValue ?? ""), to: key)
        }
        for (name, value) in object["events"]?.objectValue ?? JSONObject() { keep(event: name, value) }
        for (name, value) in object["actions"]?.objectValue ?? JSONObject() { keep(action: name, value) }
        for item in object["kept"]?.arrayValue ?? [] { try readKept(item) }
        for (name, value) in object["remembered"]?.objectValue ?? JSONObject() {
            if let attribute = JourneyAttribute(rawValue: name) { remembered[attribute] = Value(json: value) }
        }
        chain = object["chain"]?.integerValue ?? 0
        follow(changes: object["changes"]?.integerValue ?? 0, at: object["changedAt"]?.integerValue ?? 0)
        hasReachedGoal = object["goal"]?.boolValue ?? false
        switch phase {
        case .acting: pending = requestID(round: nil)
        case .lookingUp: pending = requestID(round: round)
        case .ended: pending = object["pending"]?.stringValue
        case .listening, .held: break
        }
    }

    mutating func readKept(_ item: JSONValue) throws(MalformedElement) {
        guard let id = item["id"]?.stringValue, let at = item["at"]?.integerValue else {
            throw MalformedElement("something kept is not complete")
        }
        let offer = try Offer(json: item)
        let changes = item["chain"]?.integerValue ?? 0
        kept.append(Kept(id: id, at: at, offer: offer, weight: offer.weight, changes: changes))
        weight += offer.weight
    }

    private static func index(of node: String?, _ plan: Plan) throws(MalformedElement) -> Int {
        guard let node, let index = plan.indexes[node] else { throw MalformedElement("the version has no such node") }
        return index
    }
}

/// What can be said of an instance from its field alone, without its plan.
package struct InstanceSummary: Sendable, Hashable {
    package let id: String
    package let journey: String
    package let version: Int64
    /// Milliseconds since 1970.
    package let enteredAt: Int64
    /// The node where it is: the first one, where it listens to several.
    package let node: String
    /// `listening`, `lookingUp`, `acting`, `held` or `ended`.
    package let phase: String
    /// Step events so far.
    package let steps: Int64
    package let instanceKey: String?
    /// When its wait or time-out is over, or its request given up; the journey's own limits are not in it.
    package let due: Int64?

    package init(id: String, bytes: [UInt8]) throws(MalformedElement) {
        let value: JSONValue
        do { value = try JSONValue.parse(bytes) } catch { throw MalformedElement(error.description) }
        guard let journey = value["journey"]?.stringValue, let version = value["version"]?.integerValue,
            let entered = value["entered"]?.integerValue, let node = value["node"]?.stringValue
        else { throw MalformedElement("the instance's state is not complete") }
        self.id = id
        self.journey = journey
        self.version = version
        enteredAt = entered
        self.node = node
        phase = value["phase"]?.stringValue ?? Instance.Phase.listening.rawValue
        steps = value["steps"]?.integerValue ?? 0
        instanceKey = value["key"]?.stringValue
        due = value["due"]?.integerValue
    }
}
