import Models

/// The state machine that moves people through journeys: values in, values out.
///
/// The same stimulus, traveler, profile, journeys, deployment and partition always give the same output.
package struct Engine: Sendable {
    package let journeys: JourneySet
    let deployment: HashKey
    let partition: Int
    let limits: EngineLimits

    package init(
        journeys: JourneySet, deployment: HashKey, partition: Int, limits: EngineLimits = EngineLimits()
    ) {
        self.journeys = journeys
        self.deployment = deployment
        self.partition = partition
        self.limits = limits
    }

    /// Lets a stimulus of one person act on all that person's instances, in the order that *Order of a stimulus* lays
    /// down: exits, instances that listen or have something pending, entries.
    ///
    /// - Parameters:
    ///   - at: When the stimulus was accepted; of a timer, its due time. All times are counted from it.
    ///   - now: The time of the batch, at least `at`: a timer that is due later is only set again.
    ///   - profile: The person's attributes; empty where there are none, or `needsProfile` said no.
    ///   - output: What was decided is appended.
    package func handle(
        _ stimulus: EngineStimulus, at: Int64, now: Int64, traveler: inout Traveler, profile: JSONObject,
        into output: inout EngineOutput
    ) {
        var turn = Turn(engine: self, at: at, person: traveler.person, profile: profile, cause: stimulus.cause)
        // The turn owns both meanwhile, so that changing them copies nothing.
        swap(&turn.traveler, &traveler)
        swap(&turn.output, &output)
        switch stimulus {
        case .event(let event): turn.take(event)
        case .outcome(let outcome): turn.take(outcome)
        case .timer(let instance, let due): turn.takeTimer(of: instance, due: due, now: now)
        case .end(let instance, _): turn.end(instance)
        }
        turn.tidy()
        swap(&turn.traveler, &traveler)
        swap(&turn.output, &output)
    }
}

extension EngineStimulus {
    /// What step events name as their cause.
    var cause: String {
        switch self {
        case .event(let event): event.id
        case .outcome(let outcome): outcome.id
        case .timer: "timer"
        case .end(_, let cause): cause
        }
    }
}
