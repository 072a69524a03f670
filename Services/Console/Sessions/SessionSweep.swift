import Logging
import ServiceLifecycle

/// Removes ended sessions from time to time; a browser that comes back with one is refused before that already.
struct SessionSweep: Service {
    let sessions: SessionStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do { try await sessions.sweep() } catch {
                    logger.debug("Ended sessions were not removed", metadata: ["cause": "\(error)"])
                }
                try? await Task.sleep(for: Limits.sweepEvery)
            }
        }
    }
}
