import Logging
import Models
import Outbound
import Queues

/// Performs one claimed request of `fetches`: all its look-ups side by side, then one outcome.
struct FetchPerformer: Sendable {
    let lookups: Lookups
    let places: CapPlaces
    /// As the claims are made with: from it and a claim's lease follows Redis' time of the claim.
    let lease: Duration
    let logger: Logger
    private let backlog = BacklogCounter(kind: "fetches")

    init(lookups: Lookups, places: CapPlaces, lease: Duration, logger: Logger) {
        self.lookups = lookups
        self.places = places
        self.lease = lease
        self.logger = logger
    }

    func perform(_ claim: Claim) async -> RequestVerdict {
        let request: FetchRequest
        do {
            guard case .fetch(let read) = try Request(bytes: claim.element) else {
                return unreadable(claim, "the element is no fetch request")
            }
            request = read
        } catch {
            return unreadable(claim, error.reason)
        }
        let start = ContinuousClock.now
        let spent = spent(claim)
        let allowed = min(max(request.timeoutMilliseconds, 1), Limits.requestMillisecondsMax)
        let deadline = start + .milliseconds(max(1, allowed - spent))
        let ends = await look(request.lookups, until: deadline)
        if Task.isCancelled || ends.contains(where: \.isCancelled) {
            return .postponed(by: .zero, unharmed: true, progress: claim.progress)
        }
        let now = lookups.clock.milliseconds
        var progress = claim.progress
        if claim.isForgiven { progress.calledAt = progress.calledAt ?? claimed(claim) }
        let turns = zip(ends, request.lookups).compactMap { end, lookup in end.turn.map { ($0, lookup) } }
        if let (turn, lookup) = turns.max(by: { $0.0 < $1.0 }), lookups.clock.instant(turn) < deadline {
            lookups.client.counters.add { $0.postponed += 1 }
            progress.lane = Self.lane(lookup)
            return .postponed(by: .milliseconds(max(1, turn - now)), unharmed: true, progress: progress)
        }
        var results: [String: LookupResult] = [:]
        do throws(QueueError) {
            // Asking twice is asking once: a request that is performed again gets the same answer.
            for (place, isTaken) in zip(request.places, try await places.take(request.places)) {
                results[place.key] = LookupResult(data: .bool(isTaken), cached: false)
            }
        } catch {
            logger.warning("places under a cap cannot be asked for", metadata: ["error": "\(error)"])
            progress.lane = "places"
            return .postponed(by: .milliseconds(200), unharmed: true, progress: progress)
        }
        for (lookup, end) in zip(request.lookups, ends) { results[lookup.key] = result(end, lookup) }
        let outcome = Outcome(
            id: request.id, person: request.origin.person, instance: request.origin.instance,
            durationMilliseconds: spent + start.duration(to: .now).milliseconds, result: .fetch(results),
            run: request.origin.run)
        return .completed(outcome: outcome.element)
    }

    /// Milliseconds since the first claim. Where a worker died with it, they count from the claim after that, which is
    /// noted as `calledAt`: it is not the fault of the person waiting, and a time-out here would be a lost look-up.
    private func spent(_ claim: Claim) -> Int64 {
        let now = claimed(claim)
        return max(0, now - (claim.isForgiven ? claim.progress.calledAt ?? now : claim.progress.claimedAt))
    }

    /// When it was claimed, by Redis' clock.
    private func claimed(_ claim: Claim) -> Int64 { claim.leaseUntil - lease.milliseconds }

    /// The field group that a look-up waits for.
    private static func lane(_ lookup: FetchRequest.Lookup) -> String { "\(lookup.source).\(lookup.group)" }

    /// What the journey is told of a request that may not wait: too many of its field group do, or it did for too long.
    func refused(_ claim: Claim) -> [UInt8] {
        backlog.count(claim.progress.lane ?? "")
        guard case .fetch(let request)? = try? Request(bytes: claim.element) else { return unreadableOutcome(claim) }
        let keys = request.lookups.map(\.key) + request.places.map(\.key)
        let results = keys.map { ($0, LookupResult(errorCode: RequestWorker.backlogFull)) }
        return Outcome(
            id: request.id, person: request.origin.person, instance: request.origin.instance,
            durationMilliseconds: spent(claim),
            result: .fetch(Dictionary(results, uniquingKeysWith: { first, _ in first })), run: request.origin.run
        ).element
    }

    private func look(_ items: [FetchRequest.Lookup], until deadline: ContinuousClock.Instant) async -> [Lookups.End] {
        if items.count == 1, let only = items.first { return [await look(only, until: deadline)] }
        return await withTaskGroup(of: (Int, Lookups.End).self) { group in
            for (place, item) in items.enumerated() {
                group.addTask { (place, await look(item, until: deadline)) }
            }
            var ends = [Lookups.End](repeating: .failed(.internalError), count: items.count)
            for await (place, end) in group { ends[place] = end }
            return ends
        }
    }

    private func look(_ item: FetchRequest.Lookup, until deadline: ContinuousClock.Instant) async -> Lookups.End {
        await lookups.look(up: item.source, item.group, item.parameters, until: deadline)
    }

    private func result(_ end: Lookups.End, _ lookup: FetchRequest.Lookup) -> LookupResult {
        switch end {
        case .notNow(let notNow): return LookupResult(errorCode: notNow.failure.code)
        case .answer(let answer):
            switch answer.result {
            case .failure(let failure): return LookupResult(errorCode: failure.code, answer: failure.answer)
            case .success(let data):
                do throws(LookupFailure) {
                    let fields = try SourceAnswer.restricted(data.value, to: lookup.fields)
                    return LookupResult(data: fields, cached: answer.isCached, note: data.note?.rawValue)
                } catch { return LookupResult(errorCode: error.code) }
            }
        }
    }

    /// A request whose header could be read and whose rest not: no retry helps.
    private func unreadable(_ claim: Claim, _ reason: String) -> RequestVerdict {
        logger.error("a fetch request cannot be read and is parked", metadata: ["request": "\(claim.id)"])
        return .deadLetter(reason: "unreadable", lastError: reason, outcome: unreadableOutcome(claim))
    }

    private func unreadableOutcome(_ claim: Claim) -> [UInt8] {
        let object = (try? JSONValue.parse(claim.element))?.objectValue ?? [:]
        let person = Person(
            namespace: object["namespace"]?.stringValue ?? "", id: object["person"]?.stringValue ?? "")
        return Outcome(
            id: claim.id, person: person, instance: object["instance"]?.stringValue ?? "", durationMilliseconds: 0,
            result: .fetch([:])
        ).element
    }
}

extension Lookups.End {
    fileprivate var isCancelled: Bool {
        if case .answer(let answer) = self, case .failure(.cancelled) = answer.result { return true }
        return false
    }

    fileprivate var turn: Int64? {
        if case .notNow(let notNow) = self { return notNow.until }
        return nil
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension Claim {
    /// Whether a worker died with it, so that the time before is not counted.
    fileprivate var isForgiven: Bool { deliveries > 1 || deaths > 0 }
}
