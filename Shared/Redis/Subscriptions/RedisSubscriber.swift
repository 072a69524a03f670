import Logging

/// Listens to channels, on a connection of its own; connects and subscribes anew after each failure, and tells each
/// subscription that messages may have been missed.
package final class RedisSubscriber: Sendable {
    private let configuration: RedisConfiguration
    private let name: String
    private let logger: Logger
    private let hub: SubscriptionHub
    private let published = PublishedFigures()

    /// - Throws: `closed` when the system gives no descriptor.
    package init(_ configuration: RedisConfiguration, name: String = "subscriber", logger: Logger) throws(RedisError) {
        self.configuration = configuration
        self.name = name
        self.logger = logger
        hub = try SubscriptionHub()
    }

    deinit {
        hub.abandon()
    }

    /// Starts the thread, which connects. A second start does nothing.
    ///
    /// - Throws: `closed` when the system gives no thread.
    package func start() throws(RedisError) {
        guard hub.open() else { return }
        try RedisThread.start { [configuration, hub, published, name, logger] in
            SubscriberLoop(configuration, hub: hub, figures: published, name: name, logger: logger).run()
        }
    }

    /// A new subscription, before or after the start. Its first notice is a gap, as soon as Redis has confirmed
    /// every name. Each message is heard once for each of the names that it matches.
    ///
    /// - Parameter patterns: as of `PSUBSCRIBE`: `sj:wake:inbox:*`.
    package func subscribe(channels: [String] = [], patterns: [String] = []) -> RedisSubscription {
        let names = Set(channels.map(SubscriptionHub.Name.channel) + patterns.map(SubscriptionHub.Name.pattern))
        precondition(!names.isEmpty, "a subscription listens to something")
        let buffer = NoticeBuffer(limit: configuration.subscriptionBufferMax)
        return RedisSubscription(id: hub.add(names, buffer), buffer: buffer, hub: hub)
    }

    /// Ends all subscriptions and the connection.
    package func close() async {
        await hub.close()
    }

    /// `commands` counts messages here.
    package var figures: RedisFigures { published.current }
}
