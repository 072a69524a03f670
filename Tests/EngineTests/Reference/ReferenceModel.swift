import Expressions
import Models

/// A second, slow and plain implementation of what a journey means, written from the rules and not from the engine: no
/// compilation, no indexes, one person, lists that are searched.
///
/// What only the engine can know is asked of it: ids of instances, and how a share was drawn.
final class ReferenceModel {
    var versions: [ReferenceVersion] = []
    var profile: JSONObject
    var now: Int64 = 0
    var instances: [ReferenceInstance] = []
    var lastEntries: [String: Int64] = [:]
    var lastRuns: [String: String] = [:]
    /// Instances that left and whose goal may still be reached.
    var openGoals: [ReferenceInstance] = []
    var steps: [ReferenceStep] = []
    var requests: [ReferenceRequest] = []
    var refusals: [String] = []
    /// Whether the stimulus has said that something kept made room.
    var isFullSaid = false
    var jumps: [(journey: String, payload: JSONValue, chain: Int)] = []

    /// The id of the instance that enters next.
    let nextID: () -> String
    /// The path that the engine took with a step event of an instance.
    let drawn: (_ instance: String, _ step: Int64) -> String?
    var shares: [String: String] = [:]
    private var compiled: [String: CompiledExpression] = [:]

    init(
        profile: JSONObject, nextID: @escaping () -> String,
        drawn: @escaping (_ instance: String, _ step: Int64) -> String?
    ) {
        self.profile = profile
        self.nextID = nextID
        self.drawn = drawn
    }

    // MARK: Facts

    /// Oldest entry first.
    var inside: [ReferenceInstance] {
        instances.filter(\.isInside).sorted { ($0.entered, $0.id) < ($1.entered, $1.id) }
    }

    func newest(_ journey: String) -> ReferenceVersion? {
        versions.filter { $0.journey == journey }.max { $0.number < $1.number }
    }

    func zone(_ version: ReferenceVersion) -> Zone {
        switch version.document.properties.timezone {
        case .fixed(let name): return Zone(identifier: name) ?? .utc
        case .profile(let path, let fallback):
            let named = profile[path]?.stringValue.flatMap { Zone(identifier: $0) }
            return named ?? Zone(identifier: fallback) ?? .utc
        }
    }

    /// When the instance's one timer fires.
    func timer(_ instance: ReferenceInstance) -> Int64? {
        guard instance.isInside else { return nil }
        let properties = instance.version.document.properties
        var times = [instance.entered + properties.globalTimeoutMilliseconds]
        if let end = endAt(instance.version) { times.append(end) }
        if let due = instance.due { times.append(due) }
        return times.min()
    }

    func endAt(_ version: ReferenceVersion) -> Int64? {
        version.document.properties.endAt.flatMap { ISO8601.parseDateTime($0)?.instant }
    }

    // MARK: Expressions

    enum Evaluated {
        case value(Value)
        case needs([LookupRequest])
        case failed
    }

    func evaluate(
        _ text: String, _ instance: ReferenceInstance?, _ version: ReferenceVersion,
        event: (name: String, payload: JSONValue)? = nil, at: Int64? = nil
    ) -> Evaluated {
        if compiled[text] == nil {
            var scope = ExpressionScope()
            for name in PropertyTests.events + ["priceDropped"] { scope.events[name] = .any }
            scope.actions["sms"] = .any
            scope.sources = Self.sources
            scope.hasJourney = true
            compiled[text] = try? Expression.compile(text, in: scope)
        }
        guard let expression = compiled[text] else { return .failed }
        var values = EvaluationValues(now: at ?? now)
        values.profile = profile
        // In these tests membership is a field of the profile.
        values.audiences = Set(["gold", "silver"].filter { profile[$0] == true })
        values.zone = zone(version)
        values.events = JSONObject((instance?.events ?? [:]).map { ($0.key, $0.value) })
        if let event { values.events[event.name] = event.payload }
        values.actions = JSONObject((instance?.actions ?? [:]).map { ($0.key, $0.value) })
        for (key, answer) in instance?.answers ?? [:] {
            switch answer {
            case .data(let data): values.lookups[key] = .data(data)
            case .failed: values.lookups[key] = .failed
            }
        }
        do {
            return .value(try expression.evaluate(in: values))
        } catch {
            if case .needsLookups(let requests) = error { return .needs(requests) }
            return .failed
        }
    }

    static let sources: [String: [String: ExpressionScope.FieldGroup]] = [
        "loyalty": ["account": .init(shape: .any, parameters: ["memberId"])]
    ]

    // MARK: Saying

    func say(
        _ instance: ReferenceInstance, _ kind: String, node: String? = nil, status: String? = nil, path: String? = nil,
        code: String? = nil, at: Int64? = nil
    ) {
        instance.steps += 1
        steps.append(
            ReferenceStep(
                instance: instance.id, number: instance.steps, at: at ?? now, kind: kind, node: node, status: status,
                path: path, code: code))
    }

    func refuse(_ version: ReferenceVersion, _ reason: String) {
        refusals.append("\(version.journey):\(version.number):\(reason)")
    }

    func leave(_ instance: ReferenceInstance, _ status: String, code: String? = nil) {
        say(instance, "left", status: status, code: code)
        instance.phase = .ended
        instance.due = now + 86_400_000
        instance.kept = []
        if instance.pending == nil { forget(instance) }
    }

    /// Nothing is to be heard of the instance any more, but of its goal.
    func forget(_ instance: ReferenceInstance) {
        instances.removeAll { $0 === instance }
        guard !instance.hasReachedGoal, let until = instance.goalUntil, until > now else { return }
        openGoals.removeAll(where: \.hasReachedGoal)
        openGoals.append(instance)
        // As many goals of one person stay open at most; the one that ends first makes room.
        guard openGoals.count > 200,
            let first = openGoals.indices.min(by: { place, other in
                (openGoals[place].goalUntil ?? 0, openGoals[place].id)
                    < (openGoals[other].goalUntil ?? 0, openGoals[other].id)
            })
        else { return }
        openGoals.remove(at: first)
    }
}
