import Models

/// One thing that the engine decided, for the owner to make true in one commit.
package enum Effect: Sendable, Hashable {
    case fetch(FetchRequest)
    case dispatch(ActionRequest)
    /// The request was given up: it is to be taken away wherever it still lies.
    case cancel(request: String)
    /// Replaces the instance's timer; the due time is in milliseconds since 1970.
    case setTimer(instance: String, due: Int64)
    case clearTimer(instance: String)
    case entered(journey: String, version: Int64, instance: String, at: Int64)
    case left(journey: String, version: Int64, instance: String, status: String)
    /// The step events of one instance by one stimulus, or a refusal's, with no instance.
    case record(StepRecord)
    case refusal(Refusal)
}

/// What is counted.
package enum EngineCount: Int, Sendable, CaseIterable {
    case entered, finished, exited, error, timedOut, stopped
    case noIdentity, notLive, notStarted, ended, filterFalse, filterError, alreadyInside, reentranceOff
    case reentranceTooSoon, tooMany
    case bufferFull, noted, unreadable
    /// Nodes passed.
    case passed

    /// As metrics and reports name it: `left.finished`, `refused.notLive`, `entered`.
    package var text: String {
        switch self {
        case .finished, .exited, .error, .timedOut, .stopped: "left.\(self)"
        case .noIdentity, .notLive, .notStarted, .ended, .filterFalse, .filterError, .alreadyInside,
            .reentranceOff, .reentranceTooSoon, .tooMany:
            "refused.\(self)"
        case .entered, .bufferFull, .noted, .unreadable, .passed: "\(self)"
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

    package init() {}

    /// Empties it for the next batch, keeping its memory.
    package mutating func removeAll() {
        effects.removeAll(keepingCapacity: true)
        counts = EngineCounts()
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

/// What moves instances of one person.
package enum EngineStimulus: Sendable {
    case event(PersonEvent)
    case outcome(Outcome)
    /// `due` is the time for which the timer was set.
    case timer(instance: String, due: Int64)
    /// The instance leaves as stopped; the cause is a command's id.
    case end(instance: String, cause: String)
}
