/// Decides whether an endpoint that fails is called at all: a value, with the time passed in.
///
/// Closed, it counts outcomes over a sliding window of ten buckets and opens when enough of enough calls failed.
/// Open, it refuses until a time that doubles with each failed trial. Half-open, it lets a few trials pass; all of them
/// must succeed. All times are milliseconds on one clock of the caller's choice.
package struct CircuitBreaker: Sendable, Hashable {
    /// What opens and closes a breaker.
    package struct Settings: Sendable, Hashable {
        /// Outcomes older than this do not count. At least 10 ms.
        package var window: Duration
        /// Fewer outcomes than this in the window never open.
        package var callsMin: Int
        /// Opens when failures make up this share of the window, 0…1.
        package var failureShare: Double
        /// First time of refusal.
        package var openFor: Duration
        /// Longest time of refusal.
        package var openForMax: Duration
        /// Calls let through when half-open; so many successes close.
        package var trials: Int

        /// Half of at least 20 calls within 10 s opens for 5 s, at most for 60 s.
        package init(
            window: Duration = .seconds(10), callsMin: Int = 20, failureShare: Double = 0.5,
            openFor: Duration = .seconds(5), openForMax: Duration = .seconds(60), trials: Int = 2
        ) {
            self.window = window
            self.callsMin = max(callsMin, 1)
            self.failureShare = failureShare
            self.openFor = openFor
            self.openForMax = max(openForMax, openFor)
            self.trials = max(trials, 1)
        }
    }

    /// Where the breaker stands.
    package enum State: Sendable, Hashable {
        case closed
        /// Refuses until the time.
        case open(until: Int64)
        case halfOpen
    }

    /// Leave to make one call; handed back with its outcome.
    package struct Pass: Sendable, Hashable {
        let era: Int
    }

    /// The answer to the wish to call.
    package enum Admission: Sendable, Hashable {
        /// Call, then `record` the outcome with the pass.
        case allowed(Pass)
        /// Do not call; ask again at the time.
        case refused(until: Int64)
    }

    /// What became of an admitted call.
    package enum Outcome: Sendable, Hashable {
        case success
        case failure
        /// Not made, or given up by ourselves: says nothing about the endpoint.
        case abandoned
    }

    /// Where the breaker stands.
    package private(set) var state: State = .closed

    private let settings: Settings
    private var counts = OutcomeWindow()
    /// Grows at each change of state: outcomes of calls admitted before it are not counted after it.
    private var era = 0
    private var failedTrials = 0
    private var trialsOut = 0
    private var trialsSucceeded = 0
    private var halfOpenSince: Int64 = 0

    /// A closed breaker.
    package init(_ settings: Settings = .init()) {
        self.settings = settings
    }

    /// Asks for leave to call at the time.
    package mutating func admit(at now: Int64) -> Admission {
        switch state {
        case .closed:
            return .allowed(Pass(era: era))
        case .open(let until):
            guard now >= until else { return .refused(until: until) }
            enter(.halfOpen)
            halfOpenSince = now
            return admitTrial(at: now)
        case .halfOpen:
            // A trial whose outcome never came back must not keep the breaker half-open for ever.
            if now - halfOpenSince > settings.openForMax.milliseconds {
                enter(.halfOpen)
                halfOpenSince = now
            }
            return admitTrial(at: now)
        }
    }

    /// Notes what became of an admitted call; one of an earlier state changes nothing.
    package mutating func record(_ outcome: Outcome, for pass: Pass, at now: Int64) {
        guard pass.era == era else { return }
        switch (state, outcome) {
        case (.open, _), (.closed, .abandoned):
            break
        case (.closed, _):
            counts.note(failed: outcome == .failure, at: now, window: settings.window.milliseconds)
            let calls = counts.calls
            if calls >= settings.callsMin && Double(counts.failures) >= settings.failureShare * Double(calls)
                && counts.failures > 0
            {
                open(at: now)
            }
        case (.halfOpen, .abandoned):
            trialsOut -= 1
        case (.halfOpen, .failure):
            failedTrials += 1
            open(at: now)
        case (.halfOpen, .success):
            trialsSucceeded += 1
            if trialsSucceeded >= settings.trials {
                failedTrials = 0
                enter(.closed)
            }
        }
    }

    private mutating func admitTrial(at now: Int64) -> Admission {
        guard trialsOut < settings.trials else {
            return .refused(until: now + max(settings.openFor.milliseconds / 5, 1))
        }
        trialsOut += 1
        return .allowed(Pass(era: era))
    }

    private mutating func open(at now: Int64) {
        let doublings = min(failedTrials, 16)
        let longest = settings.openForMax.milliseconds
        let refusal = min(settings.openFor.milliseconds << doublings, longest)
        enter(.open(until: now + refusal))
    }

    private mutating func enter(_ next: State) {
        state = next
        era += 1
        counts = OutcomeWindow()
        trialsOut = 0
        trialsSucceeded = 0
    }
}
