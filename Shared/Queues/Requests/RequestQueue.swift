import Redis
import Synchronization

/// The requests of one kind in all partitions, as a worker sees them.
///
/// A request is in one place at a time: its list, `retry`, `suspects`, `claimed` or `dead`. Any call may be repeated
/// after an unknown outcome: what was done already answers ``ClaimCheck/late``, and claims that no worker heard of come
/// back by the sweep.
package final class RequestQueue: Sendable {
    let pipeline: PartitionPipeline
    let keys: QueueKeys
    let kind: RequestKind
    let settings: RequestQueueSettings
    /// As the claims told it.
    package let time: RedisTime
    private let worker: String
    let isGone: @Sendable (String) -> Bool
    let lost = LostClaims()
    private let claimsMade = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - worker: unique to this start of this process, of letters, digits, `_`, `.` and `-`.
    ///   - clock: the machine's (ms since 1970), for ``time`` until the first claim.
    ///   - isGone: whether the process of a worker is known to be there no longer.
    package init(
        redis: RedisClient, keys: QueueKeys, kind: RequestKind, worker: String,
        settings: RequestQueueSettings = RequestQueueSettings(), clock: @escaping @Sendable () -> Int64 = { 0 },
        isGone: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        precondition(
            worker.utf8.allSatisfy { $0.isWordByte }, "A worker is named by letters, digits, _, . and -")
        pipeline = PartitionPipeline(redis: redis)
        self.keys = keys
        self.kind = kind
        self.worker = worker
        self.settings = settings
        time = RedisTime(before: clock)
        self.isGone = isGone
    }

    /// Claims requests of several partitions in one pipeline. An error of one partition fails that one alone; what was
    /// claimed while the answer got lost comes back by this process's next sweep.
    package func claim(_ asks: [ClaimAsk]) async -> [Result<ClaimAnswer, QueueError>] {
        let token = "\(worker).\(claimsMade.wrappingAdd(1, ordering: .relaxed).newValue)"
        let commands = asks.map { ask in
            let own = keys.partition(ask.partition)
            let command = QueueScript.claimRequests.command(
                keys: [
                    own.requests(kind), own.claimed(kind), own.retry(kind), own.dead(kind), own.inbox, own.state,
                    own.cancelled(kind), own.waiting(kind), own.suspects(kind),
                ],
                arguments: [
                    ask.countMax, settings.lease.milliseconds, token, settings.deliveriesMax,
                    settings.countsFirstAttempt ? 1 : 0, own.wake(.inbox), settings.deadMax, "out:\(kind.rawValue)",
                    kind.waitingField, ask.takesSuspect ? 1 : 0,
                ])
            return (partition: ask.partition, command: command)
        }
        return zip(asks, await pipeline.run(commands)).map { ask, answer in
            if case .failure(let error) = answer.reply, error.code == .unknownOutcome {
                lost.note(token, of: ask.partition, until: .now + settings.lease)
            }
            return answer.reply.flatMap { claims(in: $0, ask.partition, token) }
        }
    }

    /// Counts a further call of each claim, before it is made, notes the progress and renews the lease.
    package func startAttempt(_ claims: [Claim]) async throws(QueueError) -> [ClaimCheck] {
        try await check(claims) { own in
            QueueScript.updateClaims.command(
                keys: [own.claimed(kind)], arguments: [settings.lease.milliseconds])
        } add: { command, place in
            command.append(claims[place].id)
            command.append(claims[place].token)
            command.append(claims[place].attempts + 1)
            command.append(claims[place].progress.header)
        }
    }

    /// Renews the leases of claims that take long; what is noted of them stays as it is.
    package func renew(_ claims: [Claim]) async throws(QueueError) -> [ClaimCheck] {
        try await check(claims) { own in
            QueueScript.updateClaims.command(
                keys: [own.claimed(kind)], arguments: [settings.lease.milliseconds])
        } add: { command, place in
            command.append(claims[place].id)
            command.append(claims[place].token)
            command.append("")
            command.append("")
        }
    }

    /// Removes the claims and appends their outcomes to the inboxes of their partitions.
    package func complete(_ items: [Completion]) async throws(QueueError) -> [ClaimCheck] {
        try await check(items.map(\.claim)) { own in
            QueueScript.completeRequests.command(
                keys: [own.claimed(kind), own.inbox, own.state], arguments: [own.wake(.inbox)])
        } add: { command, place in
            command.append(items[place].claim.id)
            command.append(items[place].claim.token)
            command.append(items[place].outcome.dropFirst())
        }
    }

    /// Puts claims off until their delay is over, with their progress noted; ``ClaimCheck/full``: it may not wait.
    package func postpone(_ items: [Postponement]) async throws(QueueError) -> [ClaimCheck] {
        try await check(items.map(\.claim), isBounded: true) { own in
            QueueScript.postponeRequests.command(
                keys: [own.claimed(kind), own.retry(kind), own.waiting(kind), own.state],
                arguments: [
                    own.wake(kind.wakeQueue), kind.waitingField, settings.waitingBytesMax / 100 * settings.waitingShare,
                    settings.waitingBytesMax, settings.waitingAge.milliseconds,
                ])
        } add: { command, place in
            let item = items[place]
            command.append(item.claim.id)
            command.append(item.claim.token)
            command.append(max(0, item.delay.milliseconds))
            command.append(item.isAnswered ? 2 : item.isUnharmed ? 1 : 0)
            command.append(item.isUnharmed ? item.claim.attemptsBefore : item.claim.attempts)
            command.append(item.claim.progress.header)
        }
    }

    /// Gives claims back that nothing was done with, for another worker to have at once.
    package func giveBack(_ claims: [Claim]) async throws(QueueError) -> [ClaimCheck] {
        try await postpone(claims.map { Postponement(claim: $0, delay: .zero, isUnharmed: true) })
    }

    /// Makes dead letters of claims and appends their outcomes to the inboxes of their partitions.
    package func deadLetter(_ items: [DeadLetter]) async throws(QueueError) -> [ClaimCheck] {
        try await check(items.map(\.claim)) { own in
            QueueScript.deadLetterRequests.command(
                keys: [own.claimed(kind), own.dead(kind), own.inbox, own.state],
                arguments: [own.wake(.inbox), settings.deadMax])
        } add: { command, place in
            let item = items[place]
            command.append(item.claim.id)
            command.append(item.claim.token)
            command.append(jsonText(item.reason))
            command.append(jsonText(item.lastError))
            command.append(item.outcome.dropFirst())
        }
    }

    private func claims(
        in reply: RedisReply, _ partition: Int, _ token: String
    ) -> Result<ClaimAnswer, QueueError> {
        guard let parts = reply.elements, parts.count >= 5, let now = parts[0].integerValue,
            let due = parts[1].integerValue, let waiting = parts[2].integerValue, let dead = parts[3].integerValue,
            let suspects = parts[4].integerValue
        else { return .failure(QueueError(.broken, "A claim answered in an unknown form")) }
        time.tell(now)
        let counted = settings.countsFirstAttempt ? 1 : 0
        let claims = parts.dropFirst(5).compactMap { part -> Claim? in
            guard let element = part.bytes, let header = RequestHeader(element) else { return nil }
            return Claim(
                partition: partition, id: header.id, token: token, element: element, leaseUntil: header.leaseUntil,
                deliveries: header.deliveries, attempts: header.attempts, attemptsBefore: header.attempts - counted,
                progress: header.progress ?? RequestProgress(claimedAt: now), deaths: header.deaths)
        }
        return .success(
            ClaimAnswer(
                partition: partition, claims: claims, now: now, nextDue: due < 0 ? nil : due, waiting: Int(waiting),
                deadLettered: Int(dead), suspects: Int(suspects)))
    }
}
