import Logging
import Queues
import Redis
import ServiceLifecycle

/// Reads configuration anew whenever `sj:config` announces a change, and by a slow poll that needs no announcement.
package struct ChangeWatch: Sendable {
    /// How soon it is tried again while Redis is away.
    private static let retry = Duration.milliseconds(500)

    private let subscriber: RedisSubscriber
    private let channel: String
    private let poll: Duration

    /// - Parameters:
    ///   - subscriber: shared by all watches of a process; the caller starts and closes it.
    ///   - poll: how late a change is seen at most whose announcement was lost.
    package init(subscriber: RedisSubscriber, keys: QueueKeys, poll: Duration) {
        self.subscriber = subscriber
        channel = keys.configChannel
        self.poll = poll
    }

    /// Refreshes at once and then again and again until shutdown.
    /// - Parameter failed: told of the first failure in a row; what was read last stays in force.
    package func run(
        refresh: @escaping @Sendable () async throws(DefinitionError) -> Void,
        failed: @escaping @Sendable (DefinitionError) -> Void
    ) async {
        let subscription = subscriber.subscribe(channels: [channel])
        await cancelWhenGracefulShutdown {
            var wasAway = false
            while !Task.isCancelled {
                do throws(DefinitionError) {
                    try await refresh()
                    wasAway = false
                } catch {
                    if !wasAway { failed(error) }
                    wasAway = true
                }
                do {
                    _ = try await subscription.takeAll(within: wasAway ? Self.retry : poll)
                } catch {
                    // The subscriber is closed: the process is shutting down.
                    return
                }
            }
        }
    }
}
