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
    }

    private let point: Point?
    private let trapID: String?
    private let left: Mutex<Int>

    /// Nothing happens without a text; one that cannot be read is refused.
    init?(_ text: String?) {
        let parts = (text ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        if parts.isEmpty {
            (point, trapID, left) = (nil, nil, Mutex(0))
        } else if parts.count == 2, parts[0] == "trap" {
            (point, trapID, left) = (nil, parts[1], Mutex(0))
        } else if parts.count == 2, let point = Point(rawValue: parts[0]), let passes = Int(parts[1]), passes > 0 {
            (self.point, trapID, left) = (point, nil, Mutex(passes))
        } else {
            return nil
        }
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
