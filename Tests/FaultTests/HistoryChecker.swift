/// What a fault run left behind: what producers were told, what the third party received, what the steps say.
///
/// The checker decides from these alone, without asking the services how they think they did.
struct History: Sendable {
    enum Answer: Sendable {
        case accepted
        case refused
        /// The producer heard nothing, or an error that says nothing: done or not, both are right.
        case unknown
    }

    /// One event as a producer sent it, in the order in which it sent those of one person.
    struct Sent: Sendable {
        let event: String
        let person: String
        var answer: Answer
        /// When the producer heard its answer, in milliseconds since 1970, where that is known.
        var answeredAt: Int64?
    }

    /// One call as the third party saw it.
    struct Received: Sendable {
        let key: String
        let payload: String
        /// When it came, in milliseconds since 1970, where that is known.
        var at: Int64?
        /// False where the third party answered that it did not do it, or gave no answer.
        var isPerformed = true
    }

    /// One stored step event, in the order of its partition.
    struct Step: Sendable {
        let person: String
        let instance: String?
        let step: Int64
        let kind: String
        let node: String?
        let status: String?
        let stimulus: String
        let at: Int64
        /// Place in the partition: number of the step event.
        let number: Int64
        var journey: String?
        var version: Int64?
    }

    var sent: [Sent] = []
    var received: [Received] = []
    var steps: [Step] = []
}

/// The promises of the reliability document as counts; every one of them must be 0.
struct HistoryChecker {
    struct Verdict: Equatable, CustomStringConvertible {
        var acceptedNotProcessed = 0
        var transitionsTwice = 0
        var stepsMissing = 0
        var orderBroken = 0
        var actionsMissing = 0
        var keysWithTwoPayloads = 0
        var timersEarly = 0
        var instancesStuck = 0
        var refusedYetProcessed = 0

        var description: String {
            """
            accepted not processed \(acceptedNotProcessed), transitions twice \(transitionsTwice), steps missing \
            \(stepsMissing), order broken \(orderBroken), actions missing \(actionsMissing), keys with two payloads \
            \(keysWithTwoPayloads), timers early \(timersEarly), instances stuck \(instancesStuck), refused yet \
            processed \(refusedYetProcessed)
            """
        }
    }

    /// The least time, in milliseconds, between an instance's entry and its passing of this node.
    var leastWait: (node: String, milliseconds: Int64)?
    /// Nodes whose passing means that the third party was called.
    var actionNodes: Set<String> = []

    func check(_ history: History) -> Verdict {
        var verdict = Verdict()
        let entries = history.steps.filter { $0.kind == "entered" || $0.kind == "refused" }
        let processed = Set(entries.map(\.stimulus))
        for sent in history.sent {
            switch sent.answer {
            case .accepted: if !processed.contains(sent.event) { verdict.acceptedNotProcessed += 1 }
            case .refused: if processed.contains(sent.event) { verdict.refusedYetProcessed += 1 }
            case .unknown: break
            }
        }
        checkInstances(history, &verdict)
        checkOrder(history, entries, &verdict)
        checkActions(history, &verdict)
        return verdict
    }

    private func checkInstances(_ history: History, _ verdict: inout Verdict) {
        let steps = Dictionary(grouping: history.steps.filter { $0.instance != nil && $0.step > 0 }, by: { $0.instance ?? "" })
        for (_, all) in steps {
            let numbers = all.map(\.step)
            let distinct = Set(numbers)
            verdict.transitionsTwice += numbers.count - distinct.count
            if let last = distinct.max() { verdict.stepsMissing += Int(last) - distinct.count }
            if !all.contains(where: { $0.kind == "left" }) { verdict.instancesStuck += 1 }
            if let leastWait, let entered = all.first(where: { $0.kind == "entered" }) {
                let early = all.filter {
                    $0.kind == "node" && $0.node == leastWait.node && $0.at - entered.at < leastWait.milliseconds
                }
                verdict.timersEarly += early.count
            }
        }
        // One event, or one run over many people, brings one instance of a person in a journey into being, not two.
        let entries = Dictionary(grouping: history.steps.filter { $0.kind == "entered" }) { step in
            [step.stimulus, step.person, step.journey ?? ""]
        }
        verdict.transitionsTwice += entries.values.reduce(0) { $0 + $1.count - 1 }
    }

    private func checkOrder(_ history: History, _ entries: [History.Step], _ verdict: inout Verdict) {
        let numberOfEvent = Dictionary(
            entries.map { ($0.stimulus, $0.number) }, uniquingKeysWith: { first, _ in first })
        for (_, sent) in Dictionary(grouping: history.sent, by: \.person) {
            // An event whose answer is unknown may have been sent again later, so only the accepted ones are in order.
            let numbers = sent.filter { $0.answer == .accepted }.compactMap { numberOfEvent[$0.event] }
            verdict.orderBroken += zip(numbers, numbers.dropFirst()).filter { $0 >= $1 }.count
        }
    }

    private func checkActions(_ history: History, _ verdict: inout Verdict) {
        let payloads = Dictionary(grouping: history.received, by: \.key)
        for (_, calls) in payloads where Set(calls.map(\.payload)).count > 1 { verdict.keysWithTwoPayloads += 1 }
        // By instance and node: somebody who went over to another version does not begin to count visits from one.
        let performed = Dictionary(grouping: Set(history.received.filter(\.isPerformed).map(\.key))) { key in
            key.split(separator: ":").prefix(2).joined(separator: ":")
        }
        let passed = history.steps.filter { step in
            step.kind == "node" && step.status == "ok" && step.instance != nil && actionNodes.contains(step.node ?? "")
        }
        for (place, steps) in Dictionary(grouping: passed, by: { "\($0.instance ?? ""):\($0.node ?? "")" }) {
            verdict.actionsMissing += max(0, steps.count - (performed[place]?.count ?? 0))
        }
        checkCallTimes(history, &verdict)
    }

    /// The steps of a timer say when it was due; that it did not fire before shows in the call that follows it.
    private func checkCallTimes(_ history: History, _ verdict: inout Verdict) {
        guard let leastWait else { return }
        let entered = Dictionary(
            history.steps.filter { $0.kind == "entered" }.map { ($0.instance ?? "", $0.at) },
            uniquingKeysWith: { first, _ in first })
        for call in history.received {
            let instance = call.key.split(separator: ":").first.map(String.init) ?? ""
            guard let at = call.at, let start = entered[instance] else { continue }
            if at - start < leastWait.milliseconds { verdict.timersEarly += 1 }
        }
    }
}
