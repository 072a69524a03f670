import Logging
import Models
import Queues
import Redis
import ServiceLifecycle
import Synchronization

/// What all live views of this console share: one subscriber to Redis, the places that are taken, and the word to
/// journey-reporting which journeys are watched.
final class LiveHub: Service {
    private struct State {
        var subscriber: RedisSubscriber?
        var taken = 0
        var isClosing = false
    }

    private let redis: RedisClient
    private let keys: QueueKeys
    /// Milliseconds since 1970.
    private let clock: @Sendable () -> Int64
    private let logger: Logger
    private let state = Mutex(State())

    init(redis: RedisClient, keys: QueueKeys, clock: @escaping @Sendable () -> Int64, logger: Logger) {
        self.redis = redis
        self.keys = keys
        self.clock = clock
        self.logger = logger
    }

    /// Once the console is about to end, so that no view keeps it.
    var isClosing: Bool { state.withLock { $0.isClosing } }

    func run() async throws {
        let subscriber = try redis.subscriber(name: "live")
        try subscriber.start()
        state.withLock { $0.subscriber = subscriber }
        try? await gracefulShutdown()
        state.withLock { state in
            state.isClosing = true
            state.subscriber = nil
        }
        await subscriber.close()
    }

    /// A place for one view, given back when nobody holds it any more; nil where all are taken.
    func takePlace() -> LivePlace? {
        let isFree = state.withLock { state in
            guard !state.isClosing, state.taken < Limits.liveViewsMax else { return false }
            state.taken += 1
            return true
        }
        return isFree ? LivePlace { [weak self] in self?.state.withLock { $0.taken -= 1 } } : nil
    }

    /// Hears the journey's sums; nil while the console starts or ends.
    func subscribe(to journey: String) -> RedisSubscription? {
        state.withLock { $0.subscriber }?.subscribe(channels: [keys.live(journey)])
    }

    /// Says that somebody watches, for a while from now on.
    func watch(_ journey: String) async {
        let key = keys.config("watching")
        let until = clock() + Limits.liveWatchMilliseconds
        do { _ = try await redis.node(forKey: key).send(RedisCommand("ZADD", key, "GT", until, journey)) } catch {
            logger.debug("Watching could not be said", metadata: ["journey": "\(journey)", "error": "\(error)"])
        }
    }
}

/// One view's place among ``Limits/liveViewsMax``.
final class LivePlace: Sendable {
    private let giveBack: @Sendable () -> Void

    init(_ giveBack: @escaping @Sendable () -> Void) { self.giveBack = giveBack }

    deinit { giveBack() }
}
