import Definitions
import Engine
import Foundation
import HTTPClient
import JSONRPC
import Models
import Queues
import ServiceKit
import ServiceLifecycle
import Synchronization

/// How the parts of journey-execution are put together.
enum JourneyExecution {
    static func wire(_ host: ServiceHost) async throws(StartError) {
        guard let faults = FaultPoints(host.settings[JourneyExecutionSettings.fault]) else {
            throw StartError("The setting fault is not of the form POINT:N or trap:ID.")
        }
        let deployment = try await host.deployment()
        let clock = ServiceHost.clock
        let store = host.definitionStore()
        let announcer = Announcer(store: store, partitions: deployment.partitions)
        let trials = TrialStore(redis: host.redis, keys: host.keys)
        var limits = EngineLimits()
        limits.keptEventsMax = host.settings[JourneyExecutionSettings.keptEvents]
        limits.instancesMax = host.settings[JourneyExecutionSettings.instances]
        let plans = PlanKeeper(
            store: store, announcer: announcer, trials: trials, deployment: deployment, limits: limits, now: clock,
            logger: host.logger)
        let inside = InsideReader(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        let book = JourneyBook(
            store: store, plans: plans, inside: inside, inbox: InboxAppender(redis: host.redis, keys: host.keys),
            announcer: announcer, partitions: deployment.partitions, clock: clock)
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)

        JourneyMethods(book: book).register(in: &host.methods)
        JourneyExchangeMethods(book: book).register(in: &host.methods)
        PauseMethods(book: book).register(in: &host.methods)
        MoveMethods(book: book).register(in: &host.methods)
        InstanceMethods(book: book).register(in: &host.methods)
        let tracer = try tracer(host, deployment, plans)
        let replayer = InstanceReplayer(steps: tracer.steps, book: book)
        TraceMethods(tracer: tracer, replayer: replayer).register(in: &host.methods)
        let trialBook = TrialBook(book: book)
        TestMethods(book: book, trials: trialBook, tracer: tracer, token: { UUID().uuidString.lowercased() })
            .register(in: &host.methods)
        DryRunMethods(book: book, trials: trialBook, tracer: tracer).register(in: &host.methods)
        ExpressionMethods(book: book, plans: plans).register(in: &host.methods)
        SimulationMethods(store: store).register(in: &host.methods)
        host.methods.add(ConfigurationMethods([JourneyConfiguration(book: book)], store: store).methods)
        host.methods.add(QueueMethods(inspector).methods)
        host.watchQueues(["inbox", "inbox:dead", "timers"], inspector)

        host.services.append(AnnouncementRepair(announcer, logger: host.logger))
        host.services.append(Housekeeping(book: book, every: .seconds(15), logger: host.logger))
        host.services.append(plans)
        let starter = RunStarter(
            redis: host.redis, keys: host.keys, inbox: InboxAppender(redis: host.redis, keys: host.keys),
            partitions: deployment.partitions, clock: clock)
        RunMethods(book: book, starter: starter).register(in: &host.methods)
        host.services.append(
            RunSchedule(
                plans: plans, starter: starter, every: .seconds(1), clock: clock, logger: host.logger))
        addLoops(host, deployment, plans, starter, faults, clock)
    }

    private static func tracer(
        _ host: ServiceHost, _ deployment: Deployment, _ plans: PlanKeeper
    ) throws(StartError) -> Tracer {
        let base = host.settings[JourneyExecutionSettings.reportingURL]
        guard let parts = URLComponents(string: base), let name = parts.host, !name.isEmpty else {
            throw StartError("The setting journey-reporting-url must be a URL such as http://10.0.0.5:7105.")
        }
        let client: OutboundClient
        do {
            // The setting says where it is, this machine included, and nothing else is called.
            let port = parts.port ?? (parts.scheme == "https" ? 443 : 80)
            let policy = try AddressPolicy(allow: ["\(name):\(port)"])
            client = try OutboundClient(policy: policy, logger: host.logger)
        } catch { throw StartError("journey-reporting cannot be called: \(error.message)") }
        host.services.append(OpenClient(client: client))
        let steps = StepReader(
            client: client, url: (base.hasSuffix("/") ? String(base.dropLast()) : base) + "/rpc",
            key: try host.adminKey(), logger: host.logger)
        let live = LiveReader(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        return Tracer(steps: steps, live: live, plans: plans, partitions: deployment.partitions)
    }

    /// Closes the client after all that uses it has stopped.
    private struct OpenClient: Service {
        let client: OutboundClient

        func run() async throws {
            try? await gracefulShutdown()
            await client.close()
        }
    }

    /// The lease loop stands before the engine loops, so that at shutdown they stop first and it gives back after.
    private static func addLoops(
        _ host: ServiceHost, _ deployment: Deployment, _ plans: PlanKeeper, _ starter: RunStarter,
        _ faults: FaultPoints,
        _ clock: @escaping @Sendable () -> Int64
    ) {
        var leases = LeaseSettings()
        leases.lease = host.settings[JourneyExecutionSettings.lease]
        leases.beatEvery = leases.lease / 5
        leases.replicaGone = leases.lease + leases.beatEvery
        let keeper = LeaseKeeper(
            redis: host.redis, keys: host.keys, service: "journey-execution",
            owner: host.processName(), partitions: deployment.partitions,
            settings: leases, logger: host.logger, isGone: ServiceHost.isGone)
        let rounds = RoundRunner(
            keys: host.keys, reader: RoundReader(redis: host.redis, keys: host.keys),
            committer: Committer(redis: host.redis, keys: host.keys), plans: plans,
            partitions: deployment.partitions, starter: starter,
            retake: { partition in
                do {
                    let lease = try await keeper.retake(partition.number, above: partition.fence)
                    return lease.map(RoundRunner.Retaken.taken) ?? .lost
                } catch { return .unknown }
            },
            forget: { keeper.forget($0, fence: $1) }, alone: Turn(),
            brokenRetry: host.settings[JourneyExecutionSettings.brokenRetry], faults: faults, metrics: EngineMetrics(),
            logger: host.logger, clock: clock)
        var settings = EngineLoop.Settings()
        settings.gathering = host.settings[JourneyExecutionSettings.gathering]
        let count = min(host.settings[JourneyExecutionSettings.loops], deployment.partitions)
        let listeners = (0..<count).map { _ in
            WakeListener(
                redis: host.redis, keys: host.keys, queue: .inbox, partitions: deployment.partitions,
                logger: host.logger)
        }
        let loops = listeners.map { listener in
            EngineLoop(
                settings: settings, rounds: rounds, listener: listener, leases: keeper, logger: host.logger)
        }
        for listener in listeners { host.services.append(listener) }
        host.services.append(
            LeaseLoop(
                people: ComposedPeople(
                    redis: host.redis, keys: host.keys, partitions: deployment.partitions,
                    service: "journey-execution", owner: host.processName(), logger: host.logger, clock: clock),
                keeper: keeper, loops: loops, every: leases.beatEvery, logger: host.logger))
        host.services.append(EngineLoops(loops: loops))
        host.status.add("leases") { JSONValue.array(loops.flatMap(\.partitions).sorted().map { JSONValue($0) }) }
        host.status.add("configurationRevision") { .integer(plans.current.revision) }
    }
}
