import Definitions
import HTTPClient
import LiveVersions
import JSONRPC
import Logging
import Models
import Outbound
import Queues
import ServiceKit
import ServiceLifecycle

/// How the parts of action-dispatch are put together.
enum ActionDispatch {
    static func wire(_ host: ServiceHost) async throws(StartError) {
        guard let faults = FaultHook(host.settings[ActionDispatchSettings.fault]) else {
            throw StartError("The setting fault is not of the form kill:TEXT.")
        }
        let client: OutboundClient
        let deployment = try await host.deployment()
        do {
            let policy = try AddressPolicy(allow: host.settings[ActionDispatchSettings.allowOutbound])
            client = try OutboundClient(policy: policy, logger: host.logger)
        } catch { throw StartError(error.description) }
        let sealing = try host.secretSealing()
        let tokens = TokenKeeper(http: client, sealing: sealing, now: ServiceHost.clock)
        let store = host.definitionStore()
        let stopped = StoppedVersions()
        // Known before the first claim, or requests of a stopped journey would still go out.
        do { try await stopped.refresh(from: store) } catch { throw StartError(error.message) }
        var queueSettings = RequestQueueSettings()
        queueSettings.deliveriesMax = Limits.deliveriesMax
        queueSettings.lease = host.settings[ActionDispatchSettings.claimLease]
        queueSettings.waitingBytesMax = host.settings[WaitingSettings.bytes]
        queueSettings.waitingShare = host.settings[WaitingSettings.share]
        queueSettings.waitingAge = host.settings[WaitingSettings.age]
        let queue = RequestQueue(
            redis: host.redis, keys: host.keys, kind: .actions,
            worker: host.processName(), settings: queueSettings, clock: ServiceHost.clock,
            isGone: ServiceHost.isGone)
        let performer = ActionPerformer(
            client: client, book: ActionBook(store: store), stopped: stopped,
            endpoints: Endpoints(placesMax: host.settings[ActionDispatchSettings.endpointPlaces]), tokens: tokens,
            clock: { queue.time.now }, random: { Double.random(in: 0..<1) },
            logger: host.logger, faults: faults)
        let listener = WakeListener(
            redis: host.redis, keys: host.keys, queue: .actions, partitions: deployment.partitions,
            logger: host.logger)
        var settings = RequestWorkerSettings(lease: queueSettings.lease)
        settings.inFlightMax = host.settings[ActionDispatchSettings.inFlight]
        let worker = RequestWorker(
            queue: queue, listener: listener, partitions: deployment.partitions, settings: settings,
            logger: host.logger, refused: { performer.refused($0) }
        ) { claim in await performer.perform(claim) }

        var family = DefinitionFamily<ActionDefinition>(
            kind: .actions, store: store, sealing: sealing, title: "custom action", members: ActionMethods.members,
            example: ActionMethods.example)
        family.changeInUse = ActionMethods.changeInUse
        family.breaks = { change, lookup throws(DefinitionError) in
            try await ChangeCheck().breakage(by: change, lookup: lookup)
        }
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        ActionMethods(family: family, client: client, tokens: tokens).register(in: &host.methods)
        DeadLetterMethods(queue: queue, inspector: inspector, partitions: deployment.partitions, store: store)
            .register(in: &host.methods)
        host.methods.add(ConfigurationMethods([family], store: store).methods)
        host.methods.add(QueueMethods(inspector).methods)
        host.watchQueues(["actions", "actions:claimed", "actions:retry", "actions:suspects", "actions:dead"], inspector)

        host.services.append(StoppedWatch(stopped: stopped, store: store, logger: host.logger))
        host.services.append(listener)
        host.services.append(worker)
        host.status.add("inFlight") { JSONValue(worker.inFlight) }
    }
}

/// Keeps up with which versions are stopped.
struct StoppedWatch: Service {
    let stopped: StoppedVersions
    let store: DefinitionStore
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen: Int64?
            while !Task.isCancelled {
                do {
                    let changes = try await store.changes(of: .journeys)
                    if changes != seen {
                        try await stopped.refresh(from: store)
                        seen = changes
                    }
                } catch {
                    logger.warning("the journeys could not be read", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(1))
            }
        }
    }
}
