import Synchronization

/// Figures that the connection's thread writes and anyone reads.
final class PublishedFigures: Sendable {
    private let figures = Mutex(RedisFigures())

    var current: RedisFigures { figures.withLock { $0 } }

    func publish(_ newer: RedisFigures) {
        figures.withLock { $0 = newer }
    }
}
