import Testing

@testable import JourneyExecution

@Suite("Timers of a batch")
struct TimerQueueTests {
    private func all(_ queue: inout TimerQueue, upTo time: Int64) -> [String] {
        var taken: [String] = []
        while let timer = queue.next(upTo: time) { taken.append("\(timer.member)@\(timer.due)") }
        return taken
    }

    @Test("They come by due time, those due together by instance and not by person")
    func order() {
        var queue = TimerQueue([("b 1", 20), ("a 2", 20), ("c 3", 10), ("z 0", 20)], horizon: 100)
        #expect(all(&queue, upTo: 20) == ["c 3@10", "z 0@20", "b 1@20", "a 2@20"])
    }

    @Test("One that was set anew fires at the new time alone, one that was cleared not at all")
    func changes() {
        var queue = TimerQueue([("a 1", 10), ("a 2", 10), ("a 3", 10)], horizon: 100)
        queue.set("a 1", due: 30)
        queue.clear("a 2")
        queue.set("a 4", due: 5)
        #expect(queue.earliest == 5)
        #expect(all(&queue, upTo: 10) == ["a 4@5", "a 3@10"])
        #expect(queue.earliest == 30)
        #expect(all(&queue, upTo: 30) == ["a 1@30"])
        #expect(queue.earliest == nil)
    }

    @Test("None beyond the horizon is taken, though it is known when it is due")
    func horizon() {
        var queue = TimerQueue([("a 1", 10), ("a 2", 50)], horizon: 20)
        queue.set("a 3", due: 60)
        #expect(all(&queue, upTo: 100) == ["a 1@10"])
        #expect(queue.earliest == 50)
    }
}
