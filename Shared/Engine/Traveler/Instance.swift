import Expressions
import Models

/// One person in one version of a journey.
struct Instance: Sendable {
    /// What an instance is doing between two stimuli. While it moves it is in none of these.
    enum Phase: String, Sendable {
        case listening, lookingUp, acting
        /// The journey is paused before the action that it stands at.
        case held
        /// It left while a request was pending, whose outcome will only be noted.
        case ended
    }

    /// Something that came while something else was pending.
    struct Kept: Sendable, Hashable {
        let id: String
        let at: Int64
        /// Of an event only what the plan reads.
        let offer: Offer
        let weight: Int
        /// The number of an audience change in its chain.
        var changes: Int64 = 0
    }

    /// The answer to a look-up, held while the instance stays at the node that asked.
    enum Answer: Sendable, Hashable {
        case data(JSONValue)
        case failed(String)
    }

    let id: String
    /// Replaced by the same version's newer compilation, whose nodes have the same indexes.
    var plan: Plan
    /// When it entered.
    let entered: Int64
    /// The value of the journey's instance key; empty where there is none.
    let key: String
    let seed: UInt64

    var phase = Phase.listening
    /// Where it is: the node that acts or looks up, or the first that it listens to.
    var node = 0
    /// What it listens to, where that is more than one node.
    var branches: [Int] = []
    /// When the earliest branch is over, or the pending request is given up.
    var due: Int64?
    var dueBranch = 0
    var steps: Int64 = 0
    /// Of nodes that can be visited more than once.
    var visits: [Int: Int64] = [:]
    /// Nodes that may have been visited before a move, which nobody counted: that visit makes ids of requests differ,
    /// and is not held against `maxVisits`.
    var spared: Set<Int> = []
    /// Look-up rounds made at this visit.
    var round: Int64 = 0
    /// The path of a condition whose turn it is.
    var path = 0
    /// The id of the request that is open.
    var pending: String?
    /// Keys of the look-ups that are open, and `source.group` of each.
    var asked: [(key: String, group: String)] = []
    var answers: [(key: String, answer: Answer)] = []
    var events: [(name: String, value: JSONValue)] = []
    var actions: [(name: String, value: JSONValue)] = []
    var kept: [Kept] = []
    var remembered: [JourneyAttribute: Value] = [:]
    /// Jumps that led here one from another since the last event.
    var chain: Int64 = 0
    /// Audience changes that led here one from another, and when the last one did.
    private(set) var changes: Int64 = 0
    private(set) var changedAt: Int64 = 0
    /// Whether the journey's goal was counted.
    var hasReachedGoal = false
    /// Bytes of what is kept, roughly.
    var weight = 0

    init(id: String, seed: UInt64, plan: Plan, entered: Int64, key: String) {
        self.id = id
        self.plan = plan
        self.entered = entered
        self.key = key
        self.seed = seed
    }

    var isInside: Bool { phase != .ended }

    /// The nodes that it listens to, in order.
    var listened: [Int] { branches.isEmpty ? [node] : branches }

    /// Whether something comes before what occurs meanwhile: that is kept until it listens again.
    var isBusy: Bool {
        switch phase {
        case .lookingUp, .acting, .held: true
        case .listening, .ended: false
        }
    }

    func visit(of node: Int) -> Int64 { visits[node] ?? 1 }

    /// When the window of the goal is over; nil where there is no goal, or it was reached.
    var goalUntil: Int64? { hasReachedGoal ? nil : plan.goal.map { entered &+ $0.withinMilliseconds } }

    /// When its timer must fire, if nothing comes before.
    var timer: Int64? {
        guard isInside else { return nil }
        var earliest = entered &+ plan.globalTimeoutMilliseconds
        if let end = plan.endAt { earliest = min(earliest, end) }
        if let due { earliest = min(earliest, due) }
        return earliest
    }

    /// The id of the request that the instance makes at its node.
    func requestID(round: Int64?) -> String { requestID(of: node, round: round) }

    /// The id of the request that the instance makes, or last made, at a node.
    func requestID(of place: Int, round: Int64?) -> String {
        let node = plan.nodes[place].id
        var text = ""
        text.reserveCapacity(id.utf8.count + node.utf8.count + 8)
        text += id
        text += ":"
        text += node
        text += ":"
        text += String(visit(of: place))
        if let round {
            text += ":"
            text += String(round)
        }
        return text
    }

    /// Goes on in a chain of audience changes, or outside of any.
    mutating func follow(changes: Int64, at: Int64) {
        self.changes = changes
        changedAt = changes == 0 ? 0 : at
    }

    /// Leaves a chain whose change was so early.
    mutating func forgetChanges(before time: Int64) { if changedAt < time { follow(changes: 0, at: 0) } }

    mutating func keep(event name: String, _ value: JSONValue) {
        weight += value.weight
        if let place = events.firstIndex(where: { $0.name == name }) {
            weight -= events[place].value.weight
            events[place].value = value
        } else {
            events.append((name, value))
        }
    }

    mutating func keep(action name: String, _ value: JSONValue) {
        weight += value.weight
        if let place = actions.firstIndex(where: { $0.name == name }) {
            weight -= actions[place].value.weight
            actions[place].value = value
        } else {
            actions.append((name, value))
        }
    }

    mutating func keep(answer: Answer, to key: String) {
        if case .data(let data) = answer { weight += data.weight }
        answers.append((key, answer))
    }

    mutating func forgetAnswers() {
        guard !answers.isEmpty else { return }
        for (_, answer) in answers {
            if case .data(let data) = answer { weight -= data.weight }
        }
        answers = []
    }

    func answer(to key: String) -> Answer? {
        for (known, answer) in answers where known == key { return answer }
        return nil
    }
}

extension JSONValue {
    /// About how many bytes its text has.
    var weight: Int {
        switch self {
        case .null, .bool: 5
        case .integer, .decimal: 10
        case .exact(let digits): digits.utf8.count
        case .string(let text): text.utf8.count + 3
        case .array(let items): items.reduce(2) { $0 + $1.weight + 1 }
        case .object(let object): object.reduce(2) { $0 + $1.key.utf8.count + 4 + $1.value.weight }
        }
    }
}
