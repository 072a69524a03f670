import Logging
import Redis
import ServiceLifecycle

/// Asks Redis whether it is there, every second, and says so to whoever asks the readiness state.
struct RedisWatch: Service {
    static let interval: Duration = .seconds(1)
    static let answerTimeMax: Duration = .seconds(2)
    /// Between attempts of a start that waits: doubles from the first to the second.
    static let backoffMin: Duration = .milliseconds(50)
    static let backoffMax: Duration = .seconds(1)

    let redis: RedisClient
    let readiness: ReadinessState
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var isThere = true
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                if Task.isCancelled { return }
                let reason = await reasonAway()
                readiness.setAway(reason)
                if isThere, reason != nil { logger.warning("Redis is away") }
                if !isThere, reason == nil { logger.notice("Redis is back") }
                isThere = reason == nil
            }
        }
    }

    /// Waits until Redis answers; false where the service is told to stop first.
    func waitUntilThere() async -> Bool {
        await cancelWhenGracefulShutdown {
            var pause = Self.backoffMin
            var isSaid = false
            while !Task.isCancelled {
                guard let reason = await reasonAway() else { return true }
                readiness.setAway(reason)
                if !isSaid { logger.notice("Redis is not there yet", metadata: ["reason": "\(reason)"]) }
                isSaid = true
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, Self.backoffMax)
            }
            return false
        }
    }

    /// Why Redis cannot be used; nil where it can.
    private func reasonAway() async -> String? {
        do throws(RedisError) {
            _ = try await redis.node(forSlot: 0).send(RedisCommand("PING"), timeout: Self.answerTimeMax).checked()
            return nil
        } catch {
            logger.debug("Redis did not answer", metadata: ["cause": "\(error)"])
            switch error.code {
            case .notAuthenticated, .noPermission: return "Redis refuses the credentials."
            case .loading: return "Redis is loading its data."
            default: return "Redis is away."
            }
        }
    }
}
