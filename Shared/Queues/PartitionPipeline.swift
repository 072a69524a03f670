import Redis

/// Sends commands of many partitions in one pipeline a node, and gives the answers in the order asked.
struct PartitionPipeline: Sendable {
    let redis: RedisClient

    /// Each partition's commands stay in order. A pipeline that fails as a whole fails for each of its commands; what
    /// Redis refused is an error of that command alone. `first` is sent before them to each node, and its answer is
    /// given to each command.
    func run(
        _ commands: [(partition: Int, command: RedisCommand)], first: RedisCommand? = nil
    ) async -> [(reply: Result<RedisReply, QueueError>, first: RedisReply?)] {
        var nodes: [(node: RedisConnection, places: [Int])] = []
        for (place, item) in commands.enumerated() {
            let node = redis.node(forPartition: item.partition)
            if let known = nodes.firstIndex(where: { $0.node === node }) {
                nodes[known].places.append(place)
            } else {
                nodes.append((node, [place]))
            }
        }
        var answers: [(reply: Result<RedisReply, QueueError>, first: RedisReply?)] = Array(
            repeating: (.success(.null), nil), count: commands.count)
        if nodes.count == 1, let only = nodes.first {
            let replies = await run(only.places.map { commands[$0].command }, first, on: only.node)
            for (place, reply) in zip(only.places, replies) { answers[place] = reply }
            return answers
        }
        await withTaskGroup(of: ([Int], [(Result<RedisReply, QueueError>, RedisReply?)]).self) { group in
            for (node, places) in nodes {
                let own = places.map { commands[$0].command }
                group.addTask { (places, await run(own, first, on: node)) }
            }
            for await (places, replies) in group {
                for (place, reply) in zip(places, replies) { answers[place] = reply }
            }
        }
        return answers
    }

    private func run(
        _ commands: [RedisCommand], _ first: RedisCommand?, on node: RedisConnection
    ) async -> [(Result<RedisReply, QueueError>, RedisReply?)] {
        do {
            var replies = try await node.run(first.map { [$0] + commands } ?? commands)[...]
            let head = first == nil ? nil : replies.popFirst()
            return replies.map { reply in
                if let error = reply.errorReply?.error { return (.failure(QueueError(error)), head) }
                return (.success(reply), head)
            }
        } catch {
            return commands.map { _ in (.failure(QueueError(error)), nil) }
        }
    }
}
