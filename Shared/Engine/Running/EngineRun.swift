import Models

/// What is different in a test or a dry run. Its engine knows the run's journeys alone, and its people's state lies
/// apart.
package struct EngineRun: Sendable, Hashable {
    package let mark: RunMark
    /// What waits are shortened to; nil: they last as long as they say.
    package var waitMilliseconds: Int64?
    /// Labels of the paths that conditions take, whatever holds, by node.
    package var forcedPaths: [String: String] = [:]
    /// Whether actions and messages are handed over. Otherwise they are passed at once with the code `notSent`, and an
    /// action's response is its sample.
    package var sends = false
    /// Whether its clock stands but for what moves it. Then a pending request is not given up by time, and what
    /// happened at a third party has the run's time.
    package var hasOwnClock = false

    package init(mark: RunMark) { self.mark = mark }
}
