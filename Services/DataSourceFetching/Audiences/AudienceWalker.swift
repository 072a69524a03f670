import Audiences
import Definitions
import Logging
import Models
import Queues
import Redis
import ServiceLifecycle

/// Evaluates audiences over everyone: those whose rule is new or changed, those that somebody asked for, and daily
/// those whose rules have now().
///
/// Every replica looks for what is to do, and the state of each partition says how far it is: whichever dies, another
/// goes on from the last piece.
struct AudienceWalker: Service {
    private struct Place: Hashable {
        let partition: Int
        let audience: String
    }

    let book: AudienceBook
    let evaluations: AudienceEvaluations
    let sets: AudienceSets
    let walks: AudienceWalks
    let figures: WalkFigures
    let partitions: Int
    /// Milliseconds since 1970.
    let now: @Sendable () -> Int64
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var settled: [Place: WalkAsk] = [:]
            var nextSweep = ContinuousClock.now
            var nextReview = ContinuousClock.now + Limits.walkReviewEvery
            var wasAway = false
            while !Task.isCancelled {
                do {
                    try await self.walk(&settled)
                    if ContinuousClock.now >= nextSweep {
                        try await self.sweep()
                        nextSweep = .now + Limits.walkSweepEvery
                    }
                    if ContinuousClock.now >= nextReview {
                        // A Redis that lost its tail may have lost a walk with it.
                        settled = [:]
                        nextReview = .now + Limits.walkReviewEvery
                    }
                    wasAway = false
                } catch {
                    if !wasAway, !Task.isCancelled {
                        self.logger.warning("audiences cannot be evaluated", metadata: ["error": "\(error)"])
                    }
                    wasAway = true
                }
                do { try await Task.sleep(for: Limits.walkPause) } catch { return }
            }
        }
    }

    /// One look at what is to do, and all of it that may be done here.
    private func walk(_ settled: inout [Place: WalkAsk]) async throws {
        try await book.refresh()
        let requests = try await evaluations.requests()
        let asks = book.rules.sorted.map { evaluations.ask($0, requests[$0.audience]) }
        let names = Set(asks.map(\.audience))
        settled = settled.filter { names.contains($0.key.audience) }
        var open: [Int: [WalkAsk]] = [:]
        for partition in 0..<partitions {
            let left = asks.filter { settled[Place(partition: partition, audience: $0.audience)] != $0 }
            if !left.isEmpty { open[partition] = left }
        }
        if open.isEmpty { return }
        let done = try await withThrowingTaskGroup(of: [Place: WalkAsk].self) { group in
            var waiting = open.sorted { $0.key < $1.key }[...]
            var done: [Place: WalkAsk] = [:]
            for (partition, asks) in waiting.prefix(Limits.walkLanes) {
                group.addTask { try await walk(partition, asks) }
            }
            waiting = waiting.dropFirst(Limits.walkLanes)
            while let ended = try await group.next() {
                done.merge(ended) { $1 }
                if let (partition, asks) = waiting.popFirst() {
                    group.addTask { try await walk(partition, asks) }
                }
            }
            return done
        }
        settled.merge(done) { $1 }
    }

    /// The audiences of one partition one after the other; answers those that are done with.
    private func walk(_ partition: Int, _ asks: [WalkAsk]) async throws -> [Place: WalkAsk] {
        var done: [Place: WalkAsk] = [:]
        var isTaken = false
        let known = try await walks.progress(asks.map { (partition, $0.audience) })
        for (ask, progress) in zip(asks, known) where !Task.isCancelled {
            let walk = PartitionWalk(
                partition: partition, ask: ask, book: book, sets: sets, walks: walks, figures: figures, now: now)
            let end: PartitionWalk.End
            do { end = try await walk.run(from: progress) } catch {
                // Done or not: the state says so the next time.
                if error.code == .unknownOutcome || error.code == .outOfMemory { continue }
                throw error
            }
            if ask.step(WalkProgress(progress)) != .nothing, end != .leased { isTaken = true }
            if end == .finished { done[Place(partition: partition, audience: ask.audience)] = ask }
        }
        if isTaken { try await walks.giveBack(partition) }
        return done
    }

    /// Removes what is left of audiences that were deleted.
    private func sweep() async throws {
        for partition in 0..<partitions {
            let noted = try await walks.noted(in: partition)
            try await book.refresh(atLeast: noted.audiences)
            for (audience, progress) in noted.walks {
                let rules = book.rules
                if rules[audience] != nil || rules.unusable[audience] != nil { continue }
                let known = WalkProgress(progress)
                let sets = (known?.earlier ?? []) + (known.map { [$0.rule] } ?? [])
                _ = try await walks.run(
                    WalkPiece(
                        partition: partition, audience: audience, ruleRevision: 0, earlier: sets,
                        audiences: rules.changes, before: progress, after: nil, isLast: true))
                try await walks.giveBack(partition)
            }
        }
    }
}
