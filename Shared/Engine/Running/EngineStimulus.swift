import Models

/// What moves instances of one person.
package enum EngineStimulus: Sendable {
    case event(PersonEvent)
    case outcome(Outcome)
    /// `due` is the time for which the timer was set.
    case timer(instance: String, due: Int64)
    case audience(AudienceMove)
    case reaction(Reaction)
    /// The person is one whom a run of a journey that reads an audience comes to.
    case admit(Admission)
    /// The instance leaves as stopped; the cause is a command's id.
    case end(instance: String, cause: String)
    /// The instance is no longer held: it comes to its action again. The cause is a command's id.
    case release(instance: String, cause: String)
    /// The instance goes over to another version of its journey, if its nodes are there. The cause is the move's id.
    case move(instance: String, to: Int64, cause: String)
    /// What came for the instance ended the process each time: it leaves as error `trapped`, its state unread. The
    /// cause is the id of what came.
    case trapped(instance: String, cause: String)
    /// The event ended the process each time: nothing moves, and the journeys that listen to it say `trapped`.
    case trappedEvent(PersonEvent)

    /// What step events name as their cause.
    var cause: String {
        switch self {
        case .event(let event), .trappedEvent(let event): event.id
        case .outcome(let outcome): outcome.id
        case .timer: "timer"
        case .audience(let move): move.id
        case .reaction(let reaction): reaction.id
        case .admit(let admission): admission.run
        case .end(_, let cause), .release(_, let cause), .move(_, _, let cause), .trapped(_, let cause): cause
        }
    }
}

/// One member of an audience to whom a run comes.
package struct Admission: Sendable, Hashable {
    /// The business event that started the run.
    package struct Event: Sendable, Hashable {
        package let name: String
        package let payload: JSONValue

        package init(name: String, payload: JSONValue) {
            self.name = name
            self.payload = payload
        }
    }

    /// The run's id: one run admits nobody twice.
    package let run: String
    package let journey: String
    package let version: Int64
    package let event: Event?
    /// Who is inside leaves as exited and enters anew, whatever the rules of re-entrance.
    package let forceReentrance: Bool

    package init(run: String, journey: String, version: Int64, event: Event? = nil, forceReentrance: Bool = false) {
        self.run = run
        self.journey = journey
        self.version = version
        self.event = event
        self.forceReentrance = forceReentrance
    }
}
