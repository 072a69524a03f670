import Redis

extension RequestQueue {
    /// Returns claims whose worker let the lease run out to the head of their lists. Walks all claims, not only an
    /// index of leases, a bounded piece a call of Redis. Answers how many came back. Safe to repeat.
    package func sweep(_ partitions: [Int]) async throws(QueueError) -> Int {
        var returned = 0
        var failure: QueueError?
        var cursors = partitions.map { (partition: $0, cursor: Int64(0)) }
        while !cursors.isEmpty {
            let commands = cursors.map { item in (item.partition, sweepCommand(item.partition, item.cursor)) }
            var next: [(partition: Int, cursor: Int64)] = []
            for (item, answer) in zip(cursors, await pipeline.run(commands)) {
                // Where one partition fails, the claims of the others still come back.
                guard case .success(let reply) = answer.reply else {
                    if case .failure(let error) = answer.reply { failure = error }
                    continue
                }
                let parts = reply.elements?.compactMap(\.integerValue) ?? []
                guard parts.count == 3 else { throw QueueError(.broken, "A sweep answered in an unknown form") }
                returned += Int(parts[1])
                if parts[0] != 0 { next.append((item.partition, parts[0])) }
            }
            cursors = next
        }
        if let failure { throw failure }
        return returned
    }

    /// Sends a dead letter's request out again, with its old id and counted anew; false: there is none (any more).
    package func retryDeadLetter(id: String, partition: Int) async throws(QueueError) -> Bool {
        let own = keys.partition(partition)
        let command = QueueScript.retryDeadLetter.command(
            keys: [own.dead(kind), own.requests(kind), own.cancelled(kind)],
            arguments: [id, settings.deadMax, own.wake(kind.wakeQueue)])
        return try await pipeline.run([(partition, command)])[0].reply.get().integerValue == 1
    }

    /// Throws a dead letter away; false: there is none (any more).
    package func discardDeadLetter(id: String, partition: Int) async throws(QueueError) -> Bool {
        let command = QueueScript.discardDeadLetter.command(
            keys: [keys.partition(partition).dead(kind)], arguments: [id, settings.deadMax])
        return try await pipeline.run([(partition, command)])[0].reply.get().integerValue == 1
    }

    private func sweepCommand(_ partition: Int, _ cursor: Int64) -> RedisCommand {
        let own = keys.partition(partition)
        return QueueScript.sweepClaims.command(
            keys: [own.claimed(kind), own.requests(kind), own.dead(kind), own.state],
            arguments: [cursor, settings.sweepStep, own.wake(kind.wakeQueue), settings.deadMax])
    }
}
