/// What a fault run came to: the checker's counts and the figures beside them.
struct FaultReport: CustomStringConvertible {
    let name: String
    let seed: UInt64
    let verdict: HistoryChecker.Verdict
    /// Events answered 2xx.
    let accepted: Int
    /// Events without an answer to the end.
    let unknown: Int
    /// Requests of producers that ended without an answer or in one that says nothing; each was sent again.
    let unheard: Int
    /// Requests of producers answered 429.
    let full: Int
    let entered: Int
    /// Refusals to enter; the load gives no reason for any.
    let entriesRefused: Int
    /// Instances that did not end well.
    let leftUnwell: Int
    let calls: Int
    let callsPerformed: Int
    /// The longest time between the moment a call was due and the call.
    let latestMilliseconds: Int64
    /// After healing, until when calls came more than two seconds after they were due; 0 when none did.
    let lateAfterHealingMilliseconds: Int64

    init(
        name: String, seed: UInt64, history: History, load: EventLoad.Figures, healedAt: Int64,
        checker: HistoryChecker = FaultJourneys.checker
    ) {
        self.name = name
        self.seed = seed
        verdict = checker.check(history)
        accepted = load.accepted
        unheard = load.unheard
        full = load.full
        unknown = history.sent.count { $0.answer == .unknown }
        entered = history.steps.count { $0.kind == "entered" }
        entriesRefused = history.steps.count { $0.kind == "refused" }
        leftUnwell = history.steps.count { $0.kind == "left" && $0.status != "finished" }
        calls = history.received.count
        callsPerformed = history.received.count { $0.isPerformed }
        let due = Dictionary(
            history.steps.filter { $0.kind == "node" && $0.node == "pause" }.map { ($0.instance ?? "", $0.at) },
            uniquingKeysWith: { first, _ in first })
        var latest: Int64 = 0
        var lateUntil = healedAt
        for call in history.received {
            let instance = call.key.split(separator: ":").first.map(String.init) ?? ""
            guard let at = call.at, let due = due[instance] else { continue }
            latest = max(latest, at - due)
            if at - due > 2_000 { lateUntil = max(lateUntil, at) }
        }
        latestMilliseconds = latest
        lateAfterHealingMilliseconds = lateUntil - healedAt
    }

    var description: String {
        """
        fault run "\(name)" seed \(seed): accepted \(accepted), unknown \(unknown), unheard \(unheard), full \(full), \
        entered \(entered), entries refused \(entriesRefused), left unwell \(leftUnwell), calls \(calls) \
        (performed \(callsPerformed)), latest call \(latestMilliseconds) ms after due, late until \
        \(lateAfterHealingMilliseconds) ms after healing; \(verdict)
        """
    }
}
