import Logging
import Redis
import ServiceLifecycle
import Synchronization

/// Watches how full Redis is: what comes from outside is refused before memory is at its limit, so that accepted work
/// has room to drain.
package final class MemoryWatch: Service {
    private let redis: RedisClient
    private let share: Double
    private let every: Duration
    private let logger: Logger
    private let short = Atomic(false)

    /// - Parameters:
    ///   - share: of `maxmemory`, from which on memory is short. Where `maxmemory` is 0 it never is.
    ///   - every: how often to look.
    package init(redis: RedisClient, share: Double = 0.8, every: Duration = .seconds(1), logger: Logger) {
        self.redis = redis
        self.share = share
        self.every = every
        self.logger = logger
    }

    /// As of the latest look.
    package var isShort: Bool { short.load(ordering: .relaxed) }

    /// Looks until shut down.
    package func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                await self.look()
                try await Task.sleep(for: self.every)
            }
        }
    }

    /// Looks once. While Redis does not answer, what was known stays.
    package func look() async {
        guard let text = try? await redis.slow.send(RedisCommand("INFO", "memory")).requireText() else { return }
        var used = 0.0
        var most = 0.0
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("used_memory:") { used = Double(line.dropFirst("used_memory:".count)) ?? 0 }
            if line.hasPrefix("maxmemory:") { most = Double(line.dropFirst("maxmemory:".count)) ?? 0 }
        }
        let isShort = most > 0 && used >= most * share
        if short.exchange(isShort, ordering: .relaxed) != isShort {
            logger.warning(
                isShort
                    ? "Memory of Redis is short: what comes from outside is refused"
                    : "Memory of Redis suffices again")
        }
    }
}
