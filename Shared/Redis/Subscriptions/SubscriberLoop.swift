import Glibc
import Logging

/// The life of a subscriber's connection, on its thread.
final class SubscriberLoop {
    private let configuration: RedisConfiguration
    private let hub: SubscriptionHub
    private let published: PublishedFigures
    private var figures = RedisFigures()
    private var reconnector: Reconnector
    private var socket: RedisSocket?
    /// When Redis was heard last, and whether it was asked since.
    private var heard = ContinuousClock.now
    private var pingsUnheard = 0

    init(
        _ configuration: RedisConfiguration, hub: SubscriptionHub, figures: PublishedFigures, name: String,
        logger: Logger
    ) {
        self.configuration = configuration
        self.hub = hub
        published = figures
        reconnector = Reconnector(configuration, name: name, logger: logger)
    }

    /// Returns when the hub closes.
    func run() {
        while !hub.isClosing {
            do {
                if let socket { try serve(socket) } else { try connect() }
            } catch {
                socket = nil
                hub.disconnected()
                figures.connectionsLost += 1
                reconnector.lost(error)
            }
            publish()
        }
        socket = nil
        publish()
        for closer in hub.finish() { closer.resume() }
    }

    private func connect() throws(RedisError) {
        let delay = reconnector.delay(at: .now)
        if delay > .zero {
            if Poll.wait(hub.wake.descriptor, for: POLLIN, within: delay) { hub.wake.clear() }
            return
        }
        guard let made = reconnector.attempt() else { return }
        socket = made
        heard = .now
        pingsUnheard = 0
        try write(hub.beginAnew(), to: made)
    }

    private func serve(_ socket: RedisSocket) throws(RedisError) {
        try write(hub.takeChanges(), to: socket)
        let silence = heard.duration(to: .now)
        let nextPing = configuration.pingInterval * (pingsUnheard + 1)
        if silence >= nextPing {
            guard pingsUnheard < 2 else {
                throw RedisError(.timedOut, "Redis does not answer the subscriber.", retry: .safe)
            }
            pingsUnheard += 1
            try write([RedisCommand("PING")], to: socket)
            return
        }
        let ready = Poll.wait(readable: hub.wake.descriptor, or: socket.descriptor, within: nextPing - silence)
        if ready.first { hub.wake.clear() }
        guard ready.second, try socket.receive() else { return }
        heard = .now
        pingsUnheard = 0
        while let reply = try socket.nextReply() { try hear(reply) }
    }

    private func hear(_ reply: RedisReply) throws(RedisError) {
        _ = try reply.checked()
        guard let parts = reply.elements, let kind = parts.first?.text else { return }
        switch (kind, parts.count) {
        case ("message", 3):
            guard let channel = parts[1].text, let payload = parts[2].bytes else { return }
            figures.commands += 1
            hub.deliver(to: .channel(channel), channel: channel, payload: payload)
        case ("pmessage", 4):
            guard let pattern = parts[1].text, let channel = parts[2].text, let payload = parts[3].bytes else { return }
            figures.commands += 1
            hub.deliver(to: .pattern(pattern), channel: channel, payload: payload)
        case ("subscribe", 3):
            reconnector.serves()
            if let channel = parts[1].text { hub.confirm(.channel(channel)) }
        case ("psubscribe", 3):
            reconnector.serves()
            if let pattern = parts[1].text { hub.confirm(.pattern(pattern)) }
        default:
            // Unsubscribed, or the answer to a PING.
            break
        }
    }

    private func write(_ commands: [RedisCommand], to socket: RedisSocket) throws(RedisError) {
        if commands.isEmpty { return }
        var output: [UInt8] = []
        for command in commands { command.write(to: &output) }
        figures.bytesSent += UInt64(output.count)
        let deadline = ContinuousClock.now + configuration.commandTimeout
        var written = 0
        while written < output.count {
            written += try socket.write(output, from: written)
            guard written < output.count else { return }
            guard ContinuousClock.now < deadline else {
                throw RedisError(.timedOut, "Redis takes no commands of the subscriber.", retry: .safe)
            }
            _ = Poll.wait(socket.descriptor, for: POLLOUT, within: Exchange.slice)
        }
    }

    private func publish() {
        figures.connects = reconnector.connects
        figures.connectFailures = reconnector.connectFailures
        figures.isConnected = socket != nil
        figures.bytesReceived = socket?.bytesReceived ?? figures.bytesReceived
        published.publish(figures)
    }
}
