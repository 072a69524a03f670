import Definitions
import Foundation
import JSONRPC
import Models
import Queues
import ServiceKit

/// How the parts of event-ingestion are put together.
enum EventIngestion {
    static func wire(_ host: ServiceHost) async throws(StartError) {
        let deployment = try await host.deployment()
        let store = host.definitionStore()
        let sealing = try host.secretSealing()
        let clock = ServiceHost.clock
        let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
        let book = EventBook(store: store, logger: host.logger)
        do { try await book.refresh() } catch { throw StartError(error.message) }

        let memory = MemoryWatch(redis: host.redis, logger: host.logger)
        let inbox = InboxWriter(
            redis: host.redis, keys: host.keys, limits: limits(host), memory: memory, logger: host.logger)
        let taker = EventTaker(
            book: book, inbox: inbox, partitions: deployment.partitions, hashKey: deployment.hashKey, clock: clock,
            makeID: makeID)
        let rejected = RejectedEvents(
            redis: host.redis, keys: host.keys, clock: clock, makeID: makeID, logger: host.logger)
        let batchMax = host.settings[EventIngestionSettings.batchMax]
        CollectionRoutes(
            taker: taker, book: book, limiter: AddressLimiter(), rejected: rejected,
            bodyBytesMax: host.settings[EventIngestionSettings.bodyMax], batchMax: batchMax, clock: clock,
            makeID: makeID, logger: host.logger
        ).register(in: &host.routes)

        let address = host.settings[EventIngestionSettings.publicURL] ?? host.localURL(default: 7101)
        let families = DefinitionFamilies(store: store, sealing: sealing, book: book, address: address)
        families.register(in: &host.methods)
        IngestMethods(taker: taker, book: book, rejected: rejected, batchMax: batchMax).register(in: &host.methods)
        RejectedMethods(rejected: rejected, taker: taker, store: store).register(in: &host.methods)
        let inspector = QueueInspector(redis: host.redis, keys: host.keys, partitions: deployment.partitions)
        host.methods.add(QueueMethods(inspector).methods)
        host.watchQueues(["inbox"], inspector)

        host.services.append(AnnouncementRepair(
            Announcer(store: store, partitions: deployment.partitions), logger: host.logger))
        host.services.append(memory)
        host.services.append(inbox)
        host.services.append(rejected)
        host.services.append(book)
        host.status.add("events") { JSONValue(book.current.events.count) }
    }

    private static func limits(_ host: ServiceHost) -> AppendLimits {
        var limits = AppendLimits()
        limits.inboxElementsMax = host.settings[EventIngestionSettings.inboxMax]
        limits.fetchesMark = host.settings[EventIngestionSettings.requestsMark]
        limits.actionsMark = host.settings[EventIngestionSettings.requestsMark]
        limits.putOffBytesMax = host.settings[WaitingSettings.bytes]
        limits.stepsMark = host.settings[EventIngestionSettings.stepsMark]
        limits.duplicateWindow = host.settings[EventIngestionSettings.duplicateWindow]
        return limits
    }
}
