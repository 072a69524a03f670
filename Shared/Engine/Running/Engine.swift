import Models

/// The state machine that moves people through journeys: values in, values out.
///
/// The same stimulus, traveler, profile, journeys, deployment and partition always give the same output.
package struct Engine: Sendable {
    package let journeys: JourneySet
    let deployment: HashKey
    let partition: Int
    let limits: EngineLimits
    let run: EngineRun?

    /// - Parameter run: the test or dry run whose engine this is; its journeys are then those of the run alone.
    package init(
        journeys: JourneySet, deployment: HashKey, partition: Int, limits: EngineLimits = EngineLimits(),
        run: EngineRun? = nil
    ) {
        self.journeys = journeys
        self.deployment = deployment
        self.partition = partition
        self.limits = limits
        self.run = run
    }

    /// Lets a stimulus of one person act on all that person's instances, in the order that *Order of a stimulus* lays
    /// down: exits, instances that listen or have something pending, entries.
    ///
    /// - Parameters:
    ///   - at: When the stimulus was accepted; of a timer, its due time. All times are counted from it.
    ///   - now: The time of the batch, at least `at`: a timer that is due later is only set again.
    ///   - profile: The person's attributes; empty where there are none, or `needsProfile` said no. Changed where a
    ///     journey updates it, so that the rest of the batch sees it.
    ///   - kept: The person's kept events, an event that is the stimulus among them; none where
    ///     ``JourneySet/needsKeptEvents(for:traveler:)`` said no.
    ///   - output: What was decided is appended.
    package func handle(
        _ stimulus: EngineStimulus, at: Int64, now: Int64, traveler: inout Traveler,
        profile: inout JSONObject, kept: KeptEvents = .none, into output: inout EngineOutput
    ) {
        if case .timer(let instance, _) = stimulus, traveler.hasAside(of: instance) {
            takeAside(of: instance, now: now, traveler: &traveler, profile: &profile, kept: kept, into: &output)
        }
        handle(
            stimulus, only: nil, at: at, now: now, traveler: &traveler, profile: &profile, kept: kept, into: &output)
    }

    /// - Parameter only: the instance that alone takes the stimulus; nil: all, and whatever may be entered.
    func handle(
        _ stimulus: EngineStimulus, only: String?, at: Int64, now: Int64, traveler: inout Traveler,
        profile: inout JSONObject, kept: KeptEvents, into output: inout EngineOutput
    ) {
        var turn = Turn(
            engine: self, at: at, person: traveler.person, profile: profile,
            kept: run == nil ? kept : kept.joined(with: traveler.ownEvents), stimulus: stimulus)
        turn.only = only
        // The turn owns both meanwhile, so that changing them copies nothing.
        swap(&turn.traveler, &traveler)
        swap(&turn.output, &output)
        if run != nil { turn.applyOverlay() }
        turn.run(now: now)
        turn.tidy()
        swap(&turn.traveler, &traveler)
        swap(&turn.output, &output)
        if turn.isProfileChanged { profile = turn.context.profile }
    }
}

extension Turn {
    mutating func run(now: Int64) {
        switch stimulus {
        case .event(let event): take(event)
        case .outcome(let outcome): take(outcome)
        case .timer(let instance, let due): takeTimer(of: instance, due: due, now: now)
        case .audience(let move): take(move)
        case .reaction(let reaction): take(reaction)
        case .admit(let admission): take(admission)
        case .end(let instance, _): end(instance)
        case .release(let instance, _): release(instance)
        case .move(let instance, let version, _): change(instance, to: version)
        case .trapped(let instance, _): trap(instance)
        case .trappedEvent(let event): trap(event)
        }
    }
}
