import Definitions
import Logging
import Models
import Synchronization

/// The ways of journeys, as their definitions hold them; read again when the definitions changed.
final class JourneyDocuments: Sendable {
    /// Journeys kept; beyond them all are forgotten and read again.
    static let journeysMax = 500

    private struct State {
        var changes: Int64?
        var ways: [String: JourneyWays?] = [:]
    }

    private let store: DefinitionStore
    private let logger: Logger
    private let state = Mutex(State())

    init(store: DefinitionStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Nil where there is no such journey. While the definitions cannot be read, the latest that is known.
    func ways(of journey: String) async -> JourneyWays? {
        do {
            let changes = try await store.changes(of: .journeys)
            let known = state.withLock { state -> JourneyWays?? in
                if state.changes != changes || state.ways.count >= Self.journeysMax {
                    state = State(changes: changes)
                }
                return state.ways[journey]
            }
            if let known { return known }
            let ways = try await store.get(.journeys, journey).map { JourneyWays($0.document) }
            state.withLock { state in
                if state.changes == changes { state.ways[journey] = .some(ways) }
            }
            return ways
        } catch {
            logger.debug("A journey could not be read", metadata: ["journey": "\(journey)", "error": "\(error)"])
            return state.withLock { $0.ways[journey] ?? nil }
        }
    }

    /// The names of journeys with a live version.
    func live() async throws(DefinitionError) -> [String] {
        try await store.all(.journeys).filter { record in
            (record.document["versions"]?.arrayValue ?? []).contains { $0["state"] == "live" }
        }.map(\.name)
    }
}
