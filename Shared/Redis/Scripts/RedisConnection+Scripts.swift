extension RedisConnection {
    /// Runs one script; loads it first where Redis does not know it.
    ///
    /// - Throws: what the script answered, when that is an error. Earlier writes of a script that failed midway stay.
    package func run(
        _ script: RedisScript, keys: [String], arguments: [any RedisArgument] = [], timeout: Duration? = nil
    ) async throws(RedisError) -> RedisReply {
        try await run(script.command(keys: keys, arguments: arguments), timeout: timeout)
    }

    /// Runs one call made by `RedisScript.command`, or any command.
    package func run(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisReply {
        guard let reply = try await run([command], timeout: timeout).first else {
            preconditionFailure("a pipeline has as many answers as commands")
        }
        return try reply.checked()
    }

    /// Runs a pipeline. Calls that Redis refused since it does not know the script are sent again, in their order,
    /// behind one loading of all that are missing; so they run after the commands that followed them.
    ///
    /// The time-out holds for each of the two pipelines. Errors that Redis answers are elements.
    package func run(
        _ commands: [RedisCommand], timeout: Duration? = nil
    ) async throws(RedisError) -> [RedisReply] {
        var replies = try await send(commands, timeout: timeout)
        let refused = replies.indices.filter { index in
            commands[index].script != nil && replies[index].errorReply?.code == "NOSCRIPT"
        }
        if refused.isEmpty { return replies }
        var missing: [RedisScript] = []
        for index in refused {
            if let script = commands[index].script, !missing.contains(where: { $0 === script }) {
                missing.append(script)
            }
        }
        let loads = missing.map { RedisCommand("SCRIPT", "LOAD", $0.source) }
        do {
            let second = try await send(loads + refused.map { commands[$0] }, timeout: timeout)
            for (index, reply) in zip(refused, second.dropFirst(loads.count)) { replies[index] = reply }
            return replies
        } catch {
            // Those that were not refused have run, even if the second pipeline surely did not.
            throw refused.count < commands.count ? error.with(retry: .unknownOutcome) : error
        }
    }
}
