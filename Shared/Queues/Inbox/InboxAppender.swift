import Redis

/// Appends stimuli at once, one script call a partition: for tools, tests and rare stimuli. What appends much uses
/// ``InboxWriter``.
package struct InboxAppender: Sendable {
    let redis: RedisClient
    let keys: QueueKeys
    let limits: AppendLimits

    package init(redis: RedisClient, keys: QueueKeys, limits: AppendLimits = AppendLimits()) {
        self.redis = redis
        self.keys = keys
        self.limits = limits
    }

    /// The same for what was accepted before and only goes to another inbox: it is never refused for what is there.
    package var unbounded: InboxAppender { InboxAppender(redis: redis, keys: keys, limits: .unbounded) }

    /// Appends each entry on its own: an error says that some may be in and others not. The order of a partition's
    /// entries is kept. Not bounded in itself: at most ``AppendLimits/callEntriesMax`` entries of a partition.
    package func append(_ entries: [InboxEntry]) async throws(QueueError) -> [AppendResult] {
        var runs: [(run: EntryRun, places: [Int])] = []
        var latest: [Int: Int] = [:]
        for (place, entry) in entries.enumerated() {
            if let open = latest[entry.partition], runs[open].run.source == entry.source {
                runs[open].run.entries.append(entry)
                runs[open].places.append(place)
            } else {
                latest[entry.partition] = runs.count
                runs.append((EntryRun(partition: entry.partition, source: entry.source, entries: [entry]), [place]))
            }
        }
        let answers = await send(runs.map(\.run))
        var results = [AppendResult](repeating: .duplicate, count: entries.count)
        for (run, answer) in zip(runs, answers) {
            for (place, result) in zip(run.places, try answer.get()) { results[place] = result }
        }
        return results
    }

    /// One pipeline for all runs; each fails or succeeds on its own.
    func send(_ runs: [EntryRun]) async -> [Result<[AppendResult], QueueError>] {
        let commands = runs.map { (partition: $0.partition, command: command($0)) }
        let answers = await PartitionPipeline(redis: redis).run(commands)
        return zip(runs, answers).map { run, answer in
            answer.reply.flatMap { reply in read(reply, run) }
        }
    }

    private func command(_ run: EntryRun) -> RedisCommand {
        let partition = keys.partition(run.partition)
        switch run.source {
        case .inside:
            var command = QueueScript.appendAlways.command(
                keys: [partition.inbox, partition.state], arguments: [partition.wake(.inbox)])
            for entry in run.entries { command.append(entry.element.dropFirst()) }
            return command
        case .outside:
            var command = QueueScript.appendInbox.command(
                keys: [
                    partition.inbox, partition.state, partition.requests(.fetches), partition.requests(.actions),
                    partition.steps, partition.seen,
                ],
                arguments: [
                    limits.inboxElementsMax, limits.fetchesMark, limits.actionsMark, limits.stepsMark,
                    limits.halfWindowMilliseconds, partition.wake(.inbox), limits.putOffBytesMax,
                ])
            for entry in run.entries {
                command.append(entry.element.dropFirst())
                if let hash = entry.duplicateHash {
                    command.append(hash)
                    command.append(Int(UInt64(bitPattern: hash) % limits.duplicateBuckets))
                } else {
                    command.append("")
                    command.append("")
                }
            }
            return command
        }
    }

    private func read(_ reply: RedisReply, _ run: EntryRun) -> Result<[AppendResult], QueueError> {
        if case .integer(let at) = reply, run.source == .inside {
            return .success(run.entries.map { _ in .appended(at: at) })
        }
        guard let answers = reply.elements, answers.count == run.entries.count + 1,
            let at = answers[0].integerValue
        else { return .failure(QueueError(.broken, "The append answered in an unknown form")) }
        return .success(answers.dropFirst().map { result($0.integerValue ?? -1, at: at) })
    }

    private func result(_ answer: Int64, at: Int64) -> AppendResult {
        switch answer {
        case 0: .appended(at: at)
        case 1: .duplicate
        case 3: .full(.fetches)
        case 4: .full(.actions)
        case 5: .full(.steps)
        default: .full(.inbox)
        }
    }
}

/// Entries of one partition and source that go into one script call.
struct EntryRun: Sendable {
    let partition: Int
    let source: InboxEntry.Source
    var entries: [InboxEntry]
}
