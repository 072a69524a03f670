import Glibc

/// What is said on a new connection before anything else: who we are, which database, and whether Redis serves.
enum Handshake {
    /// - Throws: what Redis answered, `loading` for one; `timedOut`; `connectionLost`. Nothing ran.
    static func perform(
        on socket: RedisSocket, _ configuration: RedisConfiguration, name: String
    ) throws(RedisError) {
        let address = configuration.address
        var commands: [RedisCommand] = []
        if let password = address.password {
            commands.append(
                address.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password))
        }
        commands.append(RedisCommand("CLIENT", "SETNAME", "\(configuration.clientName).\(name)"))
        if address.database != 0 { commands.append(RedisCommand("SELECT", address.database)) }
        commands.append(RedisCommand("PING"))
        let deadline = ContinuousClock.now + configuration.connectTimeout
        do {
            for reply in try exchange(commands, on: socket, until: deadline) { _ = try reply.checked() }
        } catch {
            throw error.with(retry: error.retry == .never ? .never : .safe)
        }
    }

    private static func exchange(
        _ commands: [RedisCommand], on socket: RedisSocket, until deadline: ContinuousClock.Instant
    ) throws(RedisError) -> [RedisReply] {
        var output: [UInt8] = []
        for command in commands { command.write(to: &output) }
        var written = 0
        var replies: [RedisReply] = []
        while replies.count < commands.count {
            if written < output.count { written += try socket.write(output, from: written) }
            let left = ContinuousClock.now.duration(to: deadline)
            let events = written < output.count ? POLLIN | POLLOUT : POLLIN
            guard left > .zero, Poll.wait(socket.descriptor, for: events, within: left) else {
                throw RedisError(.timedOut, "Redis accepted the connection and did not answer.", retry: .safe)
            }
            _ = try socket.receive()
            while let reply = try socket.nextReply() { replies.append(reply) }
        }
        return replies
    }
}
