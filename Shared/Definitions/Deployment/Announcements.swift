import Logging
import Models
import Queues
import Redis
import ServiceLifecycle

/// Tells the engine of changes that it must see: each gets the next number of `{sj:config}:revision` and is appended
/// to every inbox, so that the next event accepted is handled by what was just written.
package struct Announcer: Sendable {
    private let store: DefinitionStore
    private let appender: InboxAppender
    private let partitions: Int

    package init(store: DefinitionStore, partitions: Int) {
        self.store = store
        self.partitions = partitions
        appender = InboxAppender(redis: store.redis, keys: store.keys)
    }

    /// The number of the last change that the engine must see; 0 before the first.
    package func engineRevision() async throws(DefinitionError) -> Int64 {
        try await number("revision")
    }

    /// Makes the number of the last change at least this one, which an engine has seen: Redis lost it. Answers the
    /// number. Safe to repeat.
    package func raise(to revision: Int64) async throws(DefinitionError) -> Int64 {
        do {
            return try await store.connection.run(
                DefinitionScripts.noteAnnounced, keys: [store.keys.config("revision")], arguments: [revision]
            ).requireInteger()
        } catch { throw DefinitionError(error) }
    }

    /// Announces a change that was written before. After it returned, every inbox has the revision.
    ///
    /// - Returns: the revision.
    /// - Throws: ``DefinitionError/Code/unavailable``; the change is written, and ``repair()`` or another announcement
    ///   makes it known. Safe to repeat: an engine loads what is stored, whatever the number.
    package func announce() async throws(DefinitionError) -> Int64 {
        let revision: Int64
        do {
            revision = try await store.connection
                .send(RedisCommand("INCR", store.keys.config("revision"))).requireInteger()
        } catch { throw DefinitionError(error) }
        try await append(revision)
        return revision
    }

    /// Appends what a crash left out between a number and the last inbox.
    ///
    /// - Returns: whether there was something to do. An announcement that is just being made may be doubled, which
    ///   an engine does not notice.
    package func repair() async throws(DefinitionError) -> Bool {
        let revision = try await engineRevision()
        let announced = try await number("announced")
        if announced >= revision { return false }
        try await append(revision)
        return true
    }

    fileprivate func number(_ key: String) async throws(DefinitionError) -> Int64 {
        try await store.read(RedisCommand("GET", store.keys.config(key))).text.flatMap { Int64($0) } ?? 0
    }

    private func append(_ revision: Int64) async throws(DefinitionError) {
        let element = Stimulus.configuration(revision: revision)
        var waiting = (0..<partitions).map {
            InboxEntry(partition: $0, element: element, duplicateHash: nil, source: .inside)
        }
        let results: [AppendResult]
        do { results = try await appender.append(waiting) } catch { throw DefinitionError(error) }
        waiting = zip(waiting, results).compactMap { entry, result in
            if case .full = result { return entry }
            return nil
        }
        if !waiting.isEmpty { throw DefinitionError(.unavailable, "The change is not announced everywhere yet.") }
        do {
            _ = try await store.connection.run(
                DefinitionScripts.noteAnnounced, keys: [store.keys.config("announced")], arguments: [revision])
        } catch { throw DefinitionError(error) }
    }
}

/// Looks now and then whether an announcement was left out, as when a service died in the middle of one.
package struct AnnouncementRepair: Service {
    private let announcer: Announcer
    private let every: Duration
    private let logger: Logger

    package init(_ announcer: Announcer, every: Duration = .seconds(5), logger: Logger) {
        self.announcer = announcer
        self.every = every
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var mayBeMissing = false
            while !Task.isCancelled {
                do { try await Task.sleep(for: self.every) } catch { return }
                do {
                    // Only what is missing for two looks is left out; once, it may be under way.
                    if try await self.announcer.isBehind() {
                        if mayBeMissing, try await self.announcer.repair() {
                            self.logger.warning("an announcement of the configuration was left out and is repaired")
                        }
                        mayBeMissing = true
                    } else {
                        mayBeMissing = false
                    }
                } catch {
                    self.logger.debug("announcements cannot be checked", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}

extension Announcer {
    func isBehind() async throws(DefinitionError) -> Bool {
        try await number("announced") < engineRevision()
    }
}
