import HTTPClient
import Testing

@Suite("Retries")
struct RetryPolicyTests {
    private let policy = RetryPolicy(
        attemptsMax: 4, delayBase: .milliseconds(200), delayMax: .seconds(1), retryAfterMax: .seconds(60))

    @Test(
        "Only what may be repeated is",
        arguments: [
            (200, false), (204, false), (301, false), (400, false), (401, false), (404, false), (408, true),
            (409, false), (422, false), (425, true), (429, true), (500, true), (502, true), (503, true), (599, true),
        ])
    func statuses(_ status: Int, _ repeats: Bool) {
        let decision = decide(.answer(status: status, retryAfter: nil), attempt: 1)
        #expect(decision == (repeats ? .again(after: .milliseconds(100)) : .done))
    }

    @Test("Errors are repeated by their retry class, and never our own endings", arguments: HTTPError.Code.allCases)
    func errors(_ code: HTTPError.Code) {
        let repeats: Set<HTTPError.Code> = [
            .nameNotResolved, .connectFailed, .tls, .queueFull, .timedOut, .connectionLost, .protocolError,
        ]
        let decision = decide(.failure(HTTPError(code, "x")), attempt: 1)
        #expect(decision == (repeats.contains(code) ? .again(after: .milliseconds(100)) : .done))
    }

    @Test(
        "The delay doubles from the base to the bound, times chance",
        arguments: [(1, 0.5, 100), (2, 0.5, 200), (3, 0.5, 400), (3, 0.0, 0), (1, 0.999, 199), (60, 0.5, 500)])
    func backoff(_ attempt: Int, _ random: Double, _ expected: Int64) {
        var policy = policy
        policy.attemptsMax = 100
        let decision = policy.decide(.answer(status: 503, retryAfter: nil), attempt: attempt, random: random, now: 0)
        #expect(decision == .again(after: .milliseconds(expected)))
    }

    @Test("The last attempt exhausts, and so does a wait beyond the deadline")
    func exhausted() {
        #expect(decide(.answer(status: 503, retryAfter: nil), attempt: 4) == .exhausted)
        #expect(decide(.answer(status: 503, retryAfter: nil), attempt: 1, remaining: .milliseconds(100)) == .exhausted)
        #expect(
            decide(.answer(status: 503, retryAfter: nil), attempt: 1, remaining: .milliseconds(101))
                == .again(after: .milliseconds(100)))
        #expect(decide(.answer(status: 200, retryAfter: nil), attempt: 4) == .done)
    }

    @Test(
        "Retry-After is the least that is waited, up to the bound",
        arguments: [("3", 3_000), ("0", 100), ("100000", 60_000), ("nonsense", 100), ("-5", 100), ("1.5", 100)])
    func retryAfter(_ value: String, _ expected: Int64) {
        let decision = decide(.answer(status: 429, retryAfter: value), attempt: 1)
        #expect(decision == .again(after: .milliseconds(expected)))
    }

    @Test(
        "All three forms of a date are read",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("  Thu, 29 Feb 2024 00:00:00 GMT ", 1_709_164_800),
        ])
    func dates(_ text: String, _ seconds: Int64) {
        #expect(RetryAfter.delay(text, now: (seconds - 7) * 1000) == .seconds(7))
        #expect(RetryAfter.delay(text, now: (seconds + 7) * 1000) == .zero)
    }

    @Test(
        "What is no date is none",
        arguments: [
            "", " ", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994", "Sun, 99 Nov 1994 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 28:49:37 GMT", "99999999999999999999999 GMT",
        ])
    func notDates(_ text: String) {
        #expect(RetryAfter.delay(text, now: 0) == nil)
    }

    @Test("More digits than a number holds are a long wait, not a trap")
    func hugeSeconds() {
        #expect(RetryAfter.delay(String(repeating: "9", count: 400), now: 0) == .seconds(9_999_999_999))
    }

    private func decide(_ result: RetryPolicy.Result, attempt: Int, remaining: Duration? = nil) -> RetryPolicy.Decision
    {
        policy.decide(result, attempt: attempt, remaining: remaining, random: 0.5, now: 0)
    }
}
