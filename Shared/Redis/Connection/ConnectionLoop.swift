import Glibc
import Logging

/// The life of a connection, on its thread: connect, take what waits, exchange it, and again; connect anew after
/// each failure.
final class ConnectionLoop {
    private let configuration: RedisConfiguration
    private let queue: RequestQueue
    private let published: PublishedFigures
    private var figures = RedisFigures()
    private var reconnector: Reconnector
    private var socket: RedisSocket?
    private var window: ReadWindow
    private var output: [UInt8] = []

    init(
        _ configuration: RedisConfiguration, queue: RequestQueue, figures: PublishedFigures, name: String,
        logger: Logger
    ) {
        self.configuration = configuration
        self.queue = queue
        published = figures
        window = ReadWindow(bytesMax: configuration.batchBytesMax)
        reconnector = Reconnector(configuration, name: name, logger: logger)
    }

    /// Returns when the queue closes.
    func run() {
        while true {
            let isOver = socket.map(serve) ?? connect()
            publish()
            if isOver { break }
        }
        socket = nil
        let (left, closers) = queue.finish()
        fail(left, RedisError(.closed, "The connection closed before the command was sent.", retry: .safe))
        figures.isConnected = false
        publish()
        for closer in closers { closer.resume() }
    }

    /// One step without a connection. True at the end.
    private func connect() -> Bool {
        // Whoever waits through an outage may do so until his time-out; a closing connection does not wait with him.
        if queue.closingDeadline != nil { return true }
        let now = ContinuousClock.now
        let delay = reconnector.delay(at: now)
        if delay > .zero {
            if Poll.wait(queue.wake.descriptor, for: POLLIN, within: min(delay, Exchange.slice)) { queue.wake.clear() }
        } else {
            socket = reconnector.attempt()
            window = ReadWindow(bytesMax: configuration.batchBytesMax)
            figures.isConnected = socket != nil
        }
        expire(at: ContinuousClock.now)
        if let failure = reconnector.failure, failure.retry == .never {
            // Waiting mends no password.
            fail(queue.takeAll(), failure)
        }
        return false
    }

    /// One step with a connection: a batch, or sleep. True at the end.
    private func serve(_ socket: RedisSocket) -> Bool {
        let now = ContinuousClock.now
        if let end = queue.closingDeadline, end <= now { return true }
        expire(at: now)
        let batch = queue.takeBatch()
        guard !batch.isEmpty else { return rest(socket) }
        exchange(batch, on: socket)
        return false
    }

    private func rest(_ socket: RedisSocket) -> Bool {
        guard queue.fallAsleep() else { return queue.closingDeadline != nil }
        let ready = Poll.wait(readable: queue.wake.descriptor, or: socket.descriptor, within: nil)
        if ready.first { queue.wake.clear() }
        guard ready.second else { return false }
        // Nothing was asked, so this is the end of the connection, or an answer to nobody.
        do throws(RedisError) {
            guard try socket.receive() else { return false }
            lose(RedisError(.protocolViolation, "Redis answered without being asked.", retry: .safe))
        } catch {
            lose(error)
        }
        return false
    }

    private func exchange(_ batch: [Request], on socket: RedisSocket) {
        output.removeAll(keepingCapacity: output.capacity <= 4 * configuration.batchBytesMax)
        let received = socket.bytesReceived
        let byteCount = batch.reduce(0) { $0 + $1.byteCount }
        let preamble = window.widening(before: byteCount, at: .now).map(ReadWindow.command)
        var exchange = Exchange(batch, preamble: preamble, output: &output)
        do {
            try exchange.run(output, on: socket) { now throws(RedisError) in
                expire(at: now)
                if let end = queue.closingDeadline, end <= now {
                    throw RedisError(.closed, "The connection closed before Redis answered.", retry: .unknownOutcome)
                }
            }
            if let complaint = exchange.complaint {
                lose(complaint.error)
            } else if exchange.isServed {
                reconnector.serves()
            }
        } catch {
            let unsent = exchange.abandon(error)
            lose(error)
            queue.putBack(unsent)
        }
        figures.batches += 1
        figures.commands += exchange.commandsAnswered
        figures.timeOuts += exchange.timeOuts
        figures.bytesSent += UInt64(output.count)
        figures.bytesReceived += socket.bytesReceived - received
    }

    private func lose(_ error: RedisError) {
        socket = nil
        figures.isConnected = false
        figures.connectionsLost += 1
        reconnector.lost(error)
    }

    private func expire(at now: ContinuousClock.Instant) {
        let expired = queue.takeExpired(at: now)
        guard !expired.isEmpty else { return }
        figures.timeOuts += UInt64(expired.count)
        if let failure = reconnector.failure {
            fail(
                expired,
                RedisError(
                    .notConnected, "There was no connection to Redis for the whole time-out.", retry: .safe,
                    cause: failure))
        } else {
            fail(expired, RedisError(.timedOut, "The command waited too long to be sent.", retry: .safe))
        }
    }

    private func fail(_ requests: [Request], _ error: RedisError) {
        for request in requests { request.continuation.resume(returning: .failed(error)) }
    }

    private func publish() {
        figures.connects = reconnector.connects
        figures.connectFailures = reconnector.connectFailures
        published.publish(figures)
    }
}
