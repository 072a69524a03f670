import Models

/// What became of people in a journey: how many entered, left and how.
struct JourneySums: Sendable, Hashable {
    var entered: Int64 = 0
    var finished: Int64 = 0
    var failed: Int64 = 0
    var exited: Int64 = 0
    var timedOut: Int64 = 0
    var stopped: Int64 = 0
    /// Instances whose goal was reached.
    var converted: Int64 = 0
    /// Those who did not enter though the journey is for them.
    var refused: Int64 = 0
    /// Those whom the journey is not for: its filter is false, or its run came to them before.
    var filteredOut: Int64 = 0

    var left: Int64 { finished + failed + exited + timedOut + stopped }

    /// - Parameter outcome: ``TallySeries/outcome``.
    mutating func add(kind: String, outcome: String, _ count: Int64) {
        switch StepEvent.Kind(rawValue: kind) {
        case .entered: entered += count
        case .goal: converted += count
        case .refused where outcome == "filterFalse" || outcome == "alreadyAdmitted": filteredOut += count
        case .refused: refused += count
        case .left:
            switch outcome {
            case "finished": finished += count
            case "error": failed += count
            case "exited": exited += count
            case "timedOut": timedOut += count
            case "stopped": stopped += count
            default: break
            }
        default: break
        }
    }

    var members: JSONObject {
        [
            "entered": .integer(entered), "finished": .integer(finished), "failed": .integer(failed),
            "exited": .integer(exited), "timedOut": .integer(timedOut), "stopped": .integer(stopped),
            "converted": .integer(converted), "refused": .integer(refused),
            "filteredOut": .integer(filteredOut),
        ]
    }
}
