import Redis

/// The live replicas of a service, by their signs of life.
package struct ReplicaRegistry: Sendable {
    private let redisClient: RedisClient
    private let key: String
    private let gone: Duration

    package init(redis: RedisClient, keys: QueueKeys, service: String, gone: Duration = LeaseSettings().replicaGone) {
        redisClient = redis
        key = keys.replicas(service)
        self.gone = gone
    }

    /// Gives a sign of life and answers who is alive, in the order of names. Safe to repeat.
    package func beat(_ replica: String) async throws(QueueError) -> [String] {
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
