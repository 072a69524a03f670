import Logging
import Redis
import ServiceLifecycle
import Synchronization

/// Says which partitions' lists were empty and are no more. A message that is lost costs the slow poll's time.
///
/// One loop asks ``next(within:)``; ``run()`` keeps the subscription. Without it, or while Redis is away, the slow
/// poll goes on alone.
package final class WakeListener: Service {
    private struct State {
        var subscription: RedisSubscription?
        var nextPoll: ContinuousClock.Instant
    }

    private let redis: RedisClient
    private let pattern: String
    private let all: Set<Int>
    private let slowPoll: Duration
    private let logger: Logger
    private let state = Mutex(State(nextPoll: .now))

    /// - Parameters:
    ///   - partitions: how many there are.
    ///   - slowPoll: how often all are looked at, whatever was heard.
    package init(
        redis: RedisClient, keys: QueueKeys, queue: WakeQueue, partitions: Int, slowPoll: Duration = .seconds(1),
        logger: Logger
    ) {
        self.redis = redis
        pattern = keys.wakePattern(queue)
        all = Set(0..<partitions)
        self.slowPoll = slowPoll
        self.logger = logger
    }

    /// Keeps the subscription until shut down.
    package func run() async throws {
        let subscriber: RedisSubscriber
        do {
            subscriber = try redis.subscriber()
            try subscriber.start()
        } catch {
            throw QueueError(error)
        }
        let subscription = subscriber.subscribe(patterns: [pattern])
        state.withLock { $0.subscription = subscription }
        try? await cancelWhenGracefulShutdown { while true { try await Task.sleep(for: .seconds(3_600)) } }
        state.withLock { $0.subscription = nil }
        await subscriber.close()
    }

    /// Waits for a wake-up, and gives the partitions that were woken: all at each slow poll and where messages may
    /// have been missed, none when nothing came in this time. Never longer than the time given.
    package func next(within timeout: Duration) async -> Set<Int> {
        if takePoll() { return all }
        let (subscription, nextPoll) = state.withLock { ($0.subscription, $0.nextPoll) }
        let notices = await take(from: subscription, within: max(.zero, min(timeout, nextPoll - .now)))
        if takePoll() { return all }
        var woken: Set<Int> = []
        for notice in notices {
            guard case .message(let channel, _) = notice else {
                logger.debug("Wake-ups may have been missed", metadata: ["pattern": "\(pattern)"])
                return all
            }
            if let colon = channel.lastIndex(of: ":"), let number = Int(channel[channel.index(after: colon)...]),
                all.contains(number)
            {
                woken.insert(number)
            }
        }
        return woken
    }

    private func take(from subscription: RedisSubscription?, within wait: Duration) async -> [RedisNotice] {
        if let subscription, let notices = try? await subscription.takeAll(within: wait) { return notices }
        try? await Task.sleep(for: wait)
        return []
    }

    /// Whether the slow poll is due; it then counts from now.
    private func takePoll() -> Bool {
        let now = ContinuousClock.now
        return state.withLock { state in
            if now < state.nextPoll { return false }
            state.nextPoll = now + slowPoll
            return true
        }
    }
}
