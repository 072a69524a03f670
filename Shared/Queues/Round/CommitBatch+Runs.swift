/// What a batch changes of a test or a dry run, whose people and own timers lie apart from all others.
extension CommitBatch {
    struct RunChanges: Sendable {
        var timers = ScoreChanges()
        var people = ScoreChanges()
        var isForgotten = false
    }

    /// Sets a member's one timer by the run's own clock (ms since 1970).
    package mutating func setTimer(_ member: String, due: Int64, ofRun run: String) {
        runs[run, default: RunChanges()].timers.set(member, due)
    }

    /// Takes a member's timer by the run's own clock away.
    package mutating func clearTimer(_ member: String, ofRun run: String) {
        runs[run, default: RunChanges()].timers.set(member, nil)
    }

    /// Notes whether the run keeps something of a person.
    package mutating func keepPerson(_ personKey: String, inRun run: String, _ isKept: Bool) {
        runs[run, default: RunChanges()].people.set(personKey, isKept ? 0 : nil)
    }

    /// Takes away whatever is left of the run's own keys.
    package mutating func forgetRun(_ run: String) { runs[run, default: RunChanges()].isForgotten = true }
}
