import Definitions
import Models
import Synchronization

/// Definitions of actions by name and revision: a request is performed by the one in force when its node was reached.
final class ActionBook: Sendable {
    private struct Key: Hashable {
        let name: String
        let revision: Int64
    }

    private let store: DefinitionStore
    private let known = Mutex<[Key: ActionDefinition]>([:])

    init(store: DefinitionStore) { self.store = store }

    /// Nil where that revision is not kept any more, or cannot be read.
    func action(_ name: String, revision: Int64) async throws(DefinitionError) -> ActionDefinition? {
        let key = Key(name: name, revision: revision)
        if let action = known.withLock({ $0[key] }) { return action }
        guard let stored = try await store.get(.actions, name, revision: revision),
            let action = try? ActionDefinition(stored.document)
        else { return nil }
        known.withLock { known in
            if known.count >= Limits.definitionsMax { known.removeAll() }
            known[key] = action
        }
        return action
    }
}

/// Which versions of journeys are stopped, so that requests not yet begun are cancelled.
final class StoppedVersions: Sendable {
    private struct Version: Hashable {
        let journey: String
        let version: Int64
    }

    private let stopped = Mutex<Set<Version>>([])

    func contains(_ journey: String, _ version: Int64) -> Bool {
        stopped.withLock { $0.contains(Version(journey: journey, version: version)) }
    }

    /// Reads the journeys' records anew.
    func refresh(from store: DefinitionStore) async throws(DefinitionError) {
        var found: Set<Version> = []
        for stored in try await store.all(.journeys) {
            for version in stored.document["versions"]?.arrayValue ?? [] where version["state"] == "stopped" {
                found.insert(Version(journey: stored.name, version: version["version"]?.integerValue ?? 0))
            }
        }
        stopped.withLock { $0 = found }
    }
}
