import Models
import Redis

/// Step events that are not stored yet, as the one who drains them sees them.
package struct StepsQueue: Sendable {
    private let pipeline: PartitionPipeline
    private let keys: QueueKeys

    package init(redis: RedisClient, keys: QueueKeys) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
    }

    /// The heads of several partitions' steps in one pipeline, not removed; each fails or succeeds on its own. An
    /// element is what `StepBatch(bytes:)` reads.
    package func read(_ partitions: [Int], elementsMax: Int) async -> [Result<[[UInt8]], QueueError>] {
        let commands = partitions.map { partition in
            (partition, RedisCommand("LRANGE", keys.partition(partition).steps, 0, elementsMax - 1))
        }
        return await pipeline.run(commands).map { answer in
            answer.reply.map { ($0.elements ?? []).map { $0.bytes ?? [] } }
        }
    }

    /// Trims stored elements from the head, if the first and the last are still those that were read. False: another
    /// drains, or a call before did it; read again.
    package func trim(_ partition: Int, _ stored: [[UInt8]]) async throws(QueueError) -> Bool {
        guard let first = stored.first, let last = stored.last else { return false }
        // Kind, fence and commit number: what tells one element from all others.
        let command = QueueScript.trimSteps.command(
            keys: [keys.partition(partition).steps, keys.partition(partition).state],
            arguments: [Array(first.prefix(128)), stored.count, Array(last.prefix(128))])
        return try await pipeline.run([(partition, command)])[0].reply.get().integerValue == 1
    }
}
