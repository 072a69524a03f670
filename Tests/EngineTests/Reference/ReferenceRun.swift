import Engine
import Models

/// The engine and the reference model, given the same stimuli and compared after each.
final class ReferenceRun {
    static let start = Story.start
    var numbers: SeededNumbers
    let model: ReferenceModel
    var members: [JourneySet.Member] = []
    private var engine: Engine
    private var traveler = Traveler(person: Story.person)
    private var fields: [String: [UInt8]] = [:]
    private var profile: JSONObject
    private(set) var clock = ReferenceRun.start
    private var timers: [String: Int64] = [:]
    private var steps: [ReferenceStep] = []
    private var requests: [ReferenceRequest] = []
    private var refusals: [String] = []
    private let entered = Entered()
    /// Requests with their contents, open or answered, and when they were made.
    private(set) var fetches: [(request: FetchRequest, at: Int64)] = []
    private(set) var actions: [(id: String, instance: String, isMessage: Bool, at: Int64)] = []
    private(set) var held: [String] = []
    private(set) var records: [String: [StepRecord]] = [:]
    /// What happened, in words that are made only when somebody reads them: that takes longer than what they tell of.
    private var lines: [() -> String] = []
    var log: [String] { lines.map { $0() } }
    private(set) var difference: String?
    /// Kinds, codes and types of nodes that step events told.
    private(set) var seen: Set<String> = []
    private var comparedSteps = 0

    /// What the engine made of which the model has to be told.
    private final class Entered {
        var ids: [String] = []
        var taken = 0
        var paths: [String: String] = [:]
    }

    init(_ numbers: SeededNumbers, profile: JSONObject) {
        self.numbers = numbers
        self.profile = profile
        engine = Self.engine([])
        let entered = entered
        model = ReferenceModel(
            profile: profile,
            nextID: {
                defer { entered.taken += 1 }
                return entered.taken < entered.ids.count ? entered.ids[entered.taken] : "none-\(entered.taken)"
            },
            drawn: { instance, step in entered.paths["\(instance)#\(step)"] })
        model.now = clock
    }

    private static func engine(_ members: [JourneySet.Member]) -> Engine {
        Engine(
            journeys: JourneySet(members) { audience, profile, _ in profile[audience] == true },
            deployment: HashKey(first: 1, second: 2), partition: 3)
    }

    // MARK: Configuration

    func publish(_ document: JourneyDocument, _ plan: Plan) {
        lines.append { "publish \(plan.version) \(JSONValue.object(document.document).text)" }
        for version in model.versions where version.journey == document.name && version.state != .stopped {
            set(version, .closed)
        }
        model.versions.append(ReferenceVersion(document, number: plan.version))
        members.append(.init(plan: plan, state: .live))
        engine = Self.engine(members)
    }

    func set(_ version: ReferenceVersion, _ state: ReferenceVersion.State) {
        lines.append { "\(version.journey) \(version.number) is \(state)" }
        version.state = state
        let known: JourneySet.State =
            switch state {
            case .live: .live
            case .closed: .closed
            case .stopped: .stopped
            case .hold: .paused(onAction: .hold)
            case .discard: .paused(onAction: .discard)
            }
        members = members.map { member in
            member.plan.journey == version.journey && member.plan.version == version.number
                ? .init(plan: member.plan, state: known) : member
        }
        engine = Self.engine(members)
    }

    // MARK: Stimuli

    /// Fires every timer that is due until then.
    func advance(by milliseconds: Int64) {
        let end = clock + milliseconds
        var fired = 0
        while let (instance, due) = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), due <= end,
            fired < 5_000,
            difference == nil
        {
            fired += 1
            clock = max(clock, due)
            give(.timer(instance: instance, due: due), now: end) { $0.fire(instance) }
        }
        clock = end
    }

    func give(_ stimulus: EngineStimulus, now: Int64? = nil, _ play: (ReferenceModel) -> Void) {
        guard difference == nil else { return }
        let time = clock - Self.start
        lines.append { "@\(time) \(stimulus)" }
        // A batch ends: what is held in memory is forgotten and read back.
        if Int.random(in: 0..<4, using: &numbers) == 0 {
            traveler = Traveler(person: Story.person, fields: fields.map { ($0.key, $0.value) })
        }
        var output = EngineOutput()
        // As in production: where the engine says that it needs no profile, it gets none.
        let isProfileNeeded = engine.journeys.needsProfile(for: stimulus, traveler: traveler)
        var seen = isProfileNeeded ? profile : JSONObject()
        engine.handle(
            stimulus, at: clock, now: max(clock, now ?? clock), traveler: &traveler, profile: &seen, into: &output)
        if isProfileNeeded { profile = seen }
        if let changes = traveler.takeChanges() {
            for field in changes.removed { fields[field] = nil }
            for (field, value) in changes.set { fields[field] = value }
        }
        let before = steps.count
        for effect in output.effects { take(effect) }
        for step in steps[before...] { entered.paths["\(step.instance)#\(step.number)"] = step.path }
        model.now = clock
        play(model)
        model.tidy()
        compare()
    }

    private func take(_ effect: Effect) {
        switch effect {
        case .fetch(let request):
            fetches.append((request, clock))
            let keys = request.lookups.map(\.key) + request.places.map(\.key)
            requests.append(.init(id: request.id, kind: "fetch", content: JSONValue(keys.sorted())))
        case .dispatch(let request):
            actions.append((request.id, request.origin.instance, false, clock))
            requests.append(.init(id: request.id, kind: "action", content: .object(request.parameters)))
        case .send(let request):
            actions.append((request.id, request.origin.instance, true, clock))
            requests.append(.init(id: request.id, kind: "message", content: .object(request.parameters)))
        case .setTimer(let instance, let due): timers[instance] = due
        case .clearTimer(let instance): timers[instance] = nil
        case .entered(_, _, let instance, _): entered.ids.append(instance)
        case .held(_, _, let instance, _): held.append(instance)
        case .released(_, _, let instance): held.removeAll { $0 == instance }
        case .record(let record):
            for event in record.events {
                seen.formUnion([event.kind.rawValue, event.code, event.type].compactMap(\.self))
            }
            guard let instance = record.instance else {
                for event in record.events {
                    refusals.append("\(record.journey):\(record.version):\(event.code ?? "")")
                }
                return
            }
            records[instance, default: []].append(record)
            for event in record.events {
                steps.append(
                    ReferenceStep(
                        instance: instance, number: event.step, at: event.kind == .attempt ? clock : event.at,
                        kind: event.kind.rawValue, node: event.node, status: event.status, path: event.path,
                        code: event.code))
            }
        case .cancel, .left, .moved, .updateProfile, .refusal, .seen, .unread: break
        }
    }

    // MARK: Comparing

    private func compare() {
        func sorted(_ steps: [ReferenceStep]) -> [ReferenceStep] {
            steps.sorted { ($0.instance, $0.number) < ($1.instance, $1.number) }
        }
        let engineSteps = sorted(Array(steps[comparedSteps...])), modelSteps = sorted(model.steps)
        if engineSteps != modelSteps { differ("steps", engineSteps, modelSteps) }
        comparedSteps = steps.count
        model.steps = []
        if requests != model.requests { differ("requests", requests, model.requests) }
        requests = []
        model.requests = []
        if refusals.sorted() != model.refusals.sorted() { differ("refusals", refusals, model.refusals) }
        refusals = []
        model.refusals = []
        var expected: [String: Int64] = [:]
        for instance in model.instances { expected[instance.id] = model.timer(instance) }
        if timers != expected {
            differ(
                "timers", timers.map { "\($0.key) \($0.value - Self.start)" }.sorted(),
                expected.map { "\($0.key) \($0.value - Self.start)" }.sorted())
        }
        if profile != model.profile {
            differ("profile", [JSONValue.object(profile).text], [JSONValue.object(model.profile).text])
        }
    }

    private func differ<Item>(_ what: String, _ engine: [Item], _ model: [Item]) {
        guard difference == nil else { return }
        difference = """
            \(what) differ
              engine: \(engine.map { "\($0)" }.joined(separator: "\n          "))
              model:  \(model.map { "\($0)" }.joined(separator: "\n          "))
            """
    }
}
