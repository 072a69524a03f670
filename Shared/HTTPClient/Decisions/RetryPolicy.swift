/// Decides whether a call is made again, and when: a value, with chance and time passed in.
///
/// Exponential backoff with full jitter: a random part of `delayBase` doubled per attempt, at most `delayMax`; an
/// answer's Retry-After, up to `retryAfterMax`, is the least that is waited.
package struct RetryPolicy: Sendable, Hashable {
    /// Calls in all, the first included.
    package var attemptsMax: Int
    /// The longest wait after the first attempt.
    package var delayBase: Duration
    /// The longest wait between attempts by our own choice.
    package var delayMax: Duration
    /// The longest wait that the other side may ask for; what it asks beyond is not waited.
    package var retryAfterMax: Duration

    /// Four calls, 200 ms doubling to at most 30 s, Retry-After up to 5 minutes.
    package init(
        attemptsMax: Int = 4, delayBase: Duration = .milliseconds(200), delayMax: Duration = .seconds(30),
        retryAfterMax: Duration = .seconds(300)
    ) {
        self.attemptsMax = attemptsMax
        self.delayBase = delayBase
        self.delayMax = delayMax
        self.retryAfterMax = retryAfterMax
    }

    /// What a call came to.
    package enum Result: Sendable {
        /// An answer with its status and its `Retry-After` field as received.
        case answer(status: Int, retryAfter: String?)
        /// No answer.
        case failure(HTTPError)
    }

    /// What to do next.
    package enum Decision: Sendable, Hashable {
        /// The result stands: success, or what a repeat cannot mend.
        case done
        /// Call again after the time.
        case again(after: Duration)
        /// It could be repeated, and attempts or time are used up.
        case exhausted
    }

    /// Decides after a call.
    ///
    /// - Parameters:
    ///   - attempt: how many calls were made, this one included.
    ///   - remaining: time left until the caller's deadline; a wait that does not fit into it is `exhausted`.
    ///   - random: 0 up to 1.
    ///   - now: milliseconds since 1970, for a Retry-After that is a date.
    package func decide(
        _ result: Result, attempt: Int, remaining: Duration? = nil, random: Double, now: Int64
    ) -> Decision {
        guard Self.mayRepeat(result) else { return .done }
        guard attempt < attemptsMax else { return .exhausted }
        var delay = backoff(afterAttempt: attempt, random: random)
        if case .answer(_, let retryAfter?) = result, let asked = RetryAfter.delay(retryAfter, now: now) {
            delay = max(delay, min(asked, retryAfterMax))
        }
        if let remaining, delay >= remaining { return .exhausted }
        return .again(after: delay)
    }

    /// Whether an answer of this status may be asked for again: 408, 425, 429 and 5xx.
    package static func mayRepeat(status: Int) -> Bool {
        status == 408 || status == 425 || status == 429 || (500...599).contains(status)
    }

    private static func mayRepeat(_ result: Result) -> Bool {
        switch result {
        case .answer(let status, _):
            mayRepeat(status: status)
        case .failure(let error):
            // What we ended ourselves is not the endpoint's failure, and the loop that called is on its way out.
            error.retry != .never && error.code != .cancelled && error.code != .closed
        }
    }

    private func backoff(afterAttempt attempt: Int, random: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 30)
        let longest = min(delayBase.milliseconds << doublings, delayMax.milliseconds)
        let part = min(max(random, 0), 1)
        return .milliseconds(Int64(Double(longest) * part))
    }
}
