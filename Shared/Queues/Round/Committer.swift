import Redis

/// What became of a batch.
package enum CommitOutcome: Sendable {
    /// All of it happened, now.
    case committed
    /// All of it happened before: this was a repeat.
    case done
    /// Another owner has the partition; nothing changed.
    case stale
    /// Redis lost the commit before this one: nothing changed. The owner takes a higher fence.
    case behind
    /// A profile is at another revision than the batch was computed from; nothing changed: compute it again.
    case changed
    /// Not done, or not known: forget what is held in memory and read again. The state says which commit was the last.
    case failed(QueueError)
}

/// Commits batches, at most one of each partition at a time.
package struct Committer: Sendable {
    private let pipeline: PartitionPipeline
    private let keys: QueueKeys

    package init(redis: RedisClient, keys: QueueKeys) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
    }

    /// One pipeline for all batches; each happens as a whole or not at all. The same batch may be committed again.
    package func commit(_ batches: [CommitBatch]) async -> [CommitOutcome] {
        let commands = batches.map { (partition: $0.keys.number, command: CommitCommand($0).command) }
        return await pipeline.run(commands).map { answer in
            switch answer.reply {
            case .success(.integer(0)): .committed
            case .success(.integer(1)): .done
            case .success(.integer(2)): .stale
            case .success(.integer(3)): .changed
            case .success(.integer(4)): .behind
            case .success: .failed(QueueError(.broken, "The commit answered in an unknown form"))
            case .failure(let error): .failed(error)
            }
        }
    }

    /// Notes, before a careful batch is computed, which commit it will be. Answers how many owners tried that commit,
    /// this one included; nil where the fence is another's by now. Safe to repeat.
    package func markSuspect(
        _ partition: Int, fence: Int64, commit: Int64
    ) async throws(QueueError) -> Int? {
        try await markSuspects([(partition, fence, commit)])[0].get()
    }

    /// ``markSuspect(_:fence:commit:)`` for several partitions in one pipeline; each fails or succeeds on its own.
    package func markSuspects(
        _ marks: [(partition: Int, fence: Int64, commit: Int64)]
    ) async -> [Result<Int?, QueueError>] {
        let commands = marks.map { mark in
            let state = keys.partition(mark.partition).state
            let command = QueueScript.markSuspect.command(keys: [state], arguments: [mark.fence, mark.commit])
            return (mark.partition, command)
        }
        return await pipeline.run(commands).map { answer in
            answer.reply.map { reply in reply.integerValue.flatMap { $0 > 0 ? Int($0) : nil } }
        }
    }
}
