import Engine
import Models

/// Counts what happens in a simulation, as it happens.
struct SimulationTally {
    struct Node {
        var passed = 0
        var failed = 0
        var paths: [String: Int] = [:]
        /// Of passing, since entry, in milliseconds.
        var afterEntrySum: Int64 = 0
        var afterEntryMax: Int64 = 0
        /// Of its actions' calls and its look-ups: how often each status came.
        var statuses: [String: Int] = [:]
    }

    struct Sample {
        let person: Person
        let instance: String
        var steps: [StepEvent] = []
        var status: String?

        /// The nodes and ways that were taken: what makes one sample different from another.
        var route: [String] { steps.filter { $0.kind == .node }.map { "\($0.node ?? "")/\($0.path ?? "")" } }
    }

    private let plan: Plan
    private let request: SimulationRequest
    private let people: Int
    var events = 0
    private var counts = EngineCounts()
    private var nodes: [String: Node] = [:]
    private var left: [String: Int] = [:]
    private var errors: [String: Int] = [:]
    private var goals = 0
    private var entered: [String: Int64] = [:]
    private var others: [String: Int] = [:]
    /// From entry to leaving, by status.
    private var durations: [String: [Int64]] = [:]
    private var enteredCount = 0
    private var samples: [String: Sample] = [:]
    /// Those of the first people are told: enough to find different ways among them.
    private let sampledPeople: Int

    init(_ plan: Plan, _ request: SimulationRequest, people: Int) {
        self.plan = plan
        self.request = request
        self.people = people
        sampledPeople = request.samples * 50
    }

    mutating func add(_ other: EngineCounts) {
        for (count, value) in EngineCount.allCases.map({ ($0, other[$0]) }) where value != 0 {
            counts[count] += value
        }
    }

    mutating func add(_ record: StepRecord, person: Int) {
        guard let instance = record.instance else { return }
        guard record.journey == plan.journey else {
            others[record.journey, default: 0] += record.events.count { $0.kind == .entered }
            return
        }
        if person < sampledPeople {
            samples[instance, default: Sample(person: record.person, instance: instance)].steps += record.events
        }
        for event in record.events { add(event, instance) }
    }

    private mutating func add(_ event: StepEvent, _ instance: String) {
        switch event.kind {
        case .entered:
            enteredCount += 1
            entered[instance] = event.at
        case .node:
            guard let id = event.node else { return }
            let elapsed = event.at - (entered[instance] ?? event.at)
            var node = nodes.removeValue(forKey: id) ?? Node()
            if event.status == "error" { node.failed += 1 }
            node.passed += 1
            if let path = event.path { node.paths[path, default: 0] += 1 }
            node.afterEntrySum += elapsed
            node.afterEntryMax = max(node.afterEntryMax, elapsed)
            nodes[id] = node
        case .attempt, .fetch:
            guard let id = event.node else { return }
            nodes[id, default: Node()].statuses[event.code ?? event.status ?? "ok", default: 0] += 1
        case .left:
            let status = event.status ?? "finished"
            left[status, default: 0] += 1
            if status == "error" { errors[event.code ?? "error", default: 0] += 1 }
            if let time = entered.removeValue(forKey: instance) {
                durations[status, default: []].append(event.at - time)
            }
            samples[instance]?.status = status
        case .goal: goals += 1
        case .refused, .noted, .held, .released, .moved, .event: break
        }
    }

    func result(handled: Int) -> SimulationResult {
        var taken: Set<String> = []
        for (id, node) in nodes { taken.formUnion(node.paths.keys.map { "\(id)/\($0)" }) }
        let ways = plan.ways.map { "\($0.node)/\($0.path)" }
        return SimulationResult(
            journey: plan.journey, seed: request.seed, start: request.start, end: request.end, people: people,
            events: events, handled: handled, entered: enteredCount, inside: entered.count, left: left,
            refused: refusals, errors: errors, goals: goals,
            nodes: plan.nodeTypes.map { ($0.id, $0.type, nodes[$0.id] ?? Node()) },
            durations: durations.mapValues { $0.sorted() }, waysTotal: ways.count,
            waysMissing: ways.filter { !taken.contains($0) }, otherJourneys: others, samples: differentSamples)
    }

    private var refusals: [String: Int] {
        var refusals: [String: Int] = [:]
        for (name, count) in counts.named where name.hasPrefix("refused.") {
            refusals[String(name.dropFirst("refused.".count))] = count
        }
        return refusals
    }

    /// One of each way through the journey, the first ones first; then others until there are enough.
    private var differentSamples: [Sample] {
        let all = samples.values.filter { !$0.steps.isEmpty }
            .sorted { ($0.steps[0].at, $0.instance) < ($1.steps[0].at, $1.instance) }
        var routes: Set<[String]> = []
        var first: [Sample] = [], again: [Sample] = []
        for sample in all {
            if routes.insert(sample.route).inserted { first.append(sample) } else { again.append(sample) }
        }
        return Array((first + again).prefix(request.samples))
    }
}
