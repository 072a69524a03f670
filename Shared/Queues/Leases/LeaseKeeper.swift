import Logging
import Redis
import Synchronization

/// Holds a replica's share of the partitions of a service.
///
/// It only keeps the leases: what protects the partitions is the fence, which each commit shows. One task beats; any
/// may ask ``held``.
package final class LeaseKeeper: Sendable {
    private let pipeline: PartitionPipeline
    private let keys: QueueKeys
    private let service: String
    private let owner: String
    private let partitions: Int
    private let settings: LeaseSettings
    private let registry: ReplicaRegistry
    private let isGone: @Sendable (String) -> Bool
    private let logger: Logger
    /// Fence by partition.
    private let fences = Mutex<[Int: Int64]>([:])
    /// The highest fence that this process had of each partition: should Redis lose its tail, and the fence with it,
    /// none is used twice.
    private let highest = Mutex<[Int: Int64]>([:])

    /// - Parameters:
    ///   - service: what the leases are named after.
    ///   - owner: unique to this start of this process.
    ///   - partitions: how many the deployment has.
    ///   - isGone: whether the process of an owner is known to be there no longer: its leases need not run out. Should
    ///     it be wrong, the fence still keeps the owner out.
    package init(
        redis: RedisClient, keys: QueueKeys, service: String, owner: String, partitions: Int,
        settings: LeaseSettings = LeaseSettings(), logger: Logger,
        isGone: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
        self.service = service
        self.owner = owner
        self.partitions = partitions
        self.settings = settings
        self.logger = logger
        self.isGone = isGone
        registry = ReplicaRegistry(
            redis: redis, keys: keys, service: service, gone: settings.replicaGone, isGone: isGone)
    }

    /// Partitions whose lease is held, as far as known.
    package var held: Set<Int> { Set(fences.withLock { $0.keys }) }

    /// The fence of a partition that is held, as far as known.
    package func fence(of partition: Int) -> Int64? { fences.withLock { $0[partition] } }

    /// Gives a sign of life, renews what is held and takes what is free up to the share. An error leaves things as
    /// they were: beat again; so does one of a single partition, which is logged. A lease that ran out while Redis was
    /// away stays, if nobody took it.
    package func beat() async throws(QueueError) -> LeaseChanges {
        let replicas = try await registry.beat(owner)
        let share = PartitionShare(replica: owner, among: replicas, partitions: partitions)
        var changes = LeaseChanges()
        changes.lost = await renew()
        changes.taken = await take(share)
        changes.surplus = share.surplus(of: held)
        for partition in changes.lost {
            logger.warning("A partition was lost to another owner", metadata: ["partition": "\(partition)"])
        }
        return changes
    }

    /// Gives partitions back in good order: after the caller's last commit on them. Safe to repeat.
    package func giveBack(_ partitions: [Int]) async throws(QueueError) {
        let own = fences.withLock { fences in partitions.compactMap { item in fences[item].map { (item, $0) } } }
        let commands = own.map { partition, fence in
            (partition, command(QueueScript.giveBackLease, partition, [owner, fence]))
        }
        for ((partition, _), answer) in zip(own, await pipeline.run(commands)) {
            _ = try answer.reply.get()
            fences.withLock { $0[partition] = nil }
        }
    }

    /// Takes a higher fence for a partition whose Redis came back without its last commits; nil where another owner
    /// has it by now.
    package func retake(_ partition: Int, above fence: Int64) async throws(QueueError) -> HeldLease? {
        for answer in await take([partition], above: [partition: fence]) {
            if let lease = try answer.get() { return lease }
        }
        forget(partition, fence: fence)
        return nil
    }

    /// Forgets a partition of which a commit with this fence was answered as stale: it is another's. One that was
    /// taken anew meanwhile stays.
    package func forget(_ partition: Int, fence: Int64) {
        fences.withLock { fences in
            if fences[partition] == fence { fences[partition] = nil }
        }
    }

    /// Gives everything back and leaves the registry: the end of a shutdown.
    package func leave() async throws(QueueError) {
        try await giveBack(Array(held))
        try await registry.leave(owner)
    }

    /// Renews what is held and answers what is lost. A renewal that failed loses nothing.
    private func renew() async -> [Int] {
        let own = fences.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0 < $1.0 }
        let commands = own.map { partition, fence in
            (
                partition,
                command(QueueScript.renewLease, partition, [owner, fence, settings.lease.milliseconds])
            )
        }
        var lost: [Int] = []
        for ((partition, fence), answer) in zip(own, await pipeline.run(commands)) {
            switch answer.reply {
            case .success(.integer(1)): continue
            case .success:
                let isStillThat = fences.withLock { fences in
                    guard fences[partition] == fence else { return false }
                    fences[partition] = nil
                    return true
                }
                if isStillThat { lost.append(partition) }
            case .failure(let error): report(error, partition)
            }
        }
        return lost
    }

    private func take(_ share: PartitionShare) async -> [HeldLease] {
        var taken: [HeldLease] = []
        var candidates = share.candidates(beside: held)[...]
        while !candidates.isEmpty, held.count < share.count {
            let next = candidates.prefix(share.count - held.count)
            candidates = candidates.dropFirst(next.count)
            for (partition, answer) in zip(next, await take(Array(next), above: highest.withLock { $0 })) {
                switch answer {
                case .success(let lease): if let lease { taken.append(lease) }
                case .failure(let error): report(error, partition)
                }
            }
        }
        return taken
    }

    private func take(
        _ partitions: [Int], above fences: [Int: Int64]
    ) async -> [Result<HeldLease?, QueueError>] {
        var replies = await ask(partitions.map { ($0, fences[$0] ?? 0, "") })
        // What a process holds that is gone is taken at once; the script looks whether it is still that one's.
        let orphans = partitions.indices.compactMap { place -> (place: Int, holder: String)? in
            guard case .success(let reply) = replies[place], let holder = HeldLease.holder(reply), isGone(holder) else {
                return nil
            }
            return (place, holder)
        }
        if !orphans.isEmpty {
            let asks = orphans.map { (partitions[$0.place], fences[partitions[$0.place]] ?? 0, $0.holder) }
            for (orphan, reply) in zip(orphans, await ask(asks)) { replies[orphan.place] = reply }
        }
        return zip(partitions, replies).map { partition, reply in
            do throws(QueueError) {
                let lease = try HeldLease(partition: partition, reply: try reply.get())
                if let lease {
                    self.fences.withLock { $0[partition] = lease.fence }
                    highest.withLock { $0[partition] = max($0[partition] ?? 0, lease.fence) }
                }
                return .success(lease)
            } catch {
                return .failure(error)
            }
        }
    }

    private func ask(
        _ asks: [(partition: Int, above: Int64, gone: String)]
    ) async -> [Result<RedisReply, QueueError>] {
        let commands = asks.map { ask in
            let arguments: [any RedisArgument] = [owner, settings.lease.milliseconds, ask.above, ask.gone]
            return (ask.partition, command(QueueScript.takeLease, ask.partition, arguments))
        }
        return await pipeline.run(commands).map(\.reply)
    }

    private func report(_ error: QueueError, _ partition: Int) {
        logger.warning(
            "A lease could not be taken or renewed",
            metadata: ["partition": "\(partition)", "error": "\(error.code.rawValue)"])
    }

    private func command(_ script: RedisScript, _ partition: Int, _ arguments: [any RedisArgument]) -> RedisCommand {
        let own = keys.partition(partition)
        return script.command(keys: [own.lease(service), own.state], arguments: arguments)
    }
}
