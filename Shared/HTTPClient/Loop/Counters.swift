import Synchronization

/// The loop's figures, readable from everywhere.
final class Counters: Sendable {
    private let state = Mutex(OutboundClientFigures())

    var figures: OutboundClientFigures { state.withLock { $0 } }

    func set(_ figures: OutboundClientFigures) {
        state.withLock { $0 = figures }
    }
}
