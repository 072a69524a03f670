import Testing

@Suite("The history checker")
struct HistoryCheckerTests {
    let checker = HistoryChecker(leastWait: ("pause", 1_000), actionNodes: ["send"])

    /// Two people with two events each, all well.
    func clean() -> History {
        var history = History()
        var number: Int64 = 0
        for (place, event) in ["a1", "b1", "a2", "b2"].enumerated() {
            let person = String(event.prefix(1))
            let instance = "i-\(event)"
            let start = Int64(place) * 10_000
            history.sent.append(.init(event: event, person: person, answer: .accepted))
            let kinds: [(String, String?, Int64)] = [
                ("entered", nil, 0), ("node", "pause", 1_000), ("attempt", "send", 1_100), ("node", "send", 1_100),
                ("left", nil, 1_100),
            ]
            for (step, (kind, node, after)) in kinds.enumerated() {
                number += 1
                history.steps.append(
                    .init(
                        person: person, instance: instance, step: Int64(step + 1), kind: kind, node: node,
                        status: "ok", stimulus: step == 0 ? event : "later-\(event)-\(step)", at: start + after,
                        number: number))
            }
            history.received.append(.init(key: "\(instance):send:1", payload: "hello \(event)"))
        }
        return history
    }

    @Test("A clean history has no violation")
    func cleanHistory() {
        #expect(checker.check(clean()) == HistoryChecker.Verdict())
    }

    @Test("An accepted event that left no trace is seen")
    func lost() {
        var history = clean()
        history.sent.append(.init(event: "c1", person: "c", answer: .accepted))
        #expect(checker.check(history).acceptedNotProcessed == 1)
    }

    @Test("An event of unknown fate may have happened or not")
    func unknown() {
        var history = clean()
        history.sent.append(.init(event: "c1", person: "c", answer: .unknown))
        history.sent[0].answer = .unknown
        #expect(checker.check(history) == HistoryChecker.Verdict())
    }

    @Test(
        "What Redis lost is told apart by the bound before its death",
        arguments: [(8_999, false), (9_000, true), (10_250, true), (10_251, false)] as [(Int64, Bool)])
    func lossBound(at time: Int64, isWithin: Bool) {
        let loss = LossChecker(kills: [99_000, 10_000], boundMilliseconds: 1_000)
        var history = clean()
        #expect(loss.check(history) == LossChecker.Verdict())
        history.sent.append(.init(event: "c1", person: "c", answer: .accepted, answeredAt: time))
        history.sent.append(.init(event: "c2", person: "c", answer: .unknown, answeredAt: time))
        history.steps.append(
            .init(
                person: "d", instance: "i-d1", step: 1, kind: "entered", node: nil, status: "ok", stimulus: "d1",
                at: time, number: 99))
        let expected =
            isWithin ? LossChecker.Verdict(lostWithin: 1) : LossChecker.Verdict(lostBefore: 1, stuckOutside: 1)
        #expect(loss.check(history) == expected)
    }

    @Test("A refused event that was processed is seen")
    func refused() {
        var history = clean()
        history.sent[0].answer = .refused
        #expect(checker.check(history).refusedYetProcessed == 1)
    }

    @Test("A transition made twice is seen")
    func twice() {
        var history = clean()
        history.steps.append(history.steps[1])
        #expect(checker.check(history).transitionsTwice == 1)
    }

    @Test("An event that entered twice is seen")
    func enteredTwice() {
        var history = clean()
        let entry = history.steps[0]
        history.steps.append(
            .init(
                person: entry.person, instance: "i-other", step: 1, kind: "entered", node: nil, status: "ok",
                stimulus: entry.stimulus, at: entry.at, number: 99))
        #expect(checker.check(history).transitionsTwice == 1)
    }

    @Test("A gap in an instance's steps is seen")
    func gap() {
        var history = clean()
        history.steps.remove(at: 2)
        #expect(checker.check(history).stepsMissing == 1)
    }

    @Test("Events of a person handled out of order are seen")
    func order() {
        var history = clean()
        history.sent.swapAt(0, 2)
        #expect(checker.check(history).orderBroken == 1)
    }

    @Test("An action that the third party never saw is seen")
    func actionMissing() {
        var history = clean()
        history.received.removeFirst()
        #expect(checker.check(history).actionsMissing == 1)
    }

    @Test("An action that the third party only refused is missing")
    func actionRefused() {
        var history = clean()
        history.received[0].isPerformed = false
        #expect(checker.check(history).actionsMissing == 1)
    }

    @Test("A call that came before its timer was due is seen")
    func callEarly() {
        var history = clean()
        history.received[0].at = 1_000
        #expect(checker.check(history) == HistoryChecker.Verdict())
        history.received[0].at = 999
        #expect(checker.check(history).timersEarly == 1)
    }

    @Test("A repeated call with the same payload is right, with another payload it is seen")
    func payloads() {
        var history = clean()
        history.received.append(history.received[0])
        #expect(checker.check(history) == HistoryChecker.Verdict())
        history.received.append(.init(key: history.received[0].key, payload: "other"))
        #expect(checker.check(history).keysWithTwoPayloads == 1)
    }

    @Test("A timer that fired early is seen")
    func early() {
        var history = clean()
        let step = history.steps[1]
        history.steps[1] = .init(
            person: step.person, instance: step.instance, step: step.step, kind: step.kind, node: step.node,
            status: step.status, stimulus: step.stimulus, at: step.at - 1, number: step.number)
        #expect(checker.check(history).timersEarly == 1)
    }

    @Test("An instance that never left is seen")
    func stuck() {
        var history = clean()
        history.steps.removeLast()
        #expect(checker.check(history).instancesStuck == 1)
    }
}
