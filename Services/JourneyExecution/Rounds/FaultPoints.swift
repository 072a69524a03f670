import Foundation
import Synchronization

/// Places at which the process may be told to die, so that the fault tests can hit each boundary of a commit.
///
/// Set by `SOJOURN_FAULT`, for tests only: `after-read:20` ends the process by SIGKILL at the twentieth pass of that
/// point, `trap:e-17` lets the stimulus with that id trap, each time it is taken.
final class FaultPoints: Sendable {
    enum Point: String, CaseIterable {
        case beforeRead = "before-read"
        case afterRead = "after-read"
        case afterCommit = "after-commit"
        /// A piece of a tour that comes to somebody is computed and not committed; or it is.
        case beforeTour = "before-tour"
        case afterTour = "after-tour"
        /// A run that a business event starts is committed and in no inbox; or it is in every one, and not forgotten.
        case beforeRun = "before-run"
        case afterRun = "after-run"
    }

    private let point: Point?
    private let trapID: String?
    private let left: Mutex<Int>

    /// Nothing happens without a text; one that cannot be read is refused.
    init?(_ text: String?) {
        let parts = (text ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        guard let first = parts.first else {
            point = nil
            trapID = nil
            left = Mutex(0)
            return
        }
        let rest = parts.count == 2 ? parts[1] : ""
        point = Point(rawValue: first)
        trapID = first == "trap" && !rest.isEmpty ? rest : nil
        left = Mutex(Int(rest) ?? 0)
        if trapID == nil && (point == nil || (Int(rest) ?? 0) < 1) { return nil }
    }

    func pass(_ here: Point) {
        guard point == here else { return }
        let last = left.withLock { left in
            left -= 1
            return left == 0
        }
        if last { kill(getpid(), SIGKILL) }
    }

    func trap(on id: String) {
        if let trapID, id == trapID { abort() }
    }
}
