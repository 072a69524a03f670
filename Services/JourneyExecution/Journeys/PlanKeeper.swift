import Audiences
import Definitions
import Engine
import Expressions
import Logging
import Models
import ServiceLifecycle
import Synchronization

/// The plans of one configuration revision.
struct PlanSnapshot: Sendable {
    /// -1 before the configuration was read for the first time: nothing may be handled by it.
    let revision: Int64
    let journeys: JourneySet
    let catalogue: Catalogue
    /// Who is a member of which audience, by the profile.
    let audiences: AudienceRules
    /// Names of events that are kept among the person's latest.
    let keptEvents: Set<String>
    /// What the newest version of each journey is entered by.
    let entrances: [Entrance]
    fileprivate let deployment: Deployment
    fileprivate let plans: [PlanKeeper.PlanKey: Plan]
    fileprivate let changes: [Int64]

    /// An event that leads into a journey.
    struct Entrance: Sendable {
        let journey: String
        let version: Int64
        let event: String
    }

    func engine(partition: Int) -> Engine {
        Engine(journeys: journeys, deployment: deployment.hashKey, partition: partition)
    }
}

/// Compiles every version that can have people inside, and again when a definition that it uses changes.
final class PlanKeeper: Service {
    fileprivate struct PlanKey: Hashable {
        let journey: String
        let version: Int64
        /// A journey that was deleted and made anew counts its versions from 1 again.
        let publishedAt: Int64
        /// Plans know the labels of their nodes.
        let editedAt: Int64?
    }

    private let store: DefinitionStore
    private let announcer: Announcer
    private let poll: Duration
    private let logger: Logger
    private let snapshot: Mutex<PlanSnapshot>
    /// Kinds whose documents go into a plan.
    private static let kinds: [DefinitionKind] = [.schemas, .events, .dataSources, .actions, .audiences]

    init(
        store: DefinitionStore, announcer: Announcer, deployment: Deployment, poll: Duration = .seconds(2),
        logger: Logger
    ) {
        self.store = store
        self.announcer = announcer
        self.poll = poll
        self.logger = logger
        let empty = PlanSnapshot(
            revision: -1, journeys: .empty,
            catalogue: Catalogue(schemas: [], events: [], dataSources: [], actions: []),
            audiences: .empty, keptEvents: [],
            entrances: [], deployment: deployment, plans: [:], changes: [])
        snapshot = Mutex(empty)
    }

    var current: PlanSnapshot { snapshot.withLock { $0 } }

    /// Loads the configuration as it is now; nil while Redis is away.
    func load(atLeast revision: Int64) async -> PlanSnapshot? {
        do {
            // The number is read first: what is read after it is at least as new.
            var number = try await announcer.engineRevision()
            if number < revision {
                // The number was lost where the announcement was not: none may be given to two changes.
                number = try await announcer.raise(to: revision)
            }
            return try await load(number)
        } catch {
            logger.warning("the configuration could not be read", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// What a journey may name, as it is now; for validation.
    func catalogue() async throws(DefinitionError) -> Catalogue {
        let changes = try await definitionChanges()
        let known = current
        if known.changes == changes { return known.catalogue }
        return try await readCatalogue(changes).catalogue
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.refresh()
                try? await Task.sleep(for: self.poll)
            }
        }
    }

    /// A changed action or source is picked up here; a changed journey comes with the inbox, in its place there.
    private func refresh() async {
        do {
            let known = current
            let changes = try await definitionChanges()
            let number = try await announcer.engineRevision()
            let isLost = number < known.revision
            if isLost { _ = try await announcer.raise(to: known.revision) }
            if isLost || known.changes != changes || known.revision < 0 {
                _ = try await load(max(number, known.revision, 0))
            }
        } catch {
            logger.warning("the configuration could not be read", metadata: ["error": "\(error)"])
        }
    }

    private func definitionChanges() async throws(DefinitionError) -> [Int64] {
        var numbers: [Int64] = []
        for kind in Self.kinds { numbers.append(try await store.changes(of: kind)) }
        return numbers
    }

    /// What journeys may name, all of one moment.
    private struct Known {
        let catalogue: Catalogue
        let audiences: AudienceRules
        let keptEvents: Set<String>
    }

    /// - Parameter changes: the numbers of writes by ``kinds``, read before.
    private func readCatalogue(_ changes: [Int64]) async throws(DefinitionError) -> Known {
        func read<D: Definition>(_ kind: DefinitionKind, _ type: D.Type) async throws(DefinitionError) -> [D] {
            try await store.all(kind).compactMap { stored in
                do { return try D(stored.document) } catch {
                    logger.error(
                        "a stored definition cannot be read",
                        metadata: ["kind": "\(kind.name)", "name": "\(stored.name)"])
                    return nil
                }
            }
        }
        let events = try await read(.events, EventDefinition.self)
        let schemas = try await read(.schemas, SchemaDefinition.self)
        let place = Self.kinds.firstIndex(of: .audiences)
        let audiences = AudienceRules(
            try await read(.audiences, AudienceDefinition.self),
            profile: Shape(profileSchemas: schemas.filter { $0.subject == .profile }),
            changes: place.map { changes[$0] } ?? 0)
        let catalogue = Catalogue(
            schemas: schemas, events: events, dataSources: try await read(.dataSources, DataSourceDefinition.self),
            actions: try await read(.actions, ActionDefinition.self),
            audiences: audiences.names.union(audiences.unusable.keys))
        return Known(
            catalogue: catalogue, audiences: audiences, keptEvents: Set(events.filter(\.keepInProfile).map(\.name)))
    }

    private func load(_ number: Int64) async throws(DefinitionError) -> PlanSnapshot {
        let changes = try await definitionChanges()
        let known = current
        let isSame = known.changes == changes
        let definitions =
            isSame
            ? Known(catalogue: known.catalogue, audiences: known.audiences, keptEvents: known.keptEvents)
            : try await readCatalogue(changes)
        var plans: [PlanKey: Plan] = [:]
        var members: [JourneySet.Member] = []
        for stored in try await store.all(.journeys) {
            let record = JourneyRecord(stored.document)
            for version in record.versions {
                guard let state = version.state.engineState else { continue }
                let key = PlanKey(
                    journey: record.name, version: version.number, publishedAt: version.publishedAt,
                    editedAt: version.editedAt)
                let kept = isSame ? known.plans[key] : nil
                guard let plan = kept ?? compile(version, of: record, definitions.catalogue) else { continue }
                plans[key] = plan
                members.append(.init(plan: plan, state: state))
            }
        }
        let fresh = PlanSnapshot(
            revision: number,
            journeys: JourneySet(members) { definitions.audiences.isMember($0, $1, now: $2) },
            catalogue: definitions.catalogue, audiences: definitions.audiences, keptEvents: definitions.keptEvents,
            entrances: Self.entrances(members), deployment: known.deployment, plans: plans, changes: changes)
        return snapshot.withLock { current in
            if fresh.revision >= current.revision { current = fresh }
            return current
        }
    }

    private static func entrances(_ members: [JourneySet.Member]) -> [PlanSnapshot.Entrance] {
        var newest: [String: Plan] = [:]
        for plan in members.map(\.plan) where plan.version >= newest[plan.journey]?.version ?? 0 {
            newest[plan.journey] = plan
        }
        return newest.values.sorted { $0.journey < $1.journey }.map {
            .init(journey: $0.journey, version: $0.version, event: $0.entryEvent)
        }
    }

    private func compile(_ version: JourneyRecord.Version, of record: JourneyRecord, _ catalogue: Catalogue) -> Plan? {
        let compilation = Plan.compile(
            JourneyDocument(version.document), version: version.number, catalogue: catalogue)
        if compilation.plan == nil {
            // It was valid when published, and definitions in use may only grow, so this is a fault of ours.
            logger.error(
                "a published version does not compile any more",
                metadata: ["journey": "\(record.name)", "version": "\(version.number)"])
        }
        return compilation.plan
    }
}

extension JourneyRecord.State {
    /// How the engine sees a version of this state; nil where nobody can be inside.
    var engineState: JourneySet.State? {
        switch self {
        case .live: .live
        case .closed: .closed
        case .stopped: .stopped
        case .draft, .finished: nil
        }
    }
}
