/// Which connections lead to the master of a slot: the place for Redis Cluster's slot map. Now all slots are one
/// server's.
struct RedisNodes: Sendable {
    private let connections: [RedisConnection]
    private let keyPrefix: String

    /// - Parameter connections: at least one.
    init(_ connections: [RedisConnection], keyPrefix: String) {
        precondition(!connections.isEmpty, "a node without connections serves nobody")
        self.connections = connections
        self.keyPrefix = keyPrefix
    }

    /// Always the same for a slot, so that the commands about one key stay in order.
    func node(forSlot slot: Int) -> RedisConnection {
        connections[slot % connections.count]
    }

    /// All keys of a partition carry its hash tag.
    func node(forPartition partition: Int) -> RedisConnection {
        connections.count == 1 ? connections[0] : node(forSlot: RedisSlot.of("{\(keyPrefix):\(partition)}"))
    }

    var all: [RedisConnection] { connections }
}
