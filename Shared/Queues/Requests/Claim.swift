/// A request that this worker holds until its lease runs out.
package struct Claim: Sendable, Hashable {
    package let partition: Int
    package let id: String
    /// What shows that a claim is still this one: another for each call that claims.
    package let token: String
    /// The request, with its header; `Request(bytes:)` reads it.
    package let element: [UInt8]
    /// Redis' clock (ms).
    package var leaseUntil: Int64
    /// Claims so far, this one included.
    package let deliveries: Int
    /// Calls begun so far; where the claim counts as one, that is included.
    package var attempts: Int
    /// Calls begun when it was claimed.
    let attemptsBefore: Int
    /// Noted in Redis by ``RequestQueue/startAttempt(_:)`` and ``RequestQueue/postpone(_:)``.
    package var progress: RequestProgress
    /// Workers that died with it in hand, since it was answered last.
    package var deaths = 0

    /// Two workers died with it, so that it is taken alone: no other such request is in its worker's hands.
    package var isSuspect: Bool { deaths >= 2 }
}

/// How many requests of a partition to claim.
package struct ClaimAsk: Sendable, Hashable {
    package let partition: Int
    /// 1 to 1,000.
    package let countMax: Int
    /// One request more, of those that are taken alone: where the worker has none of them in hand.
    package let takesSuspect: Bool

    package init(partition: Int, countMax: Int, takesSuspect: Bool = false) {
        self.partition = partition
        self.countMax = min(max(countMax, 1), 1_000)
        self.takesSuspect = takesSuspect
    }
}

/// What a partition gave.
package struct ClaimAnswer: Sendable, Hashable {
    package let partition: Int
    package let claims: [Claim]
    /// Redis' clock (ms).
    package let now: Int64
    /// When the next postponed request has its turn (ms, Redis' clock); nil: none waits.
    package let nextDue: Int64?
    /// Requests left in the list.
    package let waiting: Int
    /// Requests that became dead letters by this claim.
    package let deadLettered: Int
    /// Requests that wait to be taken alone.
    package let suspects: Int
}

/// Whether a claim was still this worker's.
package enum ClaimCheck: Sendable, Hashable {
    case done
    /// It is another's by now, or completed: forget it. A repeated call answers so, too.
    case late
    /// It may not wait: its lane is full, or it waited for too long. It is still this worker's.
    case full
}

/// A claim with its outcome: the inbox element, `Outcome.element`.
package struct Completion: Sendable, Hashable {
    package let claim: Claim
    package let outcome: [UInt8]

    package init(claim: Claim, outcome: [UInt8]) {
        self.claim = claim
        self.outcome = outcome
    }
}

/// A claim that is put off.
package struct Postponement: Sendable, Hashable {
    package let claim: Claim
    /// Zero comes back at once, whatever waits.
    package let delay: Duration
    /// No call was made: neither this delivery nor an attempt counts.
    package let isUnharmed: Bool
    /// A call was made and its answer is known: the attempt counts, the delivery was not in vain.
    package let isAnswered: Bool

    package init(claim: Claim, delay: Duration, isUnharmed: Bool, isAnswered: Bool = false) {
        self.claim = claim
        self.delay = delay
        self.isUnharmed = isUnharmed
        self.isAnswered = isAnswered
    }
}

/// A claim that is given up.
package struct DeadLetter: Sendable, Hashable {
    package let claim: Claim
    /// A code such as `attempts` or `refused`.
    package let reason: String
    /// A sentence without secrets.
    package let lastError: String
    package let outcome: [UInt8]

    package init(claim: Claim, reason: String, lastError: String, outcome: [UInt8]) {
        self.claim = claim
        self.reason = reason
        self.lastError = lastError
        self.outcome = outcome
    }
}
