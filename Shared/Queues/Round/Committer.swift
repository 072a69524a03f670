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

/// What is noted of a batch that may end its process.
package struct SuspectMark: Sendable, Hashable {
    package let partition: Int
    package let fence: Int64
    /// The number of the commit before.
    package let commit: Int64
    /// Things, from that commit on, one of which may be deadly.
    package let things: Int
    /// The batch takes one of them, and no other beside it.
    package let isAlone: Bool

    package init(partition: Int, fence: Int64, commit: Int64, things: Int, isAlone: Bool) {
        self.partition = partition
        self.fence = fence
        self.commit = commit
        self.things = things
        self.isAlone = isAlone
    }
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

    /// Notes, before careful batches are computed, which commits they will be, in one pipeline; each fails or succeeds
    /// on its own. Answers how many owners tried that commit with one thing alone, this one included, or 0 where it
    /// takes several; nil where the fence is another's by now. Safe to repeat.
    package func mark(_ marks: [SuspectMark]) async -> [Result<Int?, QueueError>] {
        let commands = marks.map { mark in
            let state = keys.partition(mark.partition).state
            let command = QueueScript.markSuspect.command(
                keys: [state], arguments: [mark.fence, mark.commit, mark.things, mark.isAlone ? 1 : 0])
            return (mark.partition, command)
        }
        return await pipeline.run(commands).map { answer in
            answer.reply.map { reply in reply.integerValue.flatMap { $0 >= 0 ? Int($0) : nil } }
        }
    }
}
