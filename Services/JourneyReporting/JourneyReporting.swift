import Definitions
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
                path: host.settings[JourneyReportingSettings.store], deployment: deployment.id)
        } catch { throw StartError("The step store cannot be opened; see the setting store.") }
        let leader = DrainLeader(
            registry: ReplicaRegistry(redis: host.redis, keys: host.keys, service: "journey-reporting"),
            name: host.processName(), logger: host.logger)
        let listener = WakeListener(
            redis: host.redis, keys: host.keys, queue: .steps, partitions: deployment.partitions,
            logger: host.logger)
        var settings = StepDrain.Settings()
        settings.every = host.settings[JourneyReportingSettings.drainEvery]
        settings.retentionMilliseconds = Int64(host.settings[JourneyReportingSettings.retention] / .milliseconds(1))
        let drain = StepDrain(
            queue: StepsQueue(redis: host.redis, keys: host.keys), listener: listener, store: store, leader: leader,
            partitions: deployment.partitions, settings: settings,
            clock: ServiceHost.clock, logger: host.logger)
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        StepEventMethods(store: store, leader: leader).register(in: &host.methods)
        host.methods.add(QueueMethods(inspector).methods)
        host.services.append(leader)
        host.services.append(listener)
        host.services.append(drain)
        host.status.add("leads") { .bool(leader.leads) }
        host.status.add("storedCommits") { .integer(drain.storedCommits) }
    }
}
