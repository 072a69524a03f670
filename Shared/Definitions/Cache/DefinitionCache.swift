import Logging
import Models
import Queues
import Redis
import ServiceLifecycle
import Synchronization

/// One kind of definition in memory: read on `sj:config` announcements, and by a slow poll that needs none.
package final class DefinitionCache<D: Definition>: Service {
    private let store: DefinitionStore
    private let kind: DefinitionKind
    private let subscriber: RedisSubscriber
    private let poll: Duration
    private let logger: Logger
    private let state = Mutex(DefinitionSnapshot<D>.notLoaded)

    /// - Parameters:
    ///   - subscriber: shared by all caches of a process; the caller starts and closes it.
    ///   - poll: how late a change is seen at most whose announcement was lost.
    package init(
        _ type: D.Type = D.self, store: DefinitionStore, kind: DefinitionKind, subscriber: RedisSubscriber,
        poll: Duration = .seconds(5), logger: Logger
    ) {
        self.store = store
        self.kind = kind
        self.subscriber = subscriber
        self.poll = poll
        self.logger = logger
    }

    /// What is known now; never waits.
    package var current: DefinitionSnapshot<D> { state.withLock { $0 } }

    /// Reads the kind when it changed; what was written before the call is in ``current`` after it.
    package func refresh() async throws(DefinitionError) {
        let changes = try await store.changes(of: kind)
        if current.isLoaded, current.changes == changes { return }
        let (readAt, stored, unreadable) = try await store.snapshot(kind)
        var skipped = unreadable
        var definitions: [D] = []
        for item in stored {
            do { definitions.append(try D(item.document)) } catch { skipped.append(item.name) }
        }
        let snapshot = DefinitionSnapshot(definitions, changes: readAt)
        // Two refreshes may overlap: the later state stays.
        let isNews = state.withLock { current -> Bool in
            guard snapshot.changes >= current.changes else { return false }
            current = snapshot
            return true
        }
        if isNews, !skipped.isEmpty {
            logger.error(
                "stored definitions cannot be read and are left out",
                metadata: ["kind": "\(kind.name)", "names": "\(skipped.sorted().joined(separator: ", "))"])
        }
    }

    package func run() async throws {
        await ChangeWatch(subscriber: subscriber, keys: store.keys, poll: poll).run {
            () async throws(DefinitionError) in
            try await self.refresh()
        } failed: { error in
            self.logger.warning(
                "definitions cannot be refreshed; the last ones stay in force",
                metadata: ["kind": "\(self.kind.name)", "error": "\(error)"])
        }
    }
}
