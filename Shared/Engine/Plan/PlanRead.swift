import Expressions
import Models

/// A value that an expression reads, for step events to show.
struct PlanRead: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case event(String, [String])
        case profile([String])
        /// The beginning of the keys of its look-ups, and the path in the answer.
        case lookup(String, [String])
        case action(String, [String])
        case audience(String)
        case attribute(JourneyAttribute)
    }

    /// What stands in braces in the expression: `orderPlaced.order.total`, `profile.tier`, `loyalty.account.points`.
    let path: String
    let source: Source

    private init(_ parts: [String], _ source: Source) {
        path = parts.joined(separator: ".")
        self.source = source
    }

    /// What an expression reads, in the order of its text as far as it is of one kind.
    static func all(of references: References) -> [PlanRead] {
        references.eventFields.map { PlanRead([$0.event] + $0.path, .event($0.event, $0.path)) }
            + references.profilePaths.map { PlanRead(["profile"] + $0, .profile($0)) }
            + references.lookups.map {
                PlanRead(
                    [$0.source, $0.group] + $0.path,
                    .lookup(LookupKey.beginning(of: $0.source, $0.group), $0.path))
            }
            + references.actions.map { PlanRead([$0.action] + $0.path, .action($0.action, $0.path)) }
            + references.audiences.map { PlanRead(["inAudience(\($0))"], .audience($0)) }
            + references.journeyAttributes.map { PlanRead(["journey", $0.rawValue], .attribute($0)) }
    }
}
