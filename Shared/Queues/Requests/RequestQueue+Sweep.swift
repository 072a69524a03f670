import Redis

extension RequestQueue {
    /// Returns claims that nobody performs: whose lease ran out, whose worker's process is gone, and those that this
    /// process made and never heard of. Walks all claims, not only an index of leases, a bounded piece a call of Redis.
    /// Answers how many came back. Safe to repeat.
    package func sweep(_ partitions: [Int]) async throws(QueueError) -> Int {
        var gone: Set<String> = []
        var returned = 0
        while true {
            let walk = try await walk(partitions, gone: gone.sorted())
            returned += walk.returned
            // Where some turn out to be gone, their claims come back in a second walk and not at the next sweep.
            let found = walk.workers.filter { !gone.contains($0) && isGone($0) }
            if found.isEmpty { return returned }
            gone.formUnion(found)
        }
    }

    private func walk(
        _ partitions: [Int], gone: [String]
    ) async throws(QueueError) -> (returned: Int, workers: Set<String>) {
        var returned = 0
        var workers: Set<String> = []
        var failure: QueueError?
        var cursors = partitions.map { (partition: $0, cursor: Int64(0)) }
        while !cursors.isEmpty {
            let commands = cursors.map { item in (item.partition, command(item.partition, item.cursor, gone)) }
            var next: [(partition: Int, cursor: Int64)] = []
            for (item, answer) in zip(cursors, await pipeline.run(commands)) {
                // Where one partition fails, the claims of the others still come back.
                guard case .success(let reply) = answer.reply else {
                    if case .failure(let error) = answer.reply { failure = error }
                    continue
                }
                guard let parts = reply.elements, parts.count >= 3, let cursor = parts[0].integerValue,
                    let count = parts[1].integerValue
                else { throw QueueError(.broken, "A sweep answered in an unknown form") }
                returned += Int(count)
                workers.formUnion(parts.dropFirst(3).compactMap(\.text))
                if cursor != 0 { next.append((item.partition, cursor)) }
            }
            cursors = next
        }
        if let failure { throw failure }
        return (returned, workers)
    }

    private func command(_ partition: Int, _ cursor: Int64, _ gone: [String]) -> RedisCommand {
        let own = keys.partition(partition)
        var command = QueueScript.sweepClaims.command(
            keys: [own.claimed(kind), own.requests(kind), own.dead(kind), own.state, own.suspects(kind)],
            arguments: [
                cursor, settings.sweepStep, own.wake(kind.wakeQueue), settings.deadMax,
                settings.countsFirstAttempt ? 1 : 0, gone.count,
            ])
        for worker in gone { command.append(worker) }
        for token in lost.tokens(of: partition) { command.append(token) }
        return command
    }
}
