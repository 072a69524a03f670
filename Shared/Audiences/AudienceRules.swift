import Expressions
import Models

/// All audiences at one moment, compiled: answers who is a member, and what a change of a profile changes.
///
/// Immutable. A rule is evaluated over the profile in hand, one that it names by `inAudience` likewise. A rule that
/// cannot be evaluated for a profile does not hold for it.
package struct AudienceRules: Sendable {
    package static let empty = AudienceRules([], profile: .any, changes: 0)

    /// By name.
    package let sorted: [AudienceRule]
    /// Audiences whose stored rule does not compile (any more), or that name themselves in a circle: nobody is a
    /// member. With the reason.
    package let unusable: [String: String]
    /// The number of writes of audiences that these were read at. Writers of profiles show it: those with an older
    /// one are refused where a newer one is known.
    package let changes: Int64
    private let byName: [String: AudienceRule]

    /// - Parameters:
    ///   - profile: `Shape(profileSchemas:)`.
    ///   - changes: read before the definitions.
    package init(_ definitions: [AudienceDefinition], profile: Shape, changes: Int64) {
        var rules: [String: AudienceRule] = [:]
        var unusable: [String: String] = [:]
        for definition in definitions {
            do { rules[definition.name] = try AudienceRule(definition, profile: profile) } catch {
                unusable[definition.name] = error.description
            }
        }
        let alone = rules
        for (name, rule) in alone {
            if let circle = Self.circle(from: name, named: { alone[$0]?.named ?? [] }) {
                rules[name] = nil
                unusable[name] = "goes round in a circle: \(circle.joined(separator: ", "))"
                continue
            }
            var whole = rule
            for other in Self.reached(from: name, named: { alone[$0]?.named ?? [] }).compactMap({ alone[$0] }) {
                whole.revision = max(whole.revision, other.revision)
                whole.usesNow = whole.usesNow || other.usesNow
                whole.paths += other.paths
            }
            rules[name] = whole
        }
        byName = rules
        sorted = rules.values.sorted { $0.audience < $1.audience }
        self.unusable = unusable
        self.changes = changes
    }

    package subscript(_ name: String) -> AudienceRule? { byName[name] }

    package var names: Set<String> { Set(byName.keys) }

    /// Whether the rule of an audience holds for a profile; false where there is no such audience.
    package func isMember(_ name: String, _ profile: JSONObject, now: Int64) -> Bool {
        guard let rule = byName[name] else { return false }
        return RuleContext(rules: self, profile: profile, now: now).holds(rule)
    }

    /// The memberships to write with a profile: of the audiences whose rules read a changed path; of all where there
    /// was no profile.
    ///
    /// - Parameter old: nil: there was no profile, and its person was a member of nothing.
    package func changes(from old: JSONObject?, to new: JSONObject, now: Int64) -> [MembershipChange] {
        if sorted.isEmpty { return [] }
        let before = old.map { RuleContext(rules: self, profile: $0, now: now) }
        let after = RuleContext(rules: self, profile: new, now: now)
        return sorted.compactMap { rule in
            if let old, !rule.paths.contains(where: { Self.differ(old, new, $0[...]) }) { return nil }
            let isMember = after.holds(rule)
            // By time alone a membership may be due that nothing has told yet: the set of members decides then.
            let isTold = rule.usesNow || isMember != (before?.holds(rule) ?? false)
            return MembershipChange(
                audience: rule.audience, ruleRevision: rule.revision, isMember: isMember, isTold: isTold)
        }
    }

    /// Whether what lies at or below a path differs. A path that meets something else than an object (a list that
    /// it crosses) is compared from there on.
    private static func differ(_ old: JSONObject, _ new: JSONObject, _ path: ArraySlice<String>) -> Bool {
        guard let key = path.first else { return old != new }
        switch (old[key], new[key]) {
        case (.object(let old)?, .object(let new)?): return differ(old, new, path.dropFirst())
        case (let old, let new): return old != new
        }
    }
}

// MARK: - Audiences that name others

extension AudienceRules {
    /// The names on the way from a name back to itself, both ends included; nil where there is none.
    static func circle(from start: String, named: (String) -> [String]) -> [String]? {
        var seen: Set<String> = []
        func search(_ name: String, _ way: [String]) -> [String]? {
            for next in named(name) {
                if next == start { return way + [next] }
                guard seen.insert(next).inserted else { continue }
                if let found = search(next, way + [next]) { return found }
            }
            return nil
        }
        return search(start, [start])
    }

    /// All that a name names, directly or through others.
    static func reached(from start: String, named: (String) -> [String]) -> Set<String> {
        var reached: Set<String> = []
        var open = named(start)
        while let name = open.popLast() {
            if reached.insert(name).inserted { open += named(name) }
        }
        return reached
    }
}

/// What a rule may look at: the profile and the time.
private final class RuleContext: EvaluationContext {
    private let rules: AudienceRules
    let profile: JSONObject
    let now: Int64
    /// Answers so far: audiences that several others name are evaluated once.
    private var known: [String: Bool] = [:]

    init(rules: AudienceRules, profile: JSONObject, now: Int64) {
        self.rules = rules
        self.profile = profile
        self.now = now
    }

    func holds(_ rule: AudienceRule) -> Bool {
        if let answer = known[rule.audience] { return answer }
        let answer = (try? rule.expression.evaluate(in: self).isTrue) ?? false
        known[rule.audience] = answer
        return answer
    }

    func isMember(of audience: String) -> Bool { rules[audience].map(holds) ?? false }
}
