import JSONRPC
import Models

/// Waits as a switch says.
enum Delay {
    static func wait(_ fault: FaultSwitch) async {
        guard fault.delayMilliseconds > 0 else { return }
        // Cancelled at the end of the process: then the answer is of no interest.
        try? await Task.sleep(for: .milliseconds(fault.delayMilliseconds))
    }
}

extension HTTPAnswer {
    /// With the fields that a switch adds.
    func with(_ fault: FaultSwitch) -> HTTPAnswer {
        guard fault.status != nil, let seconds = fault.retryAfterSeconds else { return self }
        return adding("retry-after", String(seconds))
    }
}
