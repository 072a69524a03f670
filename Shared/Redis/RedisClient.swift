import Logging

/// All connections of a process to its Redis, and which of them serves what.
package final class RedisClient: Sendable {
    /// As given at the start.
    package let configuration: RedisConfiguration
    /// For scans and answers of megabytes, beside the connections on which everybody's small commands wait for each
    /// other.
    package let slow: RedisConnection
    private let nodes: RedisNodes
    private let logger: Logger

    /// - Throws: `closed` when the system gives no descriptors.
    package init(_ configuration: RedisConfiguration, logger: Logger) throws(RedisError) {
        precondition(configuration.connections > 0, "a client has at least one connection for commands")
        self.configuration = configuration
        self.logger = logger
        slow = try RedisConnection(configuration, name: "slow", logger: logger)
        var connections: [RedisConnection] = []
        for number in 0..<configuration.connections {
            connections.append(try RedisConnection(configuration, name: "commands-\(number)", logger: logger))
        }
        nodes = RedisNodes(connections, keyPrefix: configuration.keyPrefix)
    }

    /// Starts to connect, in the background. A second start does nothing.
    package func start() throws(RedisError) {
        for connection in connections { try connection.start() }
    }

    /// Closes all connections, within the grace.
    package func close(grace: Duration = .seconds(5)) async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections { group.addTask { await connection.close(grace: grace) } }
        }
    }

    /// The connection for the keys of a partition; always the same, so its commands stay in order.
    package func node(forPartition partition: Int) -> RedisConnection {
        nodes.node(forPartition: partition)
    }

    /// The connection for a key by its slot.
    package func node(forKey key: String) -> RedisConnection {
        nodes.node(forSlot: RedisSlot.of(key))
    }

    /// - Parameter slot: of `RedisSlot.of`.
    package func node(forSlot slot: Int) -> RedisConnection {
        nodes.node(forSlot: slot)
    }

    /// A subscriber with a connection of its own, which the caller starts and closes.
    package func subscriber(name: String = "subscriber") throws(RedisError) -> RedisSubscriber {
        try RedisSubscriber(configuration, name: name, logger: logger)
    }

    /// Sums over all connections but subscribers'.
    package var figures: RedisFigures {
        connections.dropFirst().reduce(slow.figures) { $0 + $1.figures }
    }

    private var connections: [RedisConnection] { [slow] + nodes.all }
}
