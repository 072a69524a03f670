/// How to speak to Redis, and every bound of it.
package struct RedisConfiguration: Sendable {
    /// Where Redis is, and as whom to speak to it.
    package var address: RedisAddress
    /// Shown by `CLIENT LIST`, with the connection's name behind it. No spaces.
    package var clientName = "sojourn"
    /// What the keys of this deployment begin with; routing by partition needs it.
    package var keyPrefix = "sj"
    /// Connections for commands; partitions are spread over them. One serves 200,000 small commands a second.
    package var connections = 1

    /// Time to reach the server, and again to introduce ourselves to it.
    package var connectTimeout: Duration = .seconds(2)
    /// From the call to the answer; waiting in the queue and for a connection included.
    package var commandTimeout: Duration = .seconds(5)
    /// Delay before the second attempt to connect; it doubles up to `backoffMax`, and half of it is drawn by lot.
    package var backoffMin: Duration = .milliseconds(20)
    /// The longest delay between two attempts to connect: an outage that ends is noticed this soon.
    package var backoffMax: Duration = .seconds(2)
    /// How often a quiet subscriber asks whether the server is still there; after two unheard it connects anew.
    package var pingInterval: Duration = .seconds(5)

    /// Commands that wait at most; more are refused. About 5 s of work at 3,000/s, 80 ms at full speed.
    package var queueCommandsMax = 16_384
    /// Bytes of the commands that wait at most: an eighth of the 200 MB that a service may take, twice over.
    package var queueBytesMax = 64 << 20
    /// Commands sent at once. More makes no command cheaper, and the first waits for the last.
    package var batchCommandsMax = 1_024
    /// Bytes sent at once; a longer command or pipeline is a batch of its own.
    package var batchBytesMax = 1 << 20
    /// Bytes of one command at most.
    package var commandBytesMax = 32 << 20
    /// Bytes of one answer at most.
    package var replyBytesMax = 256 << 20
    /// Notices that a subscription keeps for a slow reader; beyond, the oldest give way and a gap is told.
    package var subscriptionBufferMax = 4_096

    /// A number in 0 ..< 1, for the jitter of the backoff.
    package var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// All defaults.
    package init(_ address: RedisAddress) {
        self.address = address
    }
}
