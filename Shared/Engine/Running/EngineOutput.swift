import Models

/// One thing that the engine decided, for the owner to make true in one commit.
package enum Effect: Sendable, Hashable {
    case fetch(FetchRequest)
    case dispatch(ActionRequest)
    case send(MessageRequest)
    /// The request was given up: it is to be taken away wherever it still lies.
    case cancel(request: String)
    /// Replaces the instance's timer; the due time is in milliseconds since 1970.
    case setTimer(instance: String, due: Int64)
    case clearTimer(instance: String)
    case entered(journey: String, version: Int64, instance: String, at: Int64)
    case left(journey: String, version: Int64, instance: String, status: String)
    /// The instance is held before an action until it is released, or leaves.
    case held(journey: String, version: Int64, instance: String, at: Int64)
    /// The instance is no longer held; where it leaves, this comes before ``left(journey:version:instance:status:)``.
    case released(journey: String, version: Int64, instance: String)
    /// The instance is no longer inside `from` but inside `to`, which it counts as having entered when it entered. A
    /// held one is held there.
    case moved(journey: String, from: Int64, to: Int64, instance: String, entered: Int64, isHeld: Bool)
    /// A value of the person's profile is replaced. What is read in the rest of the batch has it already.
    case updateProfile(path: [String], value: JSONValue)
    /// The person is new to the runs of the journey, which come to whoever is.
    case unread(journey: String)
    /// The step events of one instance by one stimulus, or a refusal's, with no instance.
    case record(StepRecord)
    case refusal(Refusal)
    /// What an event met, of the person at hand; `at` is when it was looked at.
    case seen(SeenEvent, stimulus: String, at: Int64)
}

/// What is counted.
package enum EngineCount: Int, Sendable, CaseIterable {
    case entered, finished, exited, error, timedOut, stopped
    case noIdentity, notLive, notStarted, ended, filterFalse, filterError, alreadyInside, reentranceOff
    case reentranceTooSoon, tooMany, trapped
    case paused, testOnly, jumpLoop, changeLoop, alreadyAdmitted, notCompiled
    case bufferFull, noted, unreadable
    case goal, held, released, moved
    /// Nodes passed.
    case passed

    /// As metrics and reports name it: `left.finished`, `refused.notLive`, `entered`.
    package var text: String {
        switch self {
        case .finished, .exited, .error, .timedOut, .stopped: "left.\(self)"
        case .noIdentity, .notLive, .notStarted, .ended, .filterFalse, .filterError, .alreadyInside,
            .reentranceOff, .reentranceTooSoon, .tooMany, .trapped, .paused, .testOnly, .jumpLoop, .changeLoop,
            .alreadyAdmitted, .notCompiled:
            "refused.\(self)"
        case .entered, .bufferFull, .noted, .unreadable, .passed, .goal, .held, .released, .moved: "\(self)"
        }
    }
}

/// How often each thing happened.
package struct EngineCounts: Sendable, Equatable {
    private var values = [Int](repeating: 0, count: EngineCount.allCases.count)

    package init() {}

    package subscript(count: EngineCount) -> Int {
        get { values[count.rawValue] }
        set { values[count.rawValue] = newValue }
    }

    /// Those that are not 0, by their texts.
    package var named: [(name: String, count: Int)] {
        EngineCount.allCases.compactMap { self[$0] == 0 ? nil : ($0.text, self[$0]) }
    }
}

/// What came of a batch of stimuli, in order.
package struct EngineOutput: Sendable {
    package var effects: [Effect] = []
    package var counts = EngineCounts()
    /// Refusals that are in no record.
    package var tallies: [RefusalTally] = []
    /// How many audience changes, one from another, led to an update of the profile; the most of all updates.
    package var changes: Int64 = 0

    package init() {}

    /// Empties it for the next batch, keeping its memory.
    package mutating func removeAll() {
        effects.removeAll(keepingCapacity: true)
        counts = EngineCounts()
        tallies.removeAll(keepingCapacity: true)
        changes = 0
    }
}

/// How an instance ended.
package enum LeftStatus: String, Sendable, CaseIterable {
    case finished, exited, error, timedOut, stopped

    var count: EngineCount {
        switch self {
        case .finished: .finished
        case .exited: .exited
        case .error: .error
        case .timedOut: .timedOut
        case .stopped: .stopped
        }
    }
}
