import Redis

/// The live replicas of a service, by their signs of life.
package struct ReplicaRegistry: Sendable {
    private let redisClient: RedisClient
    private let key: String
    private let gone: Duration
    private let isGone: @Sendable (String) -> Bool

    /// - Parameter isGone: whether the process of a replica is known to be there no longer.
    package init(
        redis: RedisClient, keys: QueueKeys, service: String, gone: Duration = LeaseSettings().replicaGone,
        isGone: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        redisClient = redis
        key = keys.replicas(service)
        self.gone = gone
        self.isGone = isGone
    }

    /// Gives a sign of life and answers who is alive, in the order of names. One whose process is known to be gone is
    /// struck off, for everybody. Safe to repeat.
    package func beat(_ replica: String) async throws(QueueError) -> [String] {
        var alive: [String] = []
        for name in try await noted(replica) {
            if name != replica, isGone(name) { try await leave(name) } else { alive.append(name) }
        }
        return alive
    }

    private func noted(_ replica: String) async throws(QueueError) -> [String] {
        let reply = try await redis { () async throws(RedisError) in
            try await redisClient.node(forKey: key).run(
                QueueScript.beatReplica, keys: [key], arguments: [replica, gone.milliseconds])
        }
        return (reply.elements ?? []).compactMap(\.text)
    }

    /// Who gave a sign of life, the ones gone since the last beat of anyone included. In the order of names.
    package func replicas() async throws(QueueError) -> [String] {
        let reply = try await redis { () async throws(RedisError) in
            try await redisClient.node(forKey: key).send(RedisCommand("ZRANGE", key, 0, -1))
        }
        return (reply.elements ?? []).compactMap(\.text).sorted()
    }

    /// Leaves at once, so that nobody waits for the silence. Safe to repeat.
    package func leave(_ replica: String) async throws(QueueError) {
        _ = try await redis { () async throws(RedisError) in
            try await redisClient.node(forKey: key).send(RedisCommand("ZREM", key, replica))
        }
    }
}
