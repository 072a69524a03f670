import Glibc
import JSONRPC
import Logging
import NIOCore
import Queues
import Redis
import ServiceLifecycle
import UnixSignals

/// One run of a service: the HTTP server from the beginning, the service itself once Redis answers.
///
/// On a signal the server stops first (no new connection, answers are finished), then the loops in reverse order, then
/// Redis is closed.
struct ServiceRun: Sendable {
    let description: ServiceDescription
    let settings: Settings
    let parts: ServiceParts
    let logger: Logger
    let metrics: MetricsRegistry
    let listening: @Sendable (Int) async -> Void
    let build: ServiceProcess.Build

    func run(signals: [UnixSignal]) async throws {
        let readiness = ReadinessState(away: "The service is starting.")
        let content = ServerContent()
        var serving = RPCServerSettings(host: settings[CommonSettings.host], port: settings[description.port])
        serving.isLoopBound = description.hasShortRequests
        let server = RPCServer(
            settings: serving, service: description.name, version: Product.version, content: content,
            authenticator: parts.authenticator, readiness: readiness, metricsText: { [metrics] in metrics.text() },
            observer: CallCounter(metrics), logger: logger
        ) { [logger, listening] port in
            logger.notice("Listening", metadata: ["port": "\(port)"])
            await listening(port)
        }
        ProcessFigures.register(in: metrics)
        let work = Work(run: self, readiness: readiness, content: content)
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(service: work),
                .init(service: BoundedStop(service: server, stopTimeMax: settings[CommonSettings.drainTime] / 2)),
                .init(service: StopNotice(readiness: readiness, logger: logger)),
            ], gracefulShutdownSignals: signals, logger: LineLogHandler.quiet(logger))
        configuration.maximumGracefulShutdownDuration = settings[CommonSettings.drainTime]
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            let place = "\(settings[CommonSettings.host]):\(settings[description.port])"
            throw StartError(
                "Listening on \(place) failed: \(String(cString: strerror(error.errnoCode))).", cause: error)
        }
        logger.notice("Stopped")
    }

    /// The service itself.
    private struct Work: Service {
        let run: ServiceRun
        let readiness: ReadinessState
        let content: ServerContent

        func run() async throws {
            guard let redis = run.parts.redis else { return try await serve(redis: nil) }
            do throws(RedisError) { try redis.start() } catch {
                throw StartError("Redis cannot be used: \(error.message)", cause: error)
            }
            let watch = RedisWatch(redis: redis, readiness: readiness, logger: run.logger)
            let outcome: Result<Void, any Error>
            do {
                if await watch.waitUntilThere() { try await serve(redis: redis, with: watch) }
                outcome = .success(())
            } catch { outcome = .failure(error) }
            await redis.close()
            try outcome.get()
        }

        private func serve(redis: RedisClient?, with watch: RedisWatch? = nil) async throws {
            let status = ServiceStatus(
                name: run.description.name, readiness: readiness, nowMilliseconds: WallTime.milliseconds)
            var methods = MethodRegistry(
                service: run.description.name, version: Product.version, summary: run.description.summary)
            methods.add(status.method)
            let host = ServiceHost(
                description: run.description, settings: run.settings, redis: redis, keys: run.parts.keys,
                logger: run.logger, metrics: run.metrics,
                readiness: readiness, status: status, secrets: run.parts.secrets, apiKeys: run.parts.apiKeys,
                authenticator: run.parts.authenticator, methods: methods)
            var services: [any Service] = []
            if let redis, let watch {
                let refresh = KeyRefresh(
                    redis: redis, key: run.parts.keys.config("keys"), table: run.parts.apiKeys,
                    interval: run.settings[CommonSettings.keysRefresh], logger: run.logger)
                await refresh.refresh()
                services = [watch, refresh]
            }
            try await run.build(host)
            content.install(
                host.methods, routes: host.routes, observer: CallCounter(run.metrics), logger: run.logger)
            readiness.setAway(nil)
            run.logger.notice("Ready")
            services += host.services
            if services.isEmpty { services = [UntilStopped()] }
            let group = ServiceGroup(
                configuration: .init(services: services, logger: LineLogHandler.quiet(run.logger)))
            try await group.run()
        }
    }

    /// Says, before anything else stops, that no new work should come.
    private struct StopNotice: Service {
        let readiness: ReadinessState
        let logger: Logger

        func run() async throws {
            try? await gracefulShutdown()
            readiness.setNotReady("process", "The service is stopping.")
            logger.notice("Stopping")
        }
    }

    /// Keeps a service without loops running.
    private struct UntilStopped: Service {
        func run() async throws { try? await gracefulShutdown() }
    }
}

extension LineLogHandler {
    /// For libraries, whose notices about their own inner life help nobody here.
    static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }
}
