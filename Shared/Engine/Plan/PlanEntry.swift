import Expressions
import Models

/// How people enter a journey.
package enum PlanEntry: Sendable {
    case event(String)
    case audience(String, change: AudienceChange)
    /// A run comes to all members of an audience.
    case readAudience(ReadAudience)

    /// How an audience is read.
    package struct ReadAudience: Sendable {
        package enum Schedule: Sendable, Hashable {
            /// Once, when the version is published.
            case now
            /// Once, at a time in milliseconds since 1970.
            case at(Int64)
            /// Again and again, by the journey's clocks.
            case cron(CronExpression)
            /// Whenever the business event occurs.
            case event(String)
        }

        package let audience: String
        package let schedule: Schedule
        /// The zone of the schedule.
        package let zone: Zone
        /// People per second over all partitions; nil: as fast as can be.
        package let ratePerSecond: Double?
        /// Whether a run passes over who was admitted before and has been a member ever since.
        package let isIncremental: Bool
        package let forcesReentrance: Bool
    }
}

/// The event that a journey is there for.
package struct PlanGoal: Sendable {
    package let event: String
    let filter: PlanExpression?
    /// Counted from entry.
    package let withinMilliseconds: Int64
}
