import Logging

/// Makes connections again and again: when the next attempt is due, what the last one failed of, what is logged.
/// Used by one thread.
struct Reconnector {
    private let configuration: RedisConfiguration
    private let name: String
    private let logger: Logger
    private var backoff: ReconnectBackoff
    private var notBefore: ContinuousClock.Instant?
    /// Why there is no connection.
    private(set) var failure: RedisError?
    private(set) var connects: UInt64 = 0
    private(set) var connectFailures: UInt64 = 0

    init(_ configuration: RedisConfiguration, name: String, logger: Logger) {
        self.configuration = configuration
        self.name = name
        self.logger = logger
        backoff = ReconnectBackoff(min: configuration.backoffMin, max: configuration.backoffMax)
    }

    /// How long the next attempt must wait still; zero when it is due.
    func delay(at now: ContinuousClock.Instant) -> Duration {
        notBefore.map { max(.zero, now.duration(to: $0)) } ?? .zero
    }

    /// Blocks for twice the time-out for connecting at most. `nil` when it failed; `failure` says why.
    mutating func attempt() -> RedisSocket? {
        do {
            let socket = try RedisSocket.connect(
                configuration.address, timeout: configuration.connectTimeout,
                replyBytesMax: configuration.replyBytesMax)
            try Handshake.perform(on: socket, configuration, name: name)
            connects += 1
            failure = nil
            logger.notice("Connected to Redis.", metadata: ["connection": "\(name)"])
            return socket
        } catch {
            connectFailures += 1
            failed(error, "Redis cannot be reached; trying again.")
            return nil
        }
    }

    /// Says that a connection is not usable any more.
    mutating func lost(_ error: RedisError) {
        failed(error, "The connection to Redis is lost; connecting again.")
    }

    /// Says that Redis serves: the next failure is a first one.
    mutating func serves() {
        backoff.reset()
    }

    private mutating func failed(_ error: RedisError, _ sentence: Logger.Message) {
        // One line for an outage, not one for each attempt.
        let level: Logger.Level = backoff.attempts == 0 ? .warning : .debug
        failure = error
        notBefore = ContinuousClock.now + backoff.next(random: configuration.random())
        logger.log(
            level: level, sentence,
            metadata: [
                "connection": "\(name)", "code": "\(error.code.rawValue)", "reason": "\(error.message)",
                "attempt": "\(backoff.attempts)",
            ])
    }
}
