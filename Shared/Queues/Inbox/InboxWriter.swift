import Logging
import Redis
import ServiceLifecycle
import Synchronization

/// Appends stimuli for many callers at once: while a pipeline is on its way, what comes in gathers for the next.
///
/// Entries of one partition are written in the order in which they were given: a partition is in one pipeline at a
/// time. Calls wait for ``run()`` to be running; what waits when it is shut down is still written.
package final class InboxWriter: Service {
    private let appender: InboxAppender
    private let limits: AppendLimits
    private let memory: MemoryWatch?
    private let logger: Logger
    private let desk: Mutex<AppendDesk>

    /// `memory`: while it is short, calls with entries from outside are refused as ``QueueError/Code/outOfMemory``.
    package init(
        redis: RedisClient, keys: QueueKeys, limits: AppendLimits = AppendLimits(), memory: MemoryWatch? = nil,
        logger: Logger
    ) {
        self.memory = memory
        appender = InboxAppender(redis: redis, keys: keys, limits: limits)
        self.limits = limits
        self.logger = logger
        desk = Mutex(AppendDesk(limits: limits))
    }

    /// Appends each entry on its own, and answers in their order. An error says that some may be in and others not:
    /// those with a duplicate hash may be sent again, and answer ``AppendResult/duplicate`` if they were in.
    package func append(_ entries: [InboxEntry]) async throws(QueueError) -> [AppendResult] {
        if entries.isEmpty { return [] }
        if let memory, memory.isShort, entries.contains(where: { $0.source == .outside }) {
            throw QueueError(.outOfMemory, "Memory of Redis is short")
        }
        let result = await withCheckedContinuation { (waiter: CheckedContinuation<AppendAnswer, Never>) in
            let decision = desk.withLock { $0.take(entries, waiter) }
            switch decision {
            case .refused(let error): waiter.resume(returning: .failure(error))
            case .waits(let writer): writer?.resume()
            }
        }
        return try result.get()
    }

    /// Entries that wait to be written or are on their way.
    package var waiting: Int { desk.withLock { $0.waitingEntries } }

    /// Writes until shut down, then what still waits.
    package func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withDiscardingTaskGroup { group in
                    for _ in 0..<limits.flights { group.addTask { await self.writeUntilClosed() } }
                }
            } onGracefulShutdown: {
                self.close()
            }
        } onCancel: {
            close()
        }
        let late = desk.withLock { $0.refuseAll() }
        for waiter in late { waiter.resume(returning: .failure(AppendDesk.closedError)) }
    }

    private func close() {
        for writer in desk.withLock({ $0.close() }) { writer.resume() }
    }

    private func writeUntilClosed() async {
        while true {
            let work = desk.withLock { $0.nextRuns() }
            if work.isEmpty {
                if desk.withLock({ $0.isFinished }) { return }
                await withCheckedContinuation { (writer: CheckedContinuation<Void, Never>) in
                    let mayRest = desk.withLock { $0.rest(writer) }
                    if !mayRest { writer.resume() }
                }
                continue
            }
            let answers = await appender.send(work.map(\.run))
            for case .failure(let error) in answers {
                logger.warning("Stimuli were not appended", metadata: ["error": "\(error.code.rawValue)"])
                break
            }
            let (finished, writers) = desk.withLock { $0.settle(work, answers) }
            for call in finished { call.waiter.resume(returning: call.answer) }
            for writer in writers { writer.resume() }
        }
    }
}

typealias AppendAnswer = Result<[AppendResult], QueueError>
