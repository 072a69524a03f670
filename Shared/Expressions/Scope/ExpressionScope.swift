/// What the references of an expression may name, and what its result must be.
package struct ExpressionScope: Sendable {
    /// One group of fields of an external source.
    package struct FieldGroup: Sendable {
        package var shape: Shape
        /// In the order of the definition.
        package var parameters: [String]
        /// The parameters that may be left out.
        package var optional: Set<String>
        /// Whether other parameters are taken too, behind the others in alphabetical order.
        package var isOpen = false

        package init(shape: Shape, parameters: [String] = [], optional: Set<String> = []) {
            self.shape = shape
            self.parameters = parameters
            self.optional = optional
        }
    }

    /// The events that have occurred where the expression stands, with the fields that are kept of them.
    package var events: [String: Shape] = [:]
    /// The event that is being looked at, in an event's rule, key or filter: a field that its shape does not have is
    /// allowed too, of type any and with a warning.
    package var ownEvent: String?
    package var profile: Shape = .any
    /// By source and group.
    package var sources: [String: [String: FieldGroup]] = [:]
    /// The responses of the actions that were performed before.
    package var actions: [String: Shape] = [:]
    /// Whether there is a run whose attributes can be read.
    package var hasJourney = false
    /// nil: any name is taken.
    package var audiences: Set<String>?
    /// An item of the person's kept events; nil: they cannot be read here.
    package var experienceEvents: Shape?
    /// An item of those of one event definition, by its name.
    package var keptEvents: [String: Shape] = [:]
    /// The event definitions whose events are not kept with the person.
    package var unkeptEvents: Set<String> = []
    /// nil: any type will do.
    package var expects: ValueType?
    /// Whether a path without braces means the profile, as in audiences and profile rules.
    package var barePathsAreProfile = false

    package init() {}
}

/// The names by which the profile and the kept events are reached in `#{…}`.
enum ProfileSource {
    static let short = "profile"
    static let source = "ExperiencePlatform"
    static let profileGroup = "ProfileFieldGroup"
    static let eventGroup = "ExperienceEventFieldGroup"
    /// All kept events; beside it the events of each definition have a list of their own, by its name.
    static let eventList = "experienceevent"
}
