import Logging
import Queues
import ServiceLifecycle

/// Keeps this replica's share of the partitions: renews what it holds, takes what is free, and tells the loops. Before
/// that people are brought over to the composed keys of their ids.
struct LeaseLoop: Service {
    let people: ComposedPeople
    let keeper: LeaseKeeper
    let loops: [EngineLoop]
    let every: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await bringOver()
            while !Task.isCancelled {
                await beat()
                try? await Task.sleep(for: every)
            }
        }
        // The loops have stopped before this service does; what they held goes to others at once.
        do { try await keeper.leave() } catch {
            logger.warning("the leases could not be given back; they expire", metadata: ["error": "\(error)"])
        }
    }

    private func bringOver() async {
        while !Task.isCancelled {
            do {
                try await people.run()
                return
            } catch {
                if Task.isCancelled { return }
                logger.warning("people could not be brought over yet", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: every)
            }
        }
    }

    private func beat() async {
        do {
            let changes = try await keeper.beat()
            // Lost first: what was lost and taken again by the same beat is held.
            for number in changes.lost { loop(of: number).tell(.lost(number)) }
            for lease in changes.taken {
                logger.notice(
                    "a partition is taken",
                    metadata: [
                        "partition": "\(lease.partition)", "fence": "\(lease.fence)", "careful": "\(lease.careful)",
                    ])
                loop(of: lease.partition).tell(.taken(lease))
            }
            for number in changes.surplus { loop(of: number).tell(.surplus(number)) }
        } catch {
            logger.warning("leases could not be renewed", metadata: ["error": "\(error)"])
        }
    }

    private func loop(of partition: Int) -> EngineLoop { loops[partition % loops.count] }
}
