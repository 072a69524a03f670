import Logging
import Synchronization

/// A connection to Redis that many tasks share.
///
/// One thread serves it by group commit: it takes all commands that wait, writes them at once and reads all answers.
/// So commands of one caller run in the order in which he sent them, those of a pipeline one right after the other.
/// It connects in the background, and anew after every failure, with backoff; meanwhile commands wait.
///
/// No call is cancellable, since what was sent cannot be taken back, and each ends within its time-out. Whether a
/// command may be sent again after an error is said by `RedisError.retry`. Do not send commands that block
/// (`BLPOP`): everyone would wait with them.
package final class RedisConnection: Sendable {
    private let configuration: RedisConfiguration
    private let name: String
    private let logger: Logger
    private let queue: RequestQueue
    private let published = PublishedFigures()

    /// - Throws: `closed` when the system gives no descriptor.
    package init(_ configuration: RedisConfiguration, name: String = "commands", logger: Logger) throws(RedisError) {
        self.configuration = configuration
        self.name = name
        self.logger = logger
        queue = try RequestQueue(configuration)
    }

    deinit {
        queue.abandon()
    }

    /// Starts the thread, which connects; does not wait until it has. A second start does nothing.
    ///
    /// - Throws: `closed` when the system gives no thread.
    package func start() throws(RedisError) {
        guard queue.open() else { return }
        // The thread must not hold the connection, or nobody would ever let it go.
        try RedisThread.start { [configuration, queue, published, name, logger] in
            ConnectionLoop(configuration, queue: queue, figures: published, name: name, logger: logger).run()
        }
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Parameter timeout: waiting for a connection included; `commandTimeout` of the configuration otherwise.
    /// - Throws: what Redis answered, when that is an error.
    package func send(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisReply {
        try check(command)
        let answer = await submit(.one(command), commandCount: 1, byteCount: command.byteCount, timeout)
        switch answer {
        case .one(let reply): return try reply.checked()
        case .failed(let error): throw error
        case .pipeline: preconditionFailure("one command has one answer")
        }
    }

    /// Sends a pipeline, which runs without commands of others in between, and waits for all answers, in order.
    /// Errors that Redis answers are elements and are not thrown; the commands behind them ran.
    ///
    /// - Throws: `queueFull`, `notConnected`, `timedOut`, `connectionLost` … for the pipeline as a whole.
    package func send(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError) -> [RedisReply] {
        if commands.isEmpty { return [] }
        var byteCount = 0
        for command in commands {
            try check(command)
            byteCount += command.byteCount
        }
        guard commands.count <= configuration.queueCommandsMax, byteCount <= configuration.queueBytesMax else {
            throw RedisError(.commandTooLarge, "The pipeline is longer than the queue.", retry: .never)
        }
        let answer = await submit(.pipeline(commands), commandCount: commands.count, byteCount: byteCount, timeout)
        switch answer {
        case .pipeline(let replies): return replies
        case .failed(let error): throw error
        case .one: preconditionFailure("a pipeline has as many answers as commands")
        }
    }

    /// Lets what waits be answered, within the grace, and ends; later commands fail with `closed`. What waits for a
    /// connection is not waited for.
    package func close(grace: Duration = .seconds(5)) async {
        await queue.close(deadline: .now + grace)
    }

    /// What happened since the start. Counted after the callers got their answers.
    package var figures: RedisFigures {
        var figures = published.current
        let waiting = queue.figures
        figures.waiting = waiting.commands
        figures.refusedFull = waiting.refused
        return figures
    }

    private func check(_ command: RedisCommand) throws(RedisError) {
        guard command.byteCount <= configuration.commandBytesMax else {
            throw RedisError(
                .commandTooLarge, "A command has \(command.byteCount) bytes, more than allowed.", retry: .never)
        }
    }

    private func submit(
        _ payload: Request.Payload, commandCount: Int, byteCount: Int, _ timeout: Duration?
    ) async -> Request.Answer {
        let deadline = ContinuousClock.now + (timeout ?? configuration.commandTimeout)
        // Unsafe: see `Request.continuation`.
        return await withUnsafeContinuation { continuation in
            queue.submit(
                Request(
                    payload: payload, commandCount: commandCount, byteCount: byteCount, deadline: deadline,
                    continuation: continuation))
        }
    }
}
