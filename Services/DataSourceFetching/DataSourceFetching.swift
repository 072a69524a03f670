import Audiences
import Definitions
import HTTPClient
import JSONRPC
import Logging
import Models
import Outbound
import Queues
import Redis
import ServiceLifecycle

/// The parts of this service and how they hang together.
struct DataSourceFetching: Sendable {
    /// What the parts are made from.
    struct Options: Sendable {
        var allowOutbound: [String] = []
        var inFlightMax = 512
        var endpointPlaces = 64
        var attemptsMax = 3
        var cacheBytesMax = 64 << 20
        var lease: Duration = .seconds(20)
        var drain: Duration = .seconds(6)
        var certificateFile: String?
        /// Unique to this start of this process.
        var worker = "worker"
        /// Whether the process of another worker is known to be there no longer.
        var isGone: @Sendable (String) -> Bool = { _ in false }
        /// Bounds of requests that are put off: bytes of a partition, the part of one field group in percent, and time.
        var waitingBytesMax = RequestQueueSettings().waitingBytesMax
        var waitingShare = RequestQueueSettings().waitingShare
        var waitingAge = RequestQueueSettings().waitingAge
        /// Milliseconds since 1970.
        var now: @Sendable () -> Int64
        /// 0 up to 1, for the pauses between attempts.
        var random: @Sendable () -> Double = { .random(in: 0..<1) }
    }

    /// In the order of starting; stopped in reverse.
    let services: [any Service]
    let methods: [RPCMethod]
    let worker: RequestWorker
    let lookups: Lookups
    let sources: DefinitionCache<DataSourceDefinition>
    let audiences: AudienceBook
    let walked = WalkFigures()

    init(
        redis: RedisClient, keys: QueueKeys, deployment: Deployment, store: DefinitionStore, sealing: SecretSealing,
        options: Options, logger: Logger
    ) throws {
        var outbound = OutboundClientSettings()
        outbound.inFlightMax = max(outbound.inFlightMax, options.inFlightMax * 2)
        outbound.certificateFile = options.certificateFile
        let http = try OutboundClient(
            settings: outbound, policy: try AddressPolicy(allow: options.allowOutbound), logger: logger)
        let subscriber = try redis.subscriber()
        let sources = DefinitionCache(
            DataSourceDefinition.self, store: store, kind: .dataSources, subscriber: subscriber, logger: logger)
        let client = SourceClient(
            http: http, endpoints: Endpoints(placesMax: options.endpointPlaces, endpointsMax: Limits.endpointsMax),
            tokens: TokenKeeper(http: http, sealing: sealing, now: options.now),
            retry: RetryPolicy(attemptsMax: options.attemptsMax, delayBase: .milliseconds(100)),
            clock: SteadyClock(wallMilliseconds: options.now), random: options.random, counters: LookupCounters(),
            logger: logger)
        let lookups = Lookups(client: client, sources: sources, cacheBytesMax: options.cacheBytesMax)
        let listener = WakeListener(
            redis: redis, keys: keys, queue: .fetches, partitions: deployment.partitions, logger: logger)
        worker = Self.worker(redis, keys, deployment, listener, lookups, options, logger)
        let book = AudienceBook(store: store, keys: keys, subscriber: subscriber, logger: logger)
        let walker = Self.walker(redis, keys, deployment, book, walked, options, logger)
        services = [
            HeldOpen(open: {}, close: { await http.close(grace: .seconds(1)) }),
            HeldOpen(open: { try subscriber.start() }, close: { await subscriber.close() }),
            sources, book, listener, worker, walker,
        ]
        let family = SourceFamily.make(store: store, sealing: sealing, cache: sources)
        let profiles = Profiles(
            redis: redis, keys: keys, partitions: deployment.partitions, audiences: book, now: options.now)
        let audienceFamily = AudienceFamily.make(
            store: store, sealing: sealing, book: book, evaluations: walker.evaluations,
            announcer: Announcer(store: store, partitions: deployment.partitions), now: options.now)
        methods =
            family.methods + SourceTest(store: store, client: client).methods
            + FetchMethods(lookups: lookups).methods + ProfileMethods(profiles: profiles).methods
            + Self.audienceMethods(audienceFamily, walker)
            + ConfigurationMethods(
                [family, audienceFamily, ProfileConfiguration(profiles: profiles)], store: store
            ).methods
        audiences = book
        self.lookups = lookups
        self.sources = sources
    }

    private static func walker(
        _ redis: RedisClient, _ keys: QueueKeys, _ deployment: Deployment, _ book: AudienceBook,
        _ figures: WalkFigures, _ options: Options, _ logger: Logger
    ) -> AudienceWalker {
        AudienceWalker(
            book: book, evaluations: AudienceEvaluations(redis: redis, keys: keys, now: options.now),
            sets: AudienceSets(redis: redis, keys: keys, partitions: deployment.partitions),
            walks: AudienceWalks(redis: redis, keys: keys, owner: options.worker, lease: Limits.walkLease),
            figures: figures, partitions: deployment.partitions, now: options.now, logger: logger)
    }

    private static func audienceMethods(
        _ family: DefinitionFamily<AudienceDefinition>, _ walker: AudienceWalker
    ) -> [RPCMethod] {
        AudienceMethods(
            family: family, book: walker.book, evaluations: walker.evaluations,
            status: AudienceStatus(
                book: walker.book, evaluations: walker.evaluations, sets: walker.sets, walks: walker.walks,
                partitions: walker.partitions)
        ).methods
    }

    private static func worker(
        _ redis: RedisClient, _ keys: QueueKeys, _ deployment: Deployment, _ listener: WakeListener,
        _ lookups: Lookups, _ options: Options, _ logger: Logger
    ) -> RequestWorker {
        var settings = RequestQueueSettings()
        settings.lease = options.lease
        settings.waitingBytesMax = options.waitingBytesMax
        settings.waitingShare = options.waitingShare
        settings.waitingAge = options.waitingAge
        let queue = RequestQueue(
            redis: redis, keys: keys, kind: .fetches, worker: options.worker, settings: settings,
            isGone: options.isGone)
        var bounds = RequestWorkerSettings(lease: options.lease)
        bounds.inFlightMax = options.inFlightMax
        bounds.drain = options.drain
        let performer = FetchPerformer(
            lookups: lookups, places: CapPlaces(redis: redis, keys: keys), lease: options.lease, logger: logger)
        return RequestWorker(
            queue: queue, listener: listener, partitions: deployment.partitions, settings: bounds, logger: logger,
            refused: { performer.refused($0) }
        ) { claim in await performer.perform(claim) }
    }

    /// This service's part of `service.status`.
    func status() -> JSONValue {
        let cached = lookups.cached
        var status: JSONObject = [
            "inFlight": JSONValue(worker.inFlight), "dataSources": JSONValue(sources.current.sorted.count),
            "audiences": [
                "count": JSONValue(audiences.rules.sorted.count), "peopleEvaluated": JSONValue(walked.evaluated),
            ],
            "cache": ["answers": JSONValue(cached.count), "bytes": JSONValue(cached.bytes)],
        ]
        status.merge(lookups.client.counters.figures.json)
        status["endpoints"] = .array(
            lookups.client.endpoints.figures.prefix(100).map { endpoint in
                [
                    "name": .string(endpoint.name), "inFlight": JSONValue(endpoint.inside),
                    "breaker": endpoint.isOpen ? "open" : "closed",
                ]
            })
        return .object(status)
    }
}
