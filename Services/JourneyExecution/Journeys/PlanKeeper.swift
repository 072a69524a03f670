import Audiences
import Definitions
import Engine
import Expressions
import Logging
import Models
import Redis
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
    fileprivate let limits: EngineLimits
    fileprivate let plans: [PlanKeeper.PlanKey: Plan]
    fileprivate let changes: [Int64]
    fileprivate let lives: [String: JourneyLife]
    /// Tests and dry runs that are under way, by id.
    let trials: [String: TrialPlan]
    /// The dry runs among them, in the order of their ids.
    let dryRuns: [TrialPlan]

    /// The engine of a test.
    func engine(partition: Int, trial: TrialPlan) -> Engine {
        Engine(
            journeys: trial.journeys, deployment: deployment.hashKey, partition: partition, limits: limits,
            run: trial.trial.run)
    }

    /// An event that leads into a journey.
    struct Entrance: Sendable {
        let journey: String
        let version: Int64
        let event: String
    }

    /// Versions that people may be inside, oldest first.
    func versions(of journey: String) -> [Int64] { lives[journey]?.versions ?? [] }

    func isPaused(_ journey: String) -> Bool { lives[journey]?.isPaused ?? false }

    func isLive(_ journey: String, _ version: Int64) -> Bool { lives[journey]?.live == version }

    /// How a version reads its audience; nil where it does not.
    func reader(_ journey: String, _ version: Int64) -> JourneyNode.ReadAudience? {
        lives[journey]?.readers[version]
    }

    /// The live journeys that one of these business events starts.
    func starts(by events: [String]) -> [Entrance] {
        lives.compactMap { name, life -> Entrance? in
            guard let live = life.live, !life.isPaused, let event = life.business.first(where: events.contains) else {
                return nil
            }
            return Entrance(journey: name, version: live, event: event)
        }.sorted { $0.journey < $1.journey }
    }

    /// The live journeys that read an audience by themselves, at a time or again and again.
    var schedules: [RunSchedule.Entry] {
        lives.compactMap { name, life -> RunSchedule.Entry? in
            guard let live = life.live, !life.isPaused, life.business.isEmpty, let reading = life.readers[live],
                let zone = life.zone
            else { return nil }
            return RunSchedule.Entry(
                journey: name, version: live, schedule: reading.schedule, zone: zone, publishedAt: life.publishedAt)
        }.sorted { $0.journey < $1.journey }
    }

    func engine(partition: Int) -> Engine {
        Engine(journeys: journeys, deployment: deployment.hashKey, partition: partition, limits: limits)
    }
}

/// Compiles every version that can have people inside, and again when a definition that it uses changes.
final class PlanKeeper: Service {
    fileprivate struct PlanKey: Hashable {
        let journey: String
        let version: Int64
        /// A journey whose name was deleted long ago may count its versions from 1 again.
        let publishedAt: Int64
        /// Plans know the labels of their nodes.
        let editedAt: Int64?
    }

    private let store: DefinitionStore
    private let announcer: Announcer
    private let shelf: JourneyShelf
    /// The bounds of the engine.
    let limits: EngineLimits
    private let trialStore: TrialStore
    private let poll: Duration
    private let now: @Sendable () -> Int64
    private let logger: Logger
    private let snapshot: Mutex<PlanSnapshot>
    /// Kinds whose documents go into a plan.
    private static let kinds: [DefinitionKind] = [.schemas, .events, .dataSources, .actions, .audiences]

    /// - Parameter now: milliseconds since 1970.
    init(
        store: DefinitionStore, announcer: Announcer, trials: TrialStore, deployment: Deployment,
        limits: EngineLimits = EngineLimits(), poll: Duration = .seconds(2), now: @escaping @Sendable () -> Int64,
        logger: Logger
    ) {
        self.store = store
        self.announcer = announcer
        shelf = JourneyShelf(store: store)
        trialStore = trials
        self.limits = limits
        self.poll = poll
        self.now = now
        self.logger = logger
        let empty = PlanSnapshot(
            revision: -1, journeys: .empty,
            catalogue: Catalogue(schemas: [], events: [], dataSources: [], actions: []),
            audiences: .empty, keptEvents: [],
            entrances: [], deployment: deployment, limits: limits, plans: [:], changes: [], lives: [:], trials: [:],
            dryRuns: [])
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

    /// What journeys may name beside each other, all of one moment.
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
            catalogue: catalogue, audiences: audiences, keptEvents: Set(events.filter(\.isKept).map(\.name)))
    }

    private func load(_ number: Int64) async throws(DefinitionError) -> PlanSnapshot {
        let changes = try await definitionChanges()
        let known = current
        let isSame = known.changes == changes
        let definitions =
            isSame
            ? Known(catalogue: known.catalogue, audiences: known.audiences, keptEvents: known.keptEvents)
            : try await readCatalogue(changes)
        let content = try await shelf.read()
        // A version that is new may jump into a journey that is newer than what is known of them.
        let catalogue = definitions.catalogue.with(journeys: content.facts)
        var plans: [PlanKey: Plan] = [:]
        var members: [JourneySet.Member] = []
        var lives: [String: JourneyLife] = [:]
        let now = now()
        for journey in content.items {
            for version in journey.versions where version.until.map({ now < $0 }) ?? true {
                let key = PlanKey(
                    journey: journey.name, version: version.number, publishedAt: version.publishedAt,
                    editedAt: version.editedAt)
                let kept = isSame ? known.plans[key] : nil
                guard let plan = kept ?? compile(version, of: journey, catalogue) else { continue }
                plans[key] = plan
                members.append(.init(plan: plan, state: version.state, origin: journey.origin))
            }
            lives[journey.name] = journey.life
        }
        let audiences = definitions.audiences
        let trials = try await trials(definitions, catalogue, known, members, isSame: isSame)
        let fresh = PlanSnapshot(
            revision: number,
            journeys: JourneySet(members) { audiences.isMember($0, $1, now: $2) },
            catalogue: catalogue, audiences: audiences, keptEvents: definitions.keptEvents,
            entrances: Self.entrances(members), deployment: known.deployment, limits: limits, plans: plans,
            changes: changes, lives: lives, trials: trials,
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
            guard
                let plan = kept
                    ?? Plan.compile(
                        JourneyDocument(trial.document), version: Trial.version, catalogue: catalogue
                    ).plan
            else { continue }
            let audiences = definitions.audiences
            plans[trial.mark.id] = PlanSnapshot.TrialPlan(trial: trial, plan: plan, others: members) {
                audiences.isMember($0, $1, now: $2)
            }
        }
        return plans
    }

    private static func entrances(_ members: [JourneySet.Member]) -> [PlanSnapshot.Entrance] {
        var newest: [String: Plan] = [:]
        for plan in members.filter({ $0.state != .finished }).map(\.plan)
        where plan.version >= newest[plan.journey]?.version ?? 0 {
            newest[plan.journey] = plan
        }
        return newest.values.sorted { $0.journey < $1.journey }.map {
            .init(journey: $0.journey, version: $0.version, event: $0.entryEvent)
        }
    }

    private func compile(_ version: JourneyShelf.Version, of journey: JourneyShelf.Item, _ catalogue: Catalogue)
        -> Plan?
    {
        let plan = journey.document(of: version.number).flatMap {
            Plan.compile($0, version: version.number, catalogue: catalogue).plan
        }
        // What a finished version names may be gone by now; with it goes its goal.
        if plan == nil, version.state != .finished {
            // It was valid when published, and definitions in use may only grow, so this is a fault of ours.
            logger.error(
                "a published version does not compile any more",
                metadata: ["journey": "\(journey.name)", "version": "\(version.number)"])
        }
        return plan
    }
}

/// What the rounds know of a journey's life beside its plans.
struct JourneyLife: Sendable {
    /// That people may be inside, oldest first.
    let versions: [Int64]
    let live: Int64?
    let isPaused: Bool
    let readers: [Int64: JourneyNode.ReadAudience]
    /// Business events that start the live version.
    let business: [String]
    /// Whose clocks the schedule of the live version goes by.
    let zone: Zone?
    let publishedAt: Int64

    init(_ record: JourneyRecord) {
        versions = record.versions.filter { record.engineState(of: $0) != nil }.map(\.number)
        live = record.live?.number
        isPaused = record.pause != nil
        publishedAt = record.live?.publishedAt ?? 0
        guard let live = record.live, let (reading, document) = live.reading else {
            readers = [:]
            business = []
            zone = nil
            return
        }
        readers = [live.number: reading]
        business = document.nodes.compactMap { node in
            if case .businessEvent(let event) = node.body { event } else { nil }
        }
        zone =
            switch document.properties.timezone {
            case .fixed(let name): Zone(identifier: name)
            case .profile(_, let fallback): Zone(identifier: fallback)
            }
    }
}

extension JourneyRecord {
    /// How the engine sees a version; nil where nobody can be inside.
    func engineState(of version: Version) -> JourneySet.State? {
        switch version.state {
        case .live:
            if let pause { .paused(onAction: pause.onAction) } else { .live }
        case .closed:
            if let pause { .paused(onAction: pause.onAction) } else { .closed }
        case .stopped: .stopped
        case .draft, .finished, .paused: nil
        }
    }
}

extension JourneyRecord {
    /// Until when those who left a finished version last may still reach its goal; nil where there is none, or the
    /// version is not finished. The window is counted from the entry, so it is over by then.
    func goalUntil(of version: Version) -> Int64? {
        guard version.state == .finished, let finished = version.endedAt,
            version.document["properties"]?["goal"] != nil
        else { return nil }
        let properties = JourneyDocument(version.document).properties
        return properties.goal.map { finished &+ ($0.withinMilliseconds ?? properties.globalTimeoutMilliseconds) }
    }
}

extension JourneyRecord.Version {
    /// How it reads an audience, where it does.
    var reading: (JourneyNode.ReadAudience, JourneyDocument)? {
        guard document["nodes"]?.arrayValue?.contains(where: { $0["type"] == "readAudience" }) ?? false else {
            return nil
        }
        let document = JourneyDocument(document)
        for node in document.nodes {
            if case .readAudience(let reading) = node.body { return (reading, document) }
        }
        return nil
    }
}
