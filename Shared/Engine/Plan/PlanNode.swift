import Expressions
import Models

/// A node of a plan, with its targets as indexes.
///
/// Nodes and their steps are classes, since a stimulus looks at several of them and none must be copied for that.
final class PlanNode: Sendable {
    let id: String
    let type: String
    let label: String?
    let next: [Int]
    let step: PlanStep
    let visitsMax: Int64
    /// Whether an instance may come here more than once; only then visits are counted.
    let isInLoop: Bool
    /// What makes this node's random numbers differ from another's.
    let salt: UInt64
    /// The look-up fields that the node reads, by `source.group`.
    let lookupFields: [String: [String]]

    init(
        of node: JourneyNode, next: [Int], step: PlanStep, isInLoop: Bool, lookupFields: [String: [String]]
    ) {
        id = node.id
        type = node.type
        label = node.label
        self.next = next
        self.step = step
        visitsMax = node.visitsMax
        self.isInLoop = isInLoop
        salt = Draw.salt(of: node.id)
        self.lookupFields = lookupFields
    }

    /// The same node with another step.
    init(_ node: PlanNode, step: PlanStep) {
        id = node.id
        type = node.type
        label = node.label
        next = node.next
        self.step = step
        visitsMax = node.visitsMax
        isInLoop = node.isInLoop
        salt = node.salt
        lookupFields = node.lookupFields
    }
}

/// A compiled expression of a plan.
final class PlanExpression: Sendable {
    let compiled: CompiledExpression
    /// Whether it looks at the person's kept events.
    let readsKeptEvents: Bool
    /// What step events show of it.
    let reads: [PlanRead]

    init(_ compiled: CompiledExpression) {
        self.compiled = compiled
        readsKeptEvents = compiled.references.usesExperienceEvents
        reads = PlanRead.all(of: compiled.references)
    }
}

/// What a node does.
enum PlanStep: Sendable {
    case event(EventStep)
    case audience(AudienceStep)
    case reaction(ReactionStep)
    case condition(ConditionStep)
    case wait(WaitStep)
    /// A message too.
    case action(ActionStep)
    case updateProfile(UpdateStep)
    case jump(JumpStep)
    /// The entry of a journey that reads an audience, passed by who is admitted.
    case readAudience
    /// The business event before it.
    case businessEvent(String)
    case end
}

final class EventStep: Sendable {
    let event: String
    let filter: PlanExpression?
    let match: PlanExpression?
    let timeoutMilliseconds: Int64?
    /// Where a time-out leads; the node's next where the journey does not say.
    let onTimeout: [Int]
    let timeoutPath: String

    init(
        event: String, filter: PlanExpression?, match: PlanExpression?,
        timeoutMilliseconds: Int64?, onTimeout: [Int], timeoutPath: String
    ) {
        self.event = event
        self.filter = filter
        self.match = match
        self.timeoutMilliseconds = timeoutMilliseconds
        self.onTimeout = onTimeout
        self.timeoutPath = timeoutPath
    }
}

final class AudienceStep: Sendable {
    let audience: String
    let change: AudienceChange

    init(audience: String, change: AudienceChange) {
        self.audience = audience
        self.change = change
    }

    func matches(_ audience: String, _ change: AudienceChange) -> Bool {
        self.audience == audience && (self.change == .any || self.change == change)
    }
}

final class ReactionStep: Sendable {
    /// The message's node.
    let to: Int
    let reaction: Reaction.Kind
    let timeoutMilliseconds: Int64?
    let onTimeout: [Int]
    let timeoutPath: String

    init(to: Int, reaction: Reaction.Kind, timeoutMilliseconds: Int64?, onTimeout: [Int], timeoutPath: String) {
        self.to = to
        self.reaction = reaction
        self.timeoutMilliseconds = timeoutMilliseconds
        self.onTimeout = onTimeout
        self.timeoutPath = timeoutPath
    }
}

final class UpdateStep: Sendable {
    let path: [String]
    let value: PlanExpression
    let onError: [Int]?

    init(path: [String], value: PlanExpression, onError: [Int]?) {
        self.path = path
        self.value = value
        self.onError = onError
    }
}

final class JumpStep: Sendable {
    let journey: String
    /// Fields of the other journey's entry event, and what gives their values.
    let fields: [(path: [String], value: PlanExpression)]

    init(journey: String, fields: [(path: [String], value: PlanExpression)]) {
        self.journey = journey
        self.fields = fields
    }
}

final class ConditionStep: Sendable {
    final class Path: Sendable {
        let label: String
        /// The reason that a step event gives.
        let reason: String
        let test: PathTest
        let next: [Int]

        init(label: String, reason: String, test: PathTest, next: [Int]) {
            self.label = label
            self.reason = reason
            self.test = test
            self.next = next
        }
    }

    let paths: [Path]
    let otherwise: [Int]?
    let onError: [Int]?
    let prefetch: Bool
    let redraw: Bool

    init(paths: [Path], otherwise: [Int]?, onError: [Int]?, prefetch: Bool, redraw: Bool) {
        self.paths = paths
        self.otherwise = otherwise
        self.onError = onError
        self.prefetch = prefetch
        self.redraw = redraw
    }
}

enum PathTest: Sendable {
    case when(PlanExpression)
    /// Milliseconds of the day, the end exclusive and maybe before the start; days as bits, Monday 1.
    case time(from: Int64, to: Int64, days: UInt8)
    case date(from: PlanTime?, to: PlanTime?)
    /// Of the number drawn from 0 to 100.
    case share(from: Double, to: Double)
    /// The first so many instances that ask.
    case cap(Int64)
}

enum WaitStep: Sendable {
    case elapsed(milliseconds: Int64)
    case until(PlanExpression)
    case at(millisecondOfDay: Int64, days: UInt8)
}

final class ActionStep: Sendable {
    final class Parameter: Sendable {
        let name: String
        let expression: PlanExpression
        let isRequired: Bool
        /// A null is sent as null and not left out.
        let allowsNull: Bool

        init(name: String, expression: PlanExpression, isRequired: Bool, allowsNull: Bool) {
            self.name = name
            self.expression = expression
            self.isRequired = isRequired
            self.allowsNull = allowsNull
        }
    }

    enum Target: Sendable {
        /// With the revision and the sample of the response.
        case action(String, revision: Int64, sample: JSONValue)
        case message(MessageRequest.Channel, template: String?, content: JSONObject?)
    }

    let target: Target
    let parameters: [Parameter]
    let timeoutMilliseconds: Int64
    let onError: [Int]?
    /// Paths of the response that the plan reads, without `jo_status_code`.
    let fields: [String]
    /// Whether anything of the response is kept.
    let keepsResponse: Bool

    init(
        target: Target, parameters: [Parameter],
        timeoutMilliseconds: Int64, onError: [Int]?, fields: [String], keepsResponse: Bool
    ) {
        self.target = target
        self.parameters = parameters
        self.timeoutMilliseconds = timeoutMilliseconds
        self.onError = onError
        self.fields = fields
        self.keepsResponse = keepsResponse
    }

    /// The action's name; nil of a message.
    var action: String? {
        if case .action(let name, _, _) = target { name } else { nil }
    }
}

/// A moment: an instant, or a local time that the journey's zone makes one.
enum PlanTime: Sendable {
    case instant(Int64)
    case local(LocalDateTime)

    func instant(in zone: Zone) -> Int64 {
        switch self {
        case .instant(let instant): instant
        case .local(let local): zone.instant(of: local)
        }
    }
}

/// Whose clocks a plan goes by.
enum PlanZone: Sendable {
    case fixed(Zone)
    case profile(path: [String], fallback: Zone)

    /// The zone of what is the same for everyone: one of the profile's does not move it.
    var orFallback: Zone {
        switch self {
        case .fixed(let zone), .profile(_, let zone): zone
        }
    }

    func zone(of profile: JSONObject) -> Zone {
        switch self {
        case .fixed(let zone): return zone
        case .profile(let path, let fallback):
            guard let name = JSONValue.object(profile).value(at: path)?.stringValue else { return fallback }
            return Zone(identifier: name) ?? fallback
        }
    }
}
