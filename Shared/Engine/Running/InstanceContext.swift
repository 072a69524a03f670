import Expressions
import Models

/// What expressions read of one instance. A class, so that an evaluation need not copy it.
final class InstanceContext: EvaluationContext {
    private let person: Person
    var profile: JSONObject
    private let journeys: JourneySet
    /// Who is a member, by audience, where an instance is run again.
    var memberships: JSONValue?
    private var knownZone: (plan: ObjectIdentifier, zone: Zone)?
    private let kept: KeptEvents
    private var readKept: [(at: Int64, events: [String], item: JSONValue)]?
    /// What expressions over the kept events came to, by instance, where that is recorded.
    var keptAnswers: [String: [JSONValue]] = [:]
    /// Where an instance is run again: what they came to then, and is not taken yet.
    var recordedAnswers: ArraySlice<JSONValue> = []
    /// What the decision at hand went by.
    var readings = DecisionReadings()
    var now: Int64 = 0
    var zone = Zone.utc
    var seed: UInt64 = 0
    private var plan: Plan?
    private var node = 0
    private var instance = ""
    private var events: [(name: String, value: JSONValue)] = []
    private var actions: [(name: String, value: JSONValue)] = []
    private var answers: [(key: String, answer: Instance.Answer)] = []
    private var remembered: [JourneyAttribute: Value] = [:]
    /// The event that is being looked at; it stands before an earlier one of its name.
    private var newEvent: (name: String, payload: JSONValue)?

    init(person: Person, profile: JSONObject, kept: KeptEvents, journeys: JourneySet) {
        self.person = person
        self.kept = kept
        self.profile = profile
        self.journeys = journeys
    }

    /// Of the same person after the profile changed: the zone may be another.
    func forgetZone() { knownZone = nil }

    /// Makes the instance's facts those of the next evaluation.
    func load(
        _ instance: Instance, node: Int, now: Int64, newEvent: (name: String, payload: JSONValue)? = nil
    ) {
        self.now = now
        self.newEvent = newEvent
        self.node = node
        let plan = instance.plan
        zone = self.zone(of: plan)
        seed = Draw.seed(instance.seed, salt: plan.nodes[node].salt, visit: instance.visit(of: node))
        self.plan = plan
        self.instance = instance.id
        events = instance.events
        actions = instance.actions
        answers = instance.answers
        remembered = instance.remembered
    }

    /// Before there is an instance: only the event and the profile are known.
    func load(_ plan: Plan, now: Int64, newEvent: (name: String, payload: JSONValue)) {
        self.now = now
        self.newEvent = newEvent
        self.plan = plan
        node = 0
        zone = self.zone(of: plan)
        seed = 0
        instance = ""
        events = []
        actions = []
        answers = []
        remembered = [:]
    }

    /// Gives the arrays back, so that changing the instance does not copy them.
    func unload() {
        events = []
        actions = []
        answers = []
        remembered = [:]
        newEvent = nil
    }

    func zone(of plan: Plan) -> Zone {
        if case .fixed(let zone) = plan.zone { return zone }
        if let knownZone, knownZone.plan == ObjectIdentifier(plan) { return knownZone.zone }
        let zone = plan.zone.zone(of: profile)
        knownZone = (ObjectIdentifier(plan), zone)
        return zone
    }

    func event(_ name: String) -> JSONValue? {
        if let newEvent, newEvent.name == name { return newEvent.payload }
        for (known, value) in events where known == name { return value }
        return nil
    }

    func action(_ name: String) -> JSONValue? {
        for (known, value) in actions where known == name { return value }
        return nil
    }

    func isMember(of audience: String) -> Bool {
        if let memberships { return memberships[audience] == true }
        return journeys.isMember(audience, profile, now)
    }

    func experienceEvents(of name: String?) -> [JSONValue] {
        let all = readKept ?? kept.all.map { ($0.at, $0.events, $0.item) }
        readKept = all
        let oldest = now &- KeptEvent.ageMillisecondsMax
        var items: [JSONValue] = []
        for known in all {
            if known.at <= oldest { break }
            if let name, !known.events.contains(name) { continue }
            items.append(known.item)
        }
        return items
    }

    /// Of a group, whatever the parameters: null where it failed, nil where it was not asked for.
    func answer(toLookup beginning: String) -> JSONValue? {
        for (key, answer) in answers where key.hasPrefix(beginning) {
            if case .data(let data) = answer { return data }
            return .null
        }
        return nil
    }

    func isSecret(_ read: PlanRead) -> Bool { plan?.secrets?.hides(read) ?? false }

    func lookup(_ key: String) -> LookupState {
        for (known, answer) in answers where known == key {
            switch answer {
            case .data(let data): return .data(data)
            case .failed: return .failed
            }
        }
        return .missing
    }

    func journeyAttribute(_ attribute: JourneyAttribute) -> Value {
        guard let plan else { return .null }
        switch attribute {
        case .journeyUID, .journeyVersionName: return .string(plan.journey)
        case .journeyVersionUID: return .string("\(plan.journey):\(plan.version)")
        case .journeyVersionDescription: return plan.journeyDescription.map(Value.string) ?? .null
        case .journeyVersion: return .integer(plan.version)
        case .instanceUID: return instance.isEmpty ? .null : .string(instance)
        case .externalKey: return .string(person.key)
        case .profileId: return .string(person.id)
        case .namespace: return .string(person.namespace)
        // There is one organisation and one sandbox in a deployment.
        case .organizationId, .sandboxName: return .null
        case .currentNodeId: return .string(plan.nodes[node].id)
        case .currentNodeName: return .string(plan.nodes[node].name)
        case .previousNodeName: return rememberedNode(.previousNodeId, plan) { $0.name }
        case .lastNodeNameInError: return rememberedNode(.lastNodeUIDInError, plan) { $0.name }
        case .lastNodeTypeInError: return rememberedNode(.lastNodeUIDInError, plan) { $0.type }
        case .previousNodeId, .lastNodeUIDInError, .lastErrorCode, .lastExecutedActionErrorCode,
            .lastDataFetchErrorCode, .lastActionExecutionElapsedTime, .lastDataFetchElapsedTime:
            return remembered[attribute] ?? .null
        }
    }

    private func rememberedNode(
        _ attribute: JourneyAttribute, _ plan: Plan, _ part: (PlanNode) -> String
    ) -> Value {
        guard case .string(let id)? = remembered[attribute], let index = plan.indexes[id] else { return .null }
        return .string(part(plan.nodes[index]))
    }
}

extension PlanNode {
    /// What people call it.
    var name: String { label ?? id }
}
