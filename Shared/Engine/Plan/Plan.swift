import Expressions
import Models

/// One version of a journey, compiled: nodes by index, expressions checked, and what is kept of events and responses.
///
/// Made by ``compile(_:version:catalogue:)``; never changes.
package final class Plan: Sendable {
    package let journey: String
    package let version: Int64
    package let journeyDescription: String?
    package let entry: PlanEntry
    /// Every event that may move an instance, start one, end one or be its goal, sorted.
    package let eventNames: [String]
    /// Whether the person's profile may be read, or changed.
    package let readsProfile: Bool
    /// Whether the person's kept events may be read.
    package let readsKeptEvents: Bool
    /// Counted from entry.
    package let globalTimeoutMilliseconds: Int64
    package let goal: PlanGoal?
    /// Journeys that people may jump to, sorted.
    package let jumpTargets: [String]
    /// The audiences that expressions ask about, sorted.
    package let audiences: [String]

    let nodes: [PlanNode]
    /// By node: whether it, or one that it may lead to, may read the profile.
    private let profileAhead: [Bool]
    /// By node: whether one that it may lead to may read the profile.
    private let profileAfter: [Bool]
    let indexes: [String: Int]
    let zone: PlanZone
    let startAt: Int64?
    let endAt: Int64?
    let reentrance: JourneyProperties.Reentrance
    let timeoutMilliseconds: Int64
    let exitEvents: Set<String>
    let exitAudiences: [AudienceStep]
    let instanceKey: PlanExpression?
    /// What later nodes read of an event.
    let kept: [String: FieldTree]
    /// What must be held of an event that comes while something is pending: what the filters read too.
    let buffered: [String: FieldTree]
    /// What is read of an action's response, `jo_status_code` too.
    let responses: [String: FieldTree]
    /// What is read of the profile.
    let profile: FieldTree
    /// The journey attributes that are read and must be remembered.
    let remembered: Set<JourneyAttribute>
    /// What step events do not show.
    let secrets: SecretFields?
    /// Whether records hold what is needed to run an instance again.
    let keepsHistory: Bool
    private let listened: Set<String>
    /// Events that a node takes whom somebody inside may come to.
    private let awaited: Set<String>
    private let listenedAudiences: [AudienceStep]

    init(_ parts: Parts) {
        journey = parts.journey
        version = parts.version
        journeyDescription = parts.description
        entry = parts.entry
        listened = Set(parts.eventNames)
        awaited = Set(
            parts.nodes.enumerated().compactMap { $0 > 0 || $1.isInLoop ? $1.step.event : nil })
        eventNames = parts.eventNames.union(parts.goal.map { [$0.event] } ?? []).sorted()
        readsProfile = parts.readsProfile
        readsKeptEvents = parts.readsKeptEvents
        globalTimeoutMilliseconds = parts.globalTimeoutMilliseconds
        goal = parts.goal
        jumpTargets = parts.jumpTargets.sorted()
        audiences = parts.audiences.sorted()
        nodes = parts.nodes
        profileAhead = parts.profileAhead
        profileAfter = parts.profileAfter
        indexes = parts.indexes
        zone = parts.zone
        startAt = parts.startAt
        endAt = parts.endAt
        reentrance = parts.reentrance
        timeoutMilliseconds = parts.timeoutMilliseconds
        exitEvents = parts.exitEvents
        exitAudiences = parts.exitAudiences
        instanceKey = parts.instanceKey.map(PlanExpression.init)
        kept = parts.kept
        secrets = parts.secrets
        buffered = parts.buffered
        responses = parts.responses
        profile = FieldTree(paths: parts.profilePaths)
        remembered = parts.remembered
        keepsHistory = parts.keepsHistory
        listenedAudiences =
            parts.exitAudiences
            + parts.nodes.compactMap { node in
                if case .audience(let step) = node.step { step } else { nil }
            }
    }

    /// What the compiler gathers.
    struct Parts {
        var journey = ""
        var version: Int64 = 0
        var description: String?
        var entry = PlanEntry.event("")
        var eventNames: Set<String> = []
        var readsProfile = false
        var readsKeptEvents = false
        var readsProfileAnywhere = false
        var profileAhead: [Bool] = []
        var profileAfter: [Bool] = []
        var globalTimeoutMilliseconds: Int64 = 0
        var goal: PlanGoal?
        var jumpTargets: Set<String> = []
        var audiences: Set<String> = []
        var nodes: [PlanNode] = []
        var indexes: [String: Int] = [:]
        var zone = PlanZone.fixed(.utc)
        var startAt: Int64?
        var endAt: Int64?
        var reentrance = JourneyProperties.Reentrance()
        var timeoutMilliseconds: Int64 = 5_000
        var exitEvents: Set<String> = []
        var exitAudiences: [AudienceStep] = []
        var instanceKey: CompiledExpression?
        var kept: [String: FieldTree] = [:]
        var secrets: SecretFields?
        var buffered: [String: FieldTree] = [:]
        var responses: [String: FieldTree] = [:]
        var profilePaths: Set<[String]> = []
        var remembered: Set<JourneyAttribute> = []
        var keepsHistory = false
    }

    /// The event by which people enter; empty where they do not enter by an event.
    package var entryEvent: String {
        if case .event(let event) = entry { event } else { "" }
    }

    /// Whether the profile may be read by what the instance does next, or ever after.
    func needsProfile(for instance: borrowing Instance) -> Bool {
        switch instance.phase {
        // What the request holds was read when it was made.
        case .acting: profileAfter[instance.node]
        case .listening, .lookingUp, .held: instance.listened.contains { profileAhead[$0] }
        case .ended: false
        }
    }

    /// Whether one of these events may concern an instance of the plan.
    func listens(to events: [String]) -> Bool { events.contains(where: listened.contains) }

    /// Whether somebody inside may go on by one of the events: an entry alone moves nobody who is inside.
    func awaits(_ events: [String]) -> Bool { events.contains(where: awaited.contains) }

    /// Whether the move may concern an instance of the plan.
    func listens(to audience: String, _ change: AudienceChange) -> Bool {
        listenedAudiences.contains { $0.matches(audience, change) }
    }

    /// Whether the person's kept events may be read by it, or where it leads people.
    var mayReadKeptEvents: Bool { readsKeptEvents || !jumpTargets.isEmpty }

    /// The audiences whose changes concern somebody: by entry, at a node, by exit.
    var listenedAudienceNames: [String] {
        var names = listenedAudiences.map(\.audience)
        if case .audience(let audience, _) = entry { names.append(audience) }
        return names
    }

    /// The filter of the entry, where there is one.
    var entryFilter: CompiledExpression? {
        guard case .event(let step)? = nodes.first?.step else { return nil }
        return step.filter?.compiled
    }
}
