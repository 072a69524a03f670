import Testing

@testable import Redis

@Suite("Backoff")
struct ReconnectBackoffTests {
    @Test("Waits double up to the greatest, half of each drawn by lot")
    func doubling() {
        var least = ReconnectBackoff(min: .milliseconds(20), max: .milliseconds(100))
        var most = least
        #expect((0..<4).map { _ in least.next(random: 0) } == [10, 20, 40, 50].map { .milliseconds($0) })
        #expect((0..<4).map { _ in most.next(random: 1) } == [20, 40, 80, 100].map { .milliseconds($0) })
    }

    @Test("After a success the first wait is short again; a thousand failures do not overflow")
    func reset() {
        var backoff = ReconnectBackoff(min: .milliseconds(20), max: .seconds(2))
        for _ in 0..<1000 { _ = backoff.next(random: 0.5) }
        #expect(backoff.next(random: 1) == .seconds(2))
        backoff.reset()
        #expect(backoff.next(random: 1) == .milliseconds(20))
    }
}

@Suite("Read window")
struct ReadWindowTests {
    private let start = ContinuousClock.now

    @Test("A short batch needs no widening, a long one does once")
    func once() {
        var window = ReadWindow(bytesMax: 1 << 20)
        #expect(window.widening(before: 10_000, at: start) == nil)
        #expect(window.widening(before: 100_000, at: start) == 192 << 10)
        #expect(window.widening(before: 150_000, at: start) == nil)
    }

    @Test("A longer batch widens further, up to the greatest batch")
    func further() {
        var window = ReadWindow(bytesMax: 1 << 20)
        _ = window.widening(before: 30_000, at: start)
        #expect(window.widening(before: 60_000, at: start) == 96 << 10)
        #expect(window.widening(before: 40 << 20, at: start) ?? 0 >= 1 << 20)
        #expect(window.widening(before: 40 << 20, at: start) == nil)
    }

    @Test("After a while without long batches Redis has shrunk its buffer, so it is widened again")
    func again() {
        var window = ReadWindow(bytesMax: 1 << 20)
        #expect(window.widening(before: 150_000, at: start) != nil)
        #expect(window.widening(before: 150_000, at: start + .milliseconds(80)) == nil)
        #expect(window.widening(before: 150_000, at: start + .milliseconds(160)) == nil)
        // Less than half of the buffer is used, which does not keep it.
        #expect(window.widening(before: 30_000, at: start + .milliseconds(200)) == nil)
        #expect(window.widening(before: 150_000, at: start + .milliseconds(260)) != nil)
    }
}
