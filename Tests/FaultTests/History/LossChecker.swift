/// What Redis lost of its last moments, held against the bound that its setting promises.
///
/// Within the bound everything may be gone or happen again, in Redis alone: neither the third party nor the step store
/// loses what it has. So this decides only about what was there before.
struct LossChecker {
    /// When Redis was killed, in milliseconds since 1970.
    let kills: [Int64]
    let boundMilliseconds: Int64

    struct Verdict: Equatable, CustomStringConvertible {
        /// Accepted events without a trace whose answer was heard within the bound before a kill, or later.
        var lostWithin = 0
        /// Those whose answer was heard earlier; must be 0.
        var lostBefore = 0
        /// Instances that entered outside of every bound and did not end; must be 0.
        var stuckOutside = 0

        var description: String {
            "lost within the bound \(lostWithin), lost before \(lostBefore), instances stuck outside \(stuckOutside)"
        }
    }

    func check(_ history: History) -> Verdict {
        var verdict = Verdict()
        let processed = Set(history.steps.filter { $0.kind == "entered" || $0.kind == "refused" }.map(\.stimulus))
        for sent in history.sent where sent.answer == .accepted && !processed.contains(sent.event) {
            if isWithin(sent.answeredAt ?? 0) { verdict.lostWithin += 1 } else { verdict.lostBefore += 1 }
        }
        let ended = Set(history.steps.filter { $0.kind == "left" }.map { $0.instance ?? "" })
        for step in history.steps where step.kind == "entered" && !isWithin(step.at) {
            if !ended.contains(step.instance ?? "") { verdict.stuckOutside += 1 }
        }
        return verdict
    }

    /// An answer may be heard a little after the server that it depends on was killed.
    private func isWithin(_ time: Int64) -> Bool {
        kills.contains { time >= $0 - boundMilliseconds && time <= $0 + 250 }
    }
}
