import Logging
import Redis
import ServiceLifecycle
import Synchronization

/// Says which partitions' lists were empty and are no more. A message that is lost costs the slow poll's time.
///
/// One loop asks ``next(within:)``; ``run()`` keeps the subscription. Without it, or while Redis is away, the slow
/// poll goes on alone.
package final class WakeListener: Service {
    private let subscriber: RedisSubscriber
    private let subscription: RedisSubscription
    private let all: Set<Int>
    private let slowPoll: Duration
    private let nextPoll: Mutex<ContinuousClock.Instant>

    /// - Parameters:
    ///   - partitions: how many there are.
    ///   - slowPoll: how often all are looked at, whatever was heard.
    package init(
        redis: RedisClient, keys: QueueKeys, queue: WakeQueue, partitions: Int, slowPoll: Duration = .seconds(1)
    ) throws(QueueError) {
        do { subscriber = try redis.subscriber() } catch { throw QueueError(error) }
        subscription = subscriber.subscribe(patterns: [keys.wakePattern(queue)])
        all = Set(0..<partitions)
        self.slowPoll = slowPoll
        nextPoll = Mutex(.now)
    }

    package func run() async throws {
        do { try subscriber.start() } catch { throw QueueError(error) }
        // Ends at shutdown: the sleep has no other end.
        try? await cancelWhenGracefulShutdown { while true { try await Task.sleep(for: .seconds(3_600)) } }
        await subscriber.close()
    }

    /// Waits for a wake-up, and gives the partitions that were woken: all at each slow poll and where messages may
    /// have been missed, none when nothing came in this time. Never longer than the time given.
    package func next(within timeout: Duration) async -> Set<Int> {
        if takePoll() { return all }
        let untilPoll = nextPoll.withLock { $0 } - .now
        let wait = max(.zero, min(timeout, untilPoll))
        let notices: [RedisNotice]
        do {
            notices = try await subscription.takeAll(within: wait)
        } catch {
            try? await Task.sleep(for: wait)
            notices = []
        }
        if takePoll() { return all }
        var woken: Set<Int> = []
        for notice in notices {
            guard case .message(let channel, _) = notice else { return all }
            if let colon = channel.lastIndex(of: ":"), let number = Int(channel[channel.index(after: colon)...]),
                all.contains(number)
            {
                woken.insert(number)
            }
        }
        return woken
    }

    /// Whether the slow poll is due; it then counts from now.
    private func takePoll() -> Bool {
        let now = ContinuousClock.now
        return nextPoll.withLock { next in
            if now < next { return false }
            next = now + slowPoll
            return true
        }
    }
}
