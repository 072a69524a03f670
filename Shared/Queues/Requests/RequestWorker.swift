import Logging
import Models
import ServiceLifecycle
import Synchronization

/// What became of one claimed request, as the service that performed it says.
package enum RequestVerdict: Sendable {
    /// Done, well or not: the outcome (`Outcome.element`) goes to the inbox.
    case completed(outcome: [UInt8])
    /// Its turn comes later. `unharmed`: no call was made, so the delivery does not count.
    case postponed(by: Duration, unharmed: Bool, progress: RequestProgress)
    /// A call was made and is to be made again later: the attempt counts, the delivery does not.
    case again(after: Duration, progress: RequestProgress)
    /// Given up for good; it can be looked at and retried by hand.
    case deadLetter(reason: String, lastError: String, outcome: [UInt8])
}

/// Bounds of a ``RequestWorker``.
package struct RequestWorkerSettings: Sendable {
    /// Requests performed at once.
    package var inFlightMax = 512
    /// Requests claimed from one partition in one call.
    package var claimMax = 128
    /// How often claims that nobody performs are looked for: so long a lost one waits.
    package var sweepEvery: Duration = .seconds(1)
    /// How often claims still being worked on are renewed.
    package var renewEvery: Duration = .seconds(15)
    /// How long a shutdown waits for requests under way before it cuts them off.
    package var drain: Duration = .seconds(6)
    /// Longest wait for a wake-up.
    package var idle: Duration = .seconds(1)
    /// How soon the next request that is taken alone follows the one before.
    package var aloneEvery: Duration = .milliseconds(20)

    package init() {}

    /// Those that go with claims of this lease: renewed four times in it, looked for at least as often.
    package init(lease: Duration) {
        sweepEvery = min(sweepEvery, lease / 4)
        renewEvery = min(renewEvery, lease / 4)
    }
}

/// Claims requests of every partition, has them performed side by side, and completes them in batches.
///
/// One loop claims, as far as there are places; each request runs in a task of its own; one desk sends what came of
/// them, many in one pipeline. A request is let go only when Redis has said that it is completed, so places are what
/// bounds everything here. At shutdown no more is claimed, what is under way gets ``RequestWorkerSettings/drain``, and
/// the rest goes back to the queue.
package final class RequestWorker: Service {
    /// The reason of dead letters, and the status that a journey is told, where a request may not wait.
    package static let backlogFull = "backlogFull"

    /// Redis did not answer the last sweep.
    private let wasAway = Atomic(false)
    private let queue: RequestQueue
    private let listener: WakeListener
    private let partitions: Int
    private let settings: RequestWorkerSettings
    private let logger: Logger
    private let refused: @Sendable (Claim) -> [UInt8]
    private let perform: @Sendable (Claim) async -> RequestVerdict
    private let places: PlaceGate
    private let desk = VerdictDesk()

    /// - Parameters:
    ///   - refused: the outcome (`Outcome.element`) of a request that may not be put off, as too many of its lane wait.
    ///   - perform: performs one request; it must end within the claim's lease, renewed while it runs, and answers soon
    ///     after its task was cancelled, by postponing.
    package init(
        queue: RequestQueue, listener: WakeListener, partitions: Int, settings: RequestWorkerSettings = .init(),
        logger: Logger, refused: @escaping @Sendable (Claim) -> [UInt8],
        perform: @escaping @Sendable (Claim) async -> RequestVerdict
    ) {
        self.queue = queue
        self.listener = listener
        self.partitions = partitions
        self.settings = settings
        self.logger = logger
        self.refused = refused
        self.perform = perform
        places = PlaceGate(limit: settings.inFlightMax)
    }

    /// Requests under way, from their claim to their acknowledged completion.
    package var inFlight: Int { places.taken }

    /// Works until shut down, then lets what is under way finish.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sendVerdicts() }
            group.addTask { await self.repeatUntilShutdown(every: self.settings.sweepEvery) { await self.sweep() } }
            group.addTask { await self.repeatUntilShutdown(every: self.settings.renewEvery) { await self.renew() } }
            // The requests have a group of their own, so that they can be cut off while their verdicts still go out.
            await withDiscardingTaskGroup { performers in
                await claimUntilShutdown(&performers)
                if await !places.waitUntilEmpty(within: settings.drain) {
                    logger.notice("requests under way are cut off", metadata: ["count": "\(places.taken)"])
                    performers.cancelAll()
                }
            }
            _ = await places.waitUntilEmpty(within: .seconds(2))
            desk.close()
            group.cancelAll()
        }
    }

    private func claimUntilShutdown(_ group: inout DiscardingTaskGroup) async {
        var pending = Set(0..<partitions)
        var due: [Int: ContinuousClock.Instant] = [:]
        // Partitions with requests that are taken alone: one after the other, beside all the others.
        var suspects: Set<Int> = []
        while !Task.isShuttingDownGracefully && !Task.isCancelled {
            // Wake-ups are heard, too, while a partition has more than there are places for: the others do not wait
            // for its end.
            pending.formUnion(await listener.next(within: pending.isEmpty ? idle(until: due, suspects) : .zero))
            for (partition, time) in due where time <= .now {
                pending.insert(partition)
                due[partition] = nil
            }
            if !desk.hasSuspect, let next = suspects.randomElement() { pending.insert(next) }
            if pending.isEmpty { continue }
            guard await places.waitForPlace(within: settings.idle) else { continue }
            pending = await claim(from: pending, &due, &suspects, &group)
        }
    }

    /// How long nothing can be due: until the earliest turn, at most the longest wait.
    private func idle(until due: [Int: ContinuousClock.Instant], _ suspects: Set<Int>) -> Duration {
        let wait = due.values.min().map { max(.zero, ContinuousClock.now.duration(to: $0)) }
        return min(suspects.isEmpty ? settings.idle : settings.aloneEvery, wait ?? settings.idle)
    }

    /// Claims from these partitions as far as there are places; those that may have more come back.
    private func claim(
        from wanted: Set<Int>, _ due: inout [Int: ContinuousClock.Instant], _ suspects: inout Set<Int>,
        _ group: inout DiscardingTaskGroup
    ) async -> Set<Int> {
        let free = places.free
        let share = max(1, min(settings.claimMax, free / wanted.count))
        // The order changes with every call, so that no partition is always the last when places are few.
        let alone = desk.hasSuspect ? nil : wanted.intersection(suspects).randomElement()
        let asks = wanted.shuffled().prefix(free).map {
            ClaimAsk(partition: $0, countMax: share, takesSuspect: $0 == alone)
        }
        var more = wanted.subtracting(asks.map(\.partition))
        var failure: QueueError?
        for (ask, result) in zip(asks, await queue.claim(Array(asks))) {
            switch result {
            case .success(let answer):
                for claim in answer.claims { start(claim, &group) }
                if answer.waiting > 0 || answer.claims.count >= share { more.insert(ask.partition) }
                if answer.suspects > 0 {
                    suspects.insert(ask.partition)
                } else {
                    suspects.remove(ask.partition)
                }
                if let next = answer.nextDue {
                    due[ask.partition] = .now + .milliseconds(max(1, next - answer.now))
                }
            case .failure(let error):
                more.insert(ask.partition)
                failure = error
            }
        }
        if let failure {
            logger.warning("requests could not be claimed", metadata: ["error": "\(failure)"])
            try? await Task.sleep(for: .milliseconds(200))
        }
        return more
    }

    private func start(_ claim: Claim, _ group: inout DiscardingTaskGroup) {
        places.take()
        desk.note(claim)
        group.addTask {
            self.desk.put(claim, await self.perform(claim))
        }
    }

    private func sendVerdicts() async {
        for await _ in desk.signals {
            while true {
                let items = desk.takeAll()
                if items.isEmpty { break }
                await send(items)
            }
        }
    }

    /// Sends until Redis acknowledges: the outcome of a call that was made is not thrown away. Should another worker
    /// have taken the claim over meanwhile, the answer is `late`, which counts as acknowledged.
    private func send(_ items: [(claim: Claim, verdict: RequestVerdict)]) async {
        var completions: [Completion] = []
        var postponements: [Postponement] = []
        var letters: [DeadLetter] = []
        for (claim, verdict) in items {
            switch verdict {
            case .completed(let outcome): completions.append(Completion(claim: claim, outcome: outcome))
            case .postponed(let delay, let unharmed, let progress):
                var claim = claim
                claim.progress = progress
                postponements.append(Postponement(claim: claim, delay: delay, isUnharmed: unharmed))
            case .again(let delay, let progress):
                var claim = claim
                claim.progress = progress
                postponements.append(Postponement(claim: claim, delay: delay, isUnharmed: false, isAnswered: true))
            case .deadLetter(let reason, let lastError, let outcome):
                letters.append(DeadLetter(claim: claim, reason: reason, lastError: lastError, outcome: outcome))
            }
        }
        await persist { try await self.queue.complete(completions) }
        let putOff = await persist { try await self.queue.postpone(postponements) }
        for (item, check) in zip(postponements, putOff) where check == .full { letters.append(full(item.claim)) }
        await persist { try await self.queue.deadLetter(letters) }
        for (claim, _) in items { desk.forget(claim) }
        places.leave(items.count)
    }

    /// Too many of its lane wait, or it has waited for too long: it ends at once, and the others go on.
    private func full(_ claim: Claim) -> DeadLetter {
        DeadLetter(
            claim: claim, reason: Self.backlogFull, lastError: claim.progress.calls.last?.status ?? Self.backlogFull,
            outcome: refused(claim))
    }

    @discardableResult
    private func persist(_ call: () async throws -> [ClaimCheck]) async -> [ClaimCheck] {
        var pause = Duration.milliseconds(50)
        while !Task.isCancelled {
            do {
                return try await call()
            } catch {
                logger.warning("requests could not be completed yet", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
        return []
    }

    private func sweep() async {
        // After Redis was away all leases have run down: whoever lives renews before what ran out is taken.
        if wasAway.load(ordering: .relaxed) {
            if await renew() { wasAway.store(false, ordering: .relaxed) }
            return
        }
        do {
            let count = try await queue.sweep(Array(0..<partitions))
            if count > 0 { logger.notice("claims that nobody performs came back", metadata: ["count": "\(count)"]) }
        } catch {
            wasAway.store(true, ordering: .relaxed)
            logger.warning("claims that nobody performs could not be looked for", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: whether Redis answered.
    @discardableResult
    private func renew() async -> Bool {
        let claims = desk.claims
        if claims.isEmpty { return true }
        do {
            _ = try await queue.renew(claims)
            return true
        } catch {
            logger.warning("claims could not be renewed", metadata: ["error": "\(error)"])
            return false
        }
    }

    private func repeatUntilShutdown(every pause: Duration, _ work: @escaping @Sendable () async -> Void) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await work()
                try? await Task.sleep(for: pause)
            }
        }
    }
}
