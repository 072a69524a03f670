import Definitions
import HTTPClient
import JSONRPC
import Models
import Queues
import ServiceKit

/// How the parts of journey-reporting are put together.
enum JourneyReporting {
    static func wire(_ host: ServiceHost) async throws(StartError) {
        let store: SQLiteStepStore
        let deployment = try await host.deployment()
        do {
            store = try SQLiteStepStore(
                path: host.settings[JourneyReportingSettings.store], deployment: deployment.id,
                clock: ServiceHost.clock)
        } catch { throw StartError("The step store cannot be opened; see the setting store.") }
        let leader = DrainLeader(
            registry: ReplicaRegistry(
                redis: host.redis, keys: host.keys, service: "journey-reporting", isGone: ServiceHost.isGone),
            name: host.processName(), logger: host.logger)
        let listener = WakeListener(
            redis: host.redis, keys: host.keys, queue: .steps, partitions: deployment.partitions,
            logger: host.logger)
        var settings = StepDrain.Settings()
        settings.every = host.settings[JourneyReportingSettings.drainEvery]
        let board = LiveBoard()
        let drain = StepDrain(
            queue: StepsQueue(redis: host.redis, keys: host.keys), listener: listener, store: store, board: board,
            leader: leader, tidying: tidying(host, store), partitions: deployment.partitions, settings: settings,
            clock: ServiceHost.clock, logger: host.logger)
        let documents = JourneyDocuments(store: host.definitionStore(), logger: host.logger)
        let report = LiveReport(store: store, board: board, documents: documents, clock: ServiceHost.clock)
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        StepEventMethods(store: store, leader: leader).register(in: &host.methods)
        ReportMethods(store: store, leader: leader, live: report).register(in: &host.methods)
        host.methods.add(QueueMethods(inspector).methods)
        host.watchQueues(["steps"], inspector)
        host.services.append(leader)
        host.services.append(listener)
        host.services.append(drain)
        host.services.append(
            LivePublisher(redis: host.redis, keys: host.keys, report: report, leader: leader, logger: host.logger))
        try addAlerts(to: host, store: store, inspector: inspector, documents: documents, leader: leader)
        host.status.add("leads") { .bool(leader.leads) }
        host.status.add("storedCommits") { .integer(drain.storedCommits) }
    }

    private static func addAlerts(
        to host: ServiceHost, store: any StepStore, inspector: QueueInspector, documents: JourneyDocuments,
        leader: DrainLeader
    ) throws(StartError) {
        let client: OutboundClient
        do {
            let policy = try AddressPolicy(allow: host.settings[JourneyReportingSettings.allowOutbound])
            client = try OutboundClient(policy: policy, logger: host.logger)
        } catch { throw StartError(error.description) }
        let definitions = host.definitionStore()
        let sealing = try host.secrets == nil ? SecretSealing.withoutKey : host.secretSealing()
        let states = AlertStore(redis: host.redis, keys: host.keys)
        let webhook = Webhook(client: client, sealing: sealing, clock: ServiceHost.clock)
        let methods = AlertMethods(
            store: definitions, sealing: sealing, states: states, webhook: webhook, clock: ServiceHost.clock)
        methods.register(in: &host.methods)
        host.methods.add(ConfigurationMethods([methods.family], store: definitions).methods)
        host.services.append(
            AlertWatch(
                definitions: definitions, states: states, store: store, inspector: inspector, documents: documents,
                webhook: webhook, leader: leader, every: host.settings[JourneyReportingSettings.alertEvery],
                clock: ServiceHost.clock, logger: host.logger))
    }

    private static func tidying(_ host: ServiceHost, _ store: any StepStore) -> StoreTidying {
        StoreTidying(
            store: store,
            recordsKeptMilliseconds: Int64(host.settings[JourneyReportingSettings.retention] / .milliseconds(1)),
            countsKeptMilliseconds: Int64(host.settings[JourneyReportingSettings.countRetention] / .milliseconds(1)))
    }
}
