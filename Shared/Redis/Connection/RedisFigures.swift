/// A snapshot of what a connection did since its start, for metrics.
package struct RedisFigures: Sendable, Hashable {
    /// Commands answered, error replies included.
    package var commands: UInt64 = 0
    /// Pipelines sent.
    package var batches: UInt64 = 0
    /// Of commands, what failed included.
    package var bytesSent: UInt64 = 0
    /// Of answers.
    package var bytesReceived: UInt64 = 0
    /// Connections made, the first included.
    package var connects: UInt64 = 0
    /// Attempts to connect that failed.
    package var connectFailures: UInt64 = 0
    /// Connections that broke or were given up.
    package var connectionsLost: UInt64 = 0
    /// Requests that ended by their time-out.
    package var timeOuts: UInt64 = 0
    /// Requests refused since the queue was full.
    package var refusedFull: UInt64 = 0
    /// Commands that wait now.
    package var waiting = 0
    /// Whether a connection stands now, as far as is known.
    package var isConnected = false

    /// Both together; connected when both are.
    package static func + (left: RedisFigures, right: RedisFigures) -> RedisFigures {
        RedisFigures(
            commands: left.commands + right.commands, batches: left.batches + right.batches,
            bytesSent: left.bytesSent + right.bytesSent, bytesReceived: left.bytesReceived + right.bytesReceived,
            connects: left.connects + right.connects, connectFailures: left.connectFailures + right.connectFailures,
            connectionsLost: left.connectionsLost + right.connectionsLost, timeOuts: left.timeOuts + right.timeOuts,
            refusedFull: left.refusedFull + right.refusedFull, waiting: left.waiting + right.waiting,
            isConnected: left.isConnected && right.isConnected)
    }
}
