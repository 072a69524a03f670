import Audiences
import Definitions
import Engine
import Expressions
import Logging
import Models
import Redis
import ServiceLifecycle
import Synchronization

/// Compiles every version that can have people inside, and again when a definition that it uses changes.
final class PlanKeeper: Service {
    struct PlanKey: Hashable {
        let journey: String
        let version: Int64
        /// A journey whose name was deleted long ago may count its versions from 1 again.
        let publishedAt: Int64
        /// Plans know the labels of their nodes.
        let editedAt: Int64?
    }

    let store: DefinitionStore
    private let announcer: Announcer
    private let shelf: JourneyShelf
    /// The bounds of the engine.
    let limits: EngineLimits
    private let list: BrokenList
    private let trialStore: TrialStore
    private let poll: Duration
    private let now: @Sendable () -> Int64
    let logger: Logger
    private let snapshot: Mutex<PlanSnapshot>
    /// Kinds whose documents go into a plan.
    private static let kinds: [DefinitionKind] = [.schemas, .events, .dataSources, .actions, .audiences]
    /// Looks at the numbers of writes between two looks at the documents themselves, which somebody may have written
    /// behind the services.
    private static let looksPerReading = 5

    /// - Parameter now: milliseconds since 1970.
    init(
        store: DefinitionStore, announcer: Announcer, trials: TrialStore, deployment: Deployment,
        limits: EngineLimits = EngineLimits(), poll: Duration = .seconds(2), now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.store = store
        self.announcer = announcer
        shelf = JourneyShelf(store: store)
        list = BrokenList(redis: trials.redis, keys: trials.keys)
        trialStore = trials
        self.limits = limits
        self.poll = poll
        self.now = now
        self.logger = logger
        let empty = PlanSnapshot(
            revision: -1, journeys: .empty,
            catalogue: Catalogue(schemas: [], events: [], dataSources: [], actions: []),
            audiences: .empty, keptEvents: [],
            deployment: deployment, limits: limits, plans: [:], changes: [], lives: [:], broken: [:],
            unkept: [:], fingerprint: 0, trials: [:], dryRuns: [])
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
        let catalogue = known.changes == changes ? known.catalogue : try await readCatalogue(changes).catalogue
        // Journeys jump into one another, and any of them may have changed.
        return catalogue.with(journeys: try await shelf.read().facts)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var looks = 0
            while !Task.isCancelled {
                await self.refresh(reads: looks.isMultiple(of: Self.looksPerReading))
                looks += 1
                try? await Task.sleep(for: self.poll)
            }
        }
    }

    /// A changed action or source is picked up here; a changed journey comes with the inbox, in its place there.
    /// - Parameter reads: whether the documents are read even if nobody said that he wrote one.
    func refresh(reads: Bool) async {
        do {
            let known = current
            let changes = try await definitionChanges()
            let number = try await announcer.engineRevision()
            let isLost = number < known.revision
            if isLost { _ = try await announcer.raise(to: known.revision) }
            if isLost || known.changes != changes || known.revision < 0 {
                _ = try await load(max(number, known.revision, 0))
            } else {
                // While something is broken, whatever mends it is seen at once.
                var isDue = !known.broken.isEmpty
                if !isDue, reads { isDue = try await isWrittenBehind(known) }
                if isDue { _ = try await load(max(number, known.revision, 0), anew: true) }
            }
            try await keepBases(current)
            try await list.show(current.broken, at: now())
        } catch {
            logger.warning("the configuration could not be read", metadata: ["error": "\(error)"])
        }
    }

    /// Reads the journeys again, which were written by this itself.
    func reload() async {
        let number = current.revision
        do { _ = try await load(max(number, 0)) } catch {
            logger.warning("the configuration could not be read", metadata: ["error": "\(error)"])
        }
    }

    private func isWrittenBehind(_ known: PlanSnapshot) async throws(DefinitionError) -> Bool {
        try await readDocuments().fingerprint != known.fingerprint
    }

    /// All documents that plans are made of, by kind.
    private func readDocuments() async throws(DefinitionError) -> (byKind: [String: [StoredBytes]], fingerprint: Int) {
        var byKind: [String: [StoredBytes]] = [:]
        var hasher = Hasher()
        for kind in Self.kinds {
            let documents = try await store.documents(kind)
            for (name, bytes) in documents {
                hasher.combine(name)
                bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
            }
            byKind[kind.name] = documents
        }
        return (byKind, hasher.finalize())
    }

    private typealias StoredBytes = (name: String, bytes: [UInt8])

    func definitionChanges() async throws(DefinitionError) -> [Int64] {
        var numbers: [Int64] = []
        for kind in Self.kinds { numbers.append(try await store.changes(of: kind)) }
        return numbers
    }

    /// What journeys may name beside each other, all of one moment.
    private struct Known {
        let catalogue: Catalogue
        let audiences: AudienceRules
        let keptEvents: Set<String>
        let fingerprint: Int
    }

    /// - Parameter changes: the numbers of writes by ``kinds``, read before.
    private func readCatalogue(_ changes: [Int64]) async throws(DefinitionError) -> Known {
        let (byKind, fingerprint) = try await readDocuments()
        let isNew = fingerprint != current.fingerprint
        func read<D: Definition>(_ type: D.Type) -> [D] {
            (byKind[D.kind] ?? []).compactMap { name, bytes in
                if let object = (try? JSONValue.parse(bytes))?.objectValue, let read = try? D(object) { return read }
                if isNew {
                    logger.error(
                        "a stored definition cannot be read", metadata: ["kind": "\(D.kind)", "name": "\(name)"])
                }
                return nil
            }
        }
        let events = read(EventDefinition.self)
        let schemas = read(SchemaDefinition.self)
        let place = Self.kinds.firstIndex(of: .audiences)
        let audiences = AudienceRules(
            read(AudienceDefinition.self),
            profile: Shape(profileSchemas: schemas.filter { $0.subject == .profile }),
            changes: place.map { changes[$0] } ?? 0)
        let catalogue = Catalogue(
            schemas: schemas, events: events, dataSources: read(DataSourceDefinition.self),
            actions: read(ActionDefinition.self),
            audiences: audiences.names.union(audiences.unusable.keys))
        return Known(
            catalogue: catalogue, audiences: audiences, keptEvents: Set(events.filter(\.isKept).map(\.name)),
            fingerprint: fingerprint)
    }

    /// - Parameter anew: whatever is known is read and compiled again.
    private func load(_ number: Int64, anew: Bool = false) async throws(DefinitionError) -> PlanSnapshot {
        let changes = try await definitionChanges()
        let known = current
        let isSame = known.changes == changes && !anew
        let definitions =
            isSame
            ? Known(
                catalogue: known.catalogue, audiences: known.audiences, keptEvents: known.keptEvents,
                fingerprint: known.fingerprint)
            : try await readCatalogue(changes)
        let content = try await shelf.read()
        // A version that is new may jump into a journey that is newer than what is known of them.
        let catalogue = definitions.catalogue.with(journeys: content.facts)
        var plans: [PlanKey: Plan] = [:]
        var members: [JourneySet.Member] = []
        var broken: [JourneySet.Broken] = []
        var unkept: [String: [Int64]] = [:]
        var lives: [String: JourneyLife] = [:]
        let now = now()
        for journey in content.items {
            for version in journey.versions where version.until.map({ now < $0 }) ?? true {
                let key = PlanKey(
                    journey: journey.name, version: version.number, publishedAt: version.publishedAt,
                    editedAt: version.editedAt)
                let kept = isSame ? known.plans[key] : nil
                let compiled = kept.map(CompiledVersion.plan) ?? CompiledVersion(version, of: journey, catalogue)
                switch compiled {
                case .plan(let plan):
                    plans[key] = plan
                    members.append(.init(plan: plan, state: version.state, origin: journey.origin))
                    if !version.hasBasis, version.state.isOpen {
                        unkept[journey.name, default: []].append(version.number)
                    }
                case .broken(let version): broken.append(version)
                case .gone: break
                }
            }
            lives[journey.name] = journey.life
        }
        let audiences = definitions.audiences
        let trials = try await trials(definitions, catalogue, known, members, isSame: isSame)
        // Of stopped versions, which may have ended long ago, nothing is to be said.
        let reasons = Dictionary(grouping: broken.filter(\.state.isOpen), by: \.journey).mapValues { versions in
            Dictionary(versions.map { ($0.version, $0.reasons) }, uniquingKeysWith: { $1 })
        }
        say(reasons, known.broken)
        let fresh = PlanSnapshot(
            revision: number,
            journeys: JourneySet(members, broken: broken) { audiences.isMember($0, $1, now: $2) },
            catalogue: catalogue, audiences: audiences, keptEvents: definitions.keptEvents,
            deployment: known.deployment, limits: limits, plans: plans,
            changes: changes, lives: lives, broken: reasons, unkept: unkept, fingerprint: definitions.fingerprint,
            trials: trials,
            dryRuns: trials.values.filter { $0.trial.mark.kind == .dryRun }
                .sorted { $0.trial.mark.id < $1.trial.mark.id })
        return snapshot.withLock { current in
            if fresh.revision >= current.revision { current = fresh }
            return current
        }
    }

    /// Compiles the runs that are under way, each as version 0 of its journey.
    private func trials(
        _ definitions: Known, _ catalogue: Catalogue, _ known: PlanSnapshot, _ members: [JourneySet.Member],
        isSame: Bool
    ) async throws(DefinitionError) -> [String: PlanSnapshot.TrialPlan] {
        let found: [Trial]
        do { found = try await trialStore.all().filter { !$0.isEnding } } catch {
            throw DefinitionError(.unavailable, error.callerMessage, cause: error)
        }
        var plans: [String: PlanSnapshot.TrialPlan] = [:]
        for trial in found {
            let kept = isSame ? known.trials[trial.mark.id]?.plan : nil
            guard let plan = kept ?? trial.compiled(catalogue) else { continue }
            let audiences = definitions.audiences
            plans[trial.mark.id] = PlanSnapshot.TrialPlan(trial: trial, plan: plan, others: members) {
                audiences.isMember($0, $1, now: $2)
            }
        }
        return plans
    }
}
