import JSONRPC
import Logging
import Models
import Redis
import ServiceLifecycle

/// Reads the API keys from Redis, again and again. While Redis is away the keys last read stay good.
struct KeyRefresh: Service {
    let redis: RedisClient
    /// The hash name → record.
    let key: String
    let table: KeyTable
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await refresh()
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// Reads them once.
    func refresh() async {
        do throws(RedisError) {
            let texts = try await redis.node(forKey: key).send(RedisCommand("HVALS", key)).requireArray()
            let records = texts.compactMap { $0.bytes.flatMap { try? JSONValue.parse($0) } }
            let unreadable = table.replace(with: records) + texts.count - records.count
            if unreadable > 0 { logger.warning("API keys cannot be read", metadata: ["count": "\(unreadable)"]) }
        } catch {
            logger.debug("API keys were not refreshed", metadata: ["cause": "\(error)"])
        }
    }
}
