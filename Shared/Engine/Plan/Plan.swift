import Expressions
import Models

/// One version of a journey, compiled: nodes by index, expressions checked, and what is kept of events and responses.
///
/// Made by ``compile(_:version:catalogue:)``; never changes.
package final class Plan: Sendable {
    package let journey: String
    package let version: Int64
    package let journeyDescription: String?
    package let entryEvent: String
    /// Every event that may move an instance, start one or end it, sorted.
    package let eventNames: [String]
    /// Whether the person's profile may be read.
    package let readsProfile: Bool
    /// Counted from entry.
    package let globalTimeoutMilliseconds: Int64

    let nodes: [PlanNode]
    let indexes: [String: Int]
    let zone: PlanZone
    let startAt: Int64?
    let endAt: Int64?
    let reentrance: JourneyProperties.Reentrance
    let timeoutMilliseconds: Int64
    let exitEvents: Set<String>
    let instanceKey: PlanExpression?
    /// What later nodes read of an event.
    let kept: [String: FieldTree]
    /// What must be held of an event that comes while something is pending: what the filters read too.
    let buffered: [String: FieldTree]
    /// What is read of an action's response, `jo_status_code` too.
    let responses: [String: FieldTree]
    /// The journey attributes that are read and must be remembered.
    let remembered: Set<JourneyAttribute>
    private let listened: Set<String>

    init(_ parts: Parts) {
        journey = parts.journey
        version = parts.version
        journeyDescription = parts.description
        entryEvent = parts.entryEvent
        listened = Set(parts.eventNames)
        eventNames = parts.eventNames.sorted()
        readsProfile = parts.readsProfile
        globalTimeoutMilliseconds = parts.globalTimeoutMilliseconds
        nodes = parts.nodes
        indexes = parts.indexes
        zone = parts.zone
        startAt = parts.startAt
        endAt = parts.endAt
        reentrance = parts.reentrance
        timeoutMilliseconds = parts.timeoutMilliseconds
        exitEvents = parts.exitEvents
        instanceKey = parts.instanceKey.map(PlanExpression.init)
        kept = parts.kept
        buffered = parts.buffered
        responses = parts.responses
        remembered = parts.remembered
    }

    /// What the compiler gathers.
    struct Parts {
        var journey = ""
        var version: Int64 = 0
        var description: String?
        var entryEvent = ""
        var eventNames: Set<String> = []
        var readsProfile = false
        var globalTimeoutMilliseconds: Int64 = 0
        var nodes: [PlanNode] = []
        var indexes: [String: Int] = [:]
        var zone = PlanZone.fixed(.utc)
        var startAt: Int64?
        var endAt: Int64?
        var reentrance = JourneyProperties.Reentrance()
        var timeoutMilliseconds: Int64 = 5_000
        var exitEvents: Set<String> = []
        var instanceKey: CompiledExpression?
        var kept: [String: FieldTree] = [:]
        var buffered: [String: FieldTree] = [:]
        var responses: [String: FieldTree] = [:]
        var remembered: Set<JourneyAttribute> = []
    }

    /// Whether one of these events may concern an instance of the plan.
    func listens(to events: [String]) -> Bool { events.contains(where: listened.contains) }

    /// The filter of the entry, where there is one.
    var entryFilter: CompiledExpression? {
        guard case .event(let step)? = nodes.first?.step else { return nil }
        return step.filter?.compiled
    }
}
