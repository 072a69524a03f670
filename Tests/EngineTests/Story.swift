import Engine
import Models
import Testing

/// One person's story: stimuli go in, and the owner's part (fields of the hash, timers, open requests) is played here.
///
/// Each stimulus is handled twice, by a traveler held in memory and by one read back from its fields, and both must say
/// the same; so every test also tests that state survives being written, and that the engine is deterministic.
final class Story {
    static let start: Int64 = 1_767_225_600_000  // 2026-01-01T00:00:00Z
    static let person = Person(namespace: "crmId", id: "42")

    var engine: Engine
    var profile: JSONObject
    private(set) var kept = KeptEvents.none
    /// Names of events that are kept with the person.
    var keptNames: Set<String> = []
    /// Of instances.
    private(set) var records: [StepRecord] = []
    /// The time of the stimulus at hand.
    var clock = Story.start
    private(set) var traveler = Traveler(person: Story.person)
    private(set) var fields: [String: [UInt8]] = [:]
    private(set) var timers: [String: Int64] = [:]
    private(set) var fetches: [FetchRequest] = []
    private(set) var actions: [ActionRequest] = []
    var messages: [MessageRequest] = []
    private(set) var held: Set<String> = []
    private(set) var marks: Set<RunMark> = []
    private(set) var updates: [(path: [String], value: JSONValue)] = []
    private(set) var cancelled: [String] = []
    /// By instance.
    private(set) var steps: [String: [StepEvent]] = [:]
    private(set) var entered: [String] = []
    private(set) var statuses: [String: String] = [:]
    private(set) var refusals: [Refusal] = []
    /// What events met, in the order in which it was said.
    private(set) var seen: [(stimulus: String, event: SeenEvent)] = []
    private(set) var counts: [String: Int] = [:]
    /// Refusals in no record, by journey and reason.
    private(set) var tallies: [String: Int] = [:]
    private(set) var fieldChanges: TravelerChanges?
    /// Audience changes that led to the updates of the last stimulus.
    private(set) var changes: Int64 = 0
    private var eventNumber = 0

    init(_ plans: Plan..., profile: JSONObject = JSONObject(), limits: EngineLimits = EngineLimits()) {
        engine = Story.engine(plans.map { .init(plan: $0, state: .live) }, limits)
        self.profile = profile
    }

    static func engine(_ members: [JourneySet.Member], _ limits: EngineLimits = EngineLimits()) -> Engine {
        Engine(
            journeys: JourneySet(members), deployment: HashKey(first: 1, second: 2), partition: 3, limits: limits)
    }

    func use(_ members: JourneySet.Member...) { engine = Story.engine(members) }

    // MARK: Stimuli

    @discardableResult
    func event(_ names: String..., payload: JSONValue = [:], id: String? = nil, after milliseconds: Int64 = 1)
        -> [Effect]
    {
        advance(by: milliseconds)
        eventNumber += 1
        let event = PersonEvent(
            id: id ?? "e-\(eventNumber)", person: Story.person, events: names, payload: payload)
        if names.contains(where: keptNames.contains) {
            kept.keep(KeptEvent(at: clock, id: event.id, events: names, payload: payload))
        }
        return handle(.event(event))
    }

    /// Fires, in order, every timer that is due until then.
    func advance(by milliseconds: Int64) {
        let end = clock + milliseconds
        while let (instance, due) = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }), due <= end {
            clock = max(clock, due)
            handle(.timer(instance: instance, due: due), now: end)
        }
        clock = end
    }

    @discardableResult
    func answer(
        _ data: JSONValue..., failing code: String? = nil, after milliseconds: Int64 = 1, cached: Bool = false
    ) -> [Effect] {
        advance(by: milliseconds)
        let request = fetches.removeFirst()
        var results: [String: LookupResult] = [:]
        for (place, lookup) in request.lookups.enumerated() {
            if let code {
                results[lookup.key] = LookupResult(errorCode: code)
            } else if place < data.count {
                results[lookup.key] = LookupResult(data: data[place], cached: cached)
            }
        }
        return handle(
            .outcome(
                Outcome(
                    id: request.id, person: Story.person, instance: request.origin.instance, durationMilliseconds: 12,
                    result: .fetch(results))))
    }

    /// The answer to a place asked for; nil: there is none.
    func answerPlaces(_ answer: Bool?) {
        advance(by: 1)
        let request = fetches.removeFirst()
        var results: [String: LookupResult] = [:]
        if let answer {
            for place in request.places { results[place.key] = LookupResult(data: .bool(answer), cached: false) }
        }
        handle(
            .outcome(
                Outcome(
                    id: request.id, person: Story.person, instance: request.origin.instance, durationMilliseconds: 12,
                    result: .fetch(results))))
    }

    @discardableResult
    func perform(
        _ status: String = "http_200", response: JSONValue = [:], note: String? = nil, after milliseconds: Int64 = 1
    ) -> [Effect] {
        advance(by: milliseconds)
        return complete(actions.removeFirst(), status, response: response, note: note)
    }

    /// A request performed by its id, such as a message's.
    @discardableResult
    func complete(_ request: String, of instance: String, _ status: String = "http_200") -> [Effect] {
        messages.removeAll { $0.id == request }
        let result = ActionResult(
            succeeded: status == "http_200", status: status, response: .null,
            attempts: [.init(at: clock, milliseconds: 8, status: status)])
        return handle(
            .outcome(
                Outcome(
                    id: request, person: Story.person, instance: instance, durationMilliseconds: 9,
                    result: .action(result))))
    }

    @discardableResult
    func complete(
        _ request: ActionRequest, _ status: String = "http_200", response: JSONValue = [:], note: String? = nil
    ) -> [Effect] {
        let result = ActionResult(
            succeeded: status == "http_200", status: status, response: response,
            attempts: [.init(at: clock, milliseconds: 8, status: status)], note: note)
        return handle(
            .outcome(
                Outcome(
                    id: request.id, person: Story.person, instance: request.origin.instance, durationMilliseconds: 9,
                    result: .action(result))))
    }

    @discardableResult
    func handle(_ stimulus: EngineStimulus, now: Int64? = nil) -> [Effect] {
        var stored = Traveler(person: Story.person, fields: fields.map { ($0.key, $0.value) })
        var output = EngineOutput(), repeated = EngineOutput()
        var storedProfile = profile
        engine.handle(
            stimulus, at: clock, now: now ?? clock, traveler: &traveler, profile: &profile, kept: kept, into: &output)
        engine.handle(
            stimulus, at: clock, now: now ?? clock, traveler: &stored, profile: &storedProfile, kept: kept,
            into: &repeated)
        #expect(profile == storedProfile, "a traveler read back changes the profile otherwise")
        #expect(output.effects == repeated.effects, "a traveler read back decides otherwise")
        #expect(output.counts == repeated.counts)
        #expect(output.changes == repeated.changes)
        #expect(output.tallies == repeated.tallies)
        for tally in output.tallies { add(tally) }
        let changed = traveler.takeChanges(), changedStored = stored.takeChanges()
        apply(changed)
        fieldChanges = changed ?? fieldChanges
        #expect(text(changed) == text(changedStored), "a traveler read back changes otherwise")
        apply(output)
        return output.effects
    }

    private func add(_ tally: RefusalTally) {
        switch tally {
        case .one(let member, let reason): tallies["\(member.journey) \(reason)", default: 0] += 1
        case .group(let group, let except):
            for member in group.members where !except.contains(member) {
                tallies["\(member.journey) filterFalse", default: 0] += 1
            }
        }
    }

    private func text(_ changes: TravelerChanges?) -> String {
        guard let changes else { return "none" }
        let set = changes.set.map { $0.field + "=" + String(decoding: $0.value, as: UTF8.self) }.sorted()
        return "\(set) − \(changes.removed.sorted()) \(changes.isEmpty) \(changes.expiresAt ?? -1)"
    }

    private func apply(_ changes: TravelerChanges?) {
        guard let changes else { return }
        for field in changes.removed { fields[field] = nil }
        for (field, value) in changes.set { fields[field] = value }
        #expect(changes.isEmpty == fields.isEmpty)
    }

    private func apply(_ output: EngineOutput) {
        changes = output.changes
        for (name, count) in output.counts.named { counts[name, default: 0] += count }
        for effect in output.effects {
            switch effect {
            case .fetch(let request): fetches.append(request)
            case .dispatch(let request): actions.append(request)
            case .send(let request): messages.append(request)
            case .held(_, _, let instance, _): held.insert(instance)
            case .released(_, _, let instance): held.remove(instance)
            case .moved, .unread: break
            case .updateProfile(let path, let value): updates.append((path, value))
            case .cancel(let request):
                cancelled.append(request)
                fetches.removeAll { $0.id == request }
                actions.removeAll { $0.id == request }
            case .setTimer(let instance, let due): timers[instance] = due
            case .clearTimer(let instance): timers[instance] = nil
            case .entered(_, _, let instance, _): entered.append(instance)
            case .left(_, _, let instance, let status): statuses[instance] = status
            case .record(let record):
                if let run = record.run { marks.insert(run) }
                guard let instance = record.instance else { continue }
                records.append(record)
                // What comes after the instance was forgotten has no number.
                for event in record.events where event.step > 0 {
                    steps[instance, default: []].append(event)
                    #expect(event.step == Int64(steps[instance]?.count ?? 0), "steps are numbered without gaps")
                }
            case .refusal(let refusal): refusals.append(refusal)
            case .seen(let event, let stimulus, _): seen.append((stimulus, event))
            }
        }
    }

    // MARK: What is seen

    /// The only instance there ever was.
    var instance: String { entered.last ?? "" }

    /// The steps of the newest instance: nodes as `id>path`, others by their kind and code.
    var told: [String] { told(of: instance) }

    func told(of instance: String) -> [String] {
        (steps[instance] ?? []).map { step in
            switch step.kind {
            case .node:
                [
                    step.node ?? "", step.path.map { ">" + $0 } ?? "",
                    step.status == "ok" ? "" : "!" + (step.status ?? ""),
                ]
                .joined() + (step.code.map { "(\($0))" } ?? "")
            case .left: "left \(step.status ?? "")" + (step.code.map { "(\($0))" } ?? "")
            default: step.kind.rawValue + (step.code.map { "(\($0))" } ?? "")
            }
        }
    }

    var status: String? { statuses[instance] }
    /// Why who was looked at did not move, of an event: `journey reason`, with `*` for an instance.
    func looked(by event: String) -> [String] {
        seen.filter { $0.stimulus == event }.flatMap(\.event.looked).map {
            "\($0.journey)\($0.instance == nil ? "" : "*") \($0.reason)"
        }
    }

    var reasons: [String] { refusals.flatMap { $0.reasons.map(\.reason) } }
    var phase: String? { traveler.summary(of: instance)?.phase }
    var node: String? { traveler.summary(of: instance)?.node }
    var state: JSONValue? { fields["i:" + instance].flatMap { try? JSONValue.parse($0) } }
    var stateBytes: Int { fields["i:" + instance]?.count ?? 0 }
    func due(_ instance: String? = nil) -> Int64? { timers[instance ?? self.instance].map { $0 - Story.start } }
}
