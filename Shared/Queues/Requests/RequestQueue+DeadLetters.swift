import Redis

extension RequestQueue {
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
}
