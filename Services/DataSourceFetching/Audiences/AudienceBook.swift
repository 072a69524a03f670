import Audiences
import Definitions
import Expressions
import Logging
import Models
import Queues
import Redis
import ServiceLifecycle
import Synchronization

/// The audiences in force, compiled when one of them or a schema changed and not when a profile comes.
final class AudienceBook: Service {
    private struct State {
        var rules = AudienceRules.empty
        var profile = Shape.any
        /// Numbers of writes that were read at; -1: nothing was read yet.
        var audiences: Int64 = -1
        var schemas: Int64 = -1
    }

    private let store: DefinitionStore
    private let keys: QueueKeys
    private let subscriber: RedisSubscriber
    private let poll: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - subscriber: the caller starts and closes it.
    ///   - poll: how late a change is seen at most whose announcement was lost.
    init(
        store: DefinitionStore, keys: QueueKeys, subscriber: RedisSubscriber, poll: Duration = .seconds(2),
        logger: Logger
    ) {
        self.store = store
        self.keys = keys
        self.subscriber = subscriber
        self.poll = poll
        self.logger = logger
    }

    /// What is known now; never waits.
    var rules: AudienceRules { state.withLock { $0.rules } }

    /// The shape of profiles; never waits.
    var profile: Shape { state.withLock { $0.profile } }

    private var isLoaded: Bool { state.withLock { $0.audiences >= 0 } }

    /// What is known now, or what is read where nothing was read yet.
    func loaded() async throws(DefinitionError) -> AudienceRules {
        if !isLoaded { try await refresh() }
        return rules
    }

    /// Reads what changed; what was written before the call is in force after it.
    func refresh() async throws(DefinitionError) {
        // The numbers are read first: what is read after them is at least as new.
        let audiences = try await store.changes(of: .audiences)
        let schemas = try await store.changes(of: .schemas)
        let known = state.withLock { ($0.audiences, $0.schemas) }
        if known == (audiences, schemas) { return }
        let definitions = try await store.all(.audiences).compactMap { stored -> AudienceDefinition? in
            if let definition = try? AudienceDefinition(stored.document) { return definition }
            logger.error("a stored audience cannot be read", metadata: ["audience": "\(stored.name)"])
            return nil
        }
        let profile = Shape(
            profileSchemas: try await store.all(.schemas).compactMap { try? SchemaDefinition($0.document) }
                .filter { $0.subject == .profile })
        let rules = AudienceRules(definitions, profile: profile, changes: audiences)
        let isNews = state.withLock { state -> Bool in
            // Two refreshes may overlap: the later state stays.
            guard audiences >= state.audiences, schemas >= state.schemas else { return false }
            state = State(rules: rules, profile: profile, audiences: audiences, schemas: schemas)
            return true
        }
        if isNews, !rules.unusable.isEmpty {
            logger.error(
                "audiences whose rules do not compile any more have no members",
                metadata: ["names": "\(rules.unusable.keys.sorted().joined(separator: ", "))"])
        }
    }

    /// Reads what changed; a number of writes that a partition has met and the store does not know was lost by Redis,
    /// and is given anew, as everybody would be refused as outdated until it is reached again.
    func refresh(atLeast number: Int64) async throws(DefinitionError) {
        if rules.changes >= number { return }
        try await refresh()
        if rules.changes >= number { return }
        logger.warning("the number of writes of audiences was lost and is raised")
        try await store.raiseChanges(of: .audiences, to: number)
        try await refresh()
    }

    func run() async throws {
        await ChangeWatch(subscriber: subscriber, keys: keys, poll: poll).run { () async throws(DefinitionError) in
            try await self.refresh()
        } failed: { error in
            self.logger.warning(
                "audiences cannot be refreshed; the last ones stay in force",
                metadata: ["error": "\(error)"])
        }
    }
}
